// Making entries and turning them back; the layout itself is in safetensors_parse.cpp and safetensors_write.cpp.
#include "core/safetensors.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "core/error.h"
#include "core/files.h"

namespace fewer {
namespace {

static_assert(std::endian::native == std::endian::little,
              "safetensors files are little-endian; bytes are copied as they are");

constexpr std::pair<std::string_view, int64_t> kDtypes[] = {
    {"F32", 4},     {"F64", 8},     {"I32", 4},     {"U8", 1},  {"BOOL", 1}, {"I8", 1},  {"F8_E4M3", 1}, {"F8_E5M2", 1},
    {"F8_E8M0", 1}, {"I16", 2},     {"U16", 2},     {"F16", 2}, {"BF16", 2}, {"U32", 4}, {"I64", 8},     {"U64", 8},
    {"C64", 8},
};
constexpr const char* kRealDtype = sizeof(Real) == 4 ? "F32" : "F64";

void add_entry(Safetensors& file, const std::string& name, const char* dtype, const Shape& shape, const void* data) {
  ENSURE(file.find(name) == nullptr, "safetensors: two tensors are called \"", name, "\"");
  ENSURE(name != "__metadata__", "safetensors: no tensor may be called \"", name, "\"");
  const size_t size = static_cast<size_t>(shape.numel() * element_size(dtype));
  file.entries.push_back(
      {name, dtype, {shape.begin(), shape.end()}, std::string(static_cast<const char*>(data), size)});
}

Shape shape_of(const Safetensors::Entry& entry, const std::string& where) {
  if (entry.shape.size() > Shape::kMaxRank) {
    fail_data(where, ": tensor \"", entry.name, "\" has ", entry.shape.size(), " axes; at most ", Shape::kMaxRank,
              " are supported");
  }
  return Shape(std::span<const int64_t>(entry.shape));
}

template <class Stored, class Wanted>
void convert(const std::string& bytes, Wanted* out) {
  for (size_t i = 0; i < bytes.size() / sizeof(Stored); ++i) {
    Stored value;
    std::memcpy(&value, bytes.data() + i * sizeof(Stored), sizeof(Stored));
    out[i] = static_cast<Wanted>(value);
  }
}

}  // namespace

int64_t element_size(std::string_view dtype) {
  for (const auto& [name, size] : kDtypes)
    if (name == dtype) return size;
  return 0;
}

const Safetensors::Entry* Safetensors::find(std::string_view name) const {
  const auto found =
      std::find_if(entries.begin(), entries.end(), [&](const Entry& entry) { return entry.name == name; });
  return found == entries.end() ? nullptr : &*found;
}

void Safetensors::add(const std::string& name, const Tensor& tensor) {
  add_entry(*this, name, kRealDtype, tensor.shape(), tensor.data());
}
void Safetensors::add(const std::string& name, const IntTensor& tensor) {
  add_entry(*this, name, "I32", tensor.shape(), tensor.data());
}
void Safetensors::add_bytes(const std::string& name, std::string_view bytes) {
  add_entry(*this, name, "U8", {static_cast<int64_t>(bytes.size())}, bytes.data());
}

Tensor to_tensor(const Safetensors::Entry& entry, const std::string& where) {
  if (entry.dtype != "F32" && entry.dtype != "F64")
    fail_data(where, ": tensor \"", entry.name, "\" should be F32 or F64, but is ", entry.dtype);
  Tensor result = Tensor::uninitialized(shape_of(entry, where));
  if (entry.dtype == "F32") convert<float>(entry.bytes, result.mutable_data());
  else convert<double>(entry.bytes, result.mutable_data());
  return result;
}

IntTensor to_int_tensor(const Safetensors::Entry& entry, const std::string& where) {
  if (entry.dtype != "I32") fail_data(where, ": tensor \"", entry.name, "\" should be I32, but is ", entry.dtype);
  IntTensor result = IntTensor::uninitialized(shape_of(entry, where));
  convert<int32_t>(entry.bytes, result.mutable_data());
  return result;
}

void write_safetensors(const std::string& path, const Safetensors& file) {
  write_file_atomically(path, to_bytes(file));
}

Safetensors read_safetensors(const std::string& path) { return parse_safetensors(read_file(path), path); }

}  // namespace fewer
