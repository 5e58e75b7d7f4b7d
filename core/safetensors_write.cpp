#include <algorithm>
#include <vector>

#include "core/error.h"
#include "core/json.h"
#include "core/safetensors.h"

namespace fewer {
namespace {

// Wide elements first: each tensor then begins at a multiple of its element size, as all before it are multiples of it.
std::vector<const Safetensors::Entry*> in_file_order(const Safetensors& file) {
  std::vector<const Safetensors::Entry*> order;
  for (const auto& entry : file.entries) order.push_back(&entry);
  std::stable_sort(order.begin(), order.end(),
                   [](const auto* a, const auto* b) { return element_size(a->dtype) > element_size(b->dtype); });
  return order;
}

Json describe_entry(const Safetensors::Entry& entry, int64_t begin) {
  Json shape = Json::list(), offsets = Json::list();
  for (int64_t size : entry.shape) shape.items.push_back(Json::integer(size));
  offsets.items = {Json::integer(begin), Json::integer(begin + static_cast<int64_t>(entry.bytes.size()))};
  Json described = Json::object();
  described.add("dtype", Json::string(entry.dtype))
      .add("shape", std::move(shape))
      .add("data_offsets", std::move(offsets));
  return described;
}

std::string header_of(const Safetensors& file, const std::vector<const Safetensors::Entry*>& order) {
  Json header = Json::object();
  if (!file.metadata.empty()) {
    Json metadata = Json::object();
    for (const auto& [key, value] : file.metadata) metadata.add(key, Json::string(value));
    header.add("__metadata__", std::move(metadata));
  }
  int64_t offset = 0;
  for (const auto* entry : order) {
    header.add(entry->name, describe_entry(*entry, offset));
    offset += static_cast<int64_t>(entry->bytes.size());
  }
  std::string text = compact_json(header);
  text.resize((text.size() + 7) / 8 * 8, ' ');  // the data begins 8 + this many bytes into the file
  return text;
}

}  // namespace

std::string to_bytes(const Safetensors& file) {
  const std::vector<const Safetensors::Entry*> order = in_file_order(file);
  const std::string header = header_of(file, order);
  ENSURE(header.size() <= kMaxJsonBytes, "safetensors: the header would have ", header.size(), " bytes; at most ",
         kMaxJsonBytes, " can be read back");
  size_t size = 8 + header.size();
  for (const auto* entry : order) size += entry->bytes.size();
  std::string bytes;
  bytes.reserve(size);
  for (int i = 0; i < 8; ++i) bytes += static_cast<char>(header.size() >> (8 * i) & 0xff);
  bytes += header;
  for (const auto* entry : order) bytes += entry->bytes;
  return bytes;
}

}  // namespace fewer
