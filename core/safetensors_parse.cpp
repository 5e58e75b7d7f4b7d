// The strict reader: a file is exactly what the layout says, or it is refused with the place where it is not.
#include <algorithm>
#include <set>
#include <vector>

#include "core/error.h"
#include "core/json.h"
#include "core/safetensors.h"

namespace fewer {
namespace {

// Where an entry lies in the data, from the end of the header.
struct Extent {
  int64_t begin = 0, end = 0;
  const std::string* name = nullptr;
};

class Parser {
 public:
  Parser(std::string_view bytes, const std::string& where) : bytes_(bytes), where_(where) {}

  Safetensors parse() {
    const Json header = read_header();
    std::set<std::string_view> names;
    for (size_t i = 0; i < header.items.size(); ++i) {
      if (!names.insert(header.keys[i]).second) refuse("\"", header.keys[i], "\" appears twice in the header");
      if (header.keys[i] == "__metadata__") read_metadata(header.items[i]);
      else read_entry(header.keys[i], header.items[i]);
    }
    check_cover();
    return std::move(file_);
  }

 private:
  template <class... Parts>
  [[noreturn]] void refuse(const Parts&... parts) const {
    fail_data(where_, ": ", parts...);
  }

  Json read_header() {
    if (bytes_.size() < 8) refuse("expected a safetensors file, but it has only ", bytes_.size(), " bytes");
    uint64_t length = 0;
    for (int i = 0; i < 8; ++i)
      length |= static_cast<uint64_t>(static_cast<unsigned char>(bytes_[static_cast<size_t>(i)])) << (8 * i);
    if (length > kMaxJsonBytes)
      refuse("the first 8 bytes announce a header of ", length, " bytes; this is no safetensors file");
    if (length > bytes_.size() - 8)
      refuse("truncated: the header should end at byte ", 8 + length, ", but the file has ", bytes_.size());
    const std::string_view text = bytes_.substr(8, length);
    data_ = bytes_.substr(8 + length);
    if (text.empty() || text[0] != '{')
      refuse("the header (byte 8) should begin with '{'; this is no safetensors file");
    if (has_comment(text)) refuse("the header has a comment, which JSON knows nothing of");
    return parse_json(text, where_ + ": header", ErrorKind::kData);
  }

  // parse_json() allows comments, for the sake of configs.
  static bool has_comment(std::string_view json) {
    bool in_string = false;
    for (size_t i = 0; i < json.size(); ++i) {
      if (in_string && json[i] == '\\') ++i;
      else if (json[i] == '"') in_string = !in_string;
      else if (json[i] == '/' && !in_string) return true;
    }
    return false;
  }

  void read_metadata(const Json& metadata) {
    if (!metadata.is(Json::Kind::kObject)) refuse("\"__metadata__\" should be an object");
    for (size_t i = 0; i < metadata.items.size(); ++i) {
      if (!metadata.items[i].is(Json::Kind::kString)) refuse("metadata \"", metadata.keys[i], "\" should be a string");
      const bool fresh = file_.metadata.emplace(metadata.keys[i], metadata.items[i].text).second;
      if (!fresh) refuse("metadata \"", metadata.keys[i], "\" appears twice");
    }
  }

  void read_entry(const std::string& name, const Json& described) {
    const bool known = described.is(Json::Kind::kObject) && described.items.size() == 3;
    const Json* dtype = known ? described.find("dtype") : nullptr;
    const Json* shape = known ? described.find("shape") : nullptr;
    const Json* offsets = known ? described.find("data_offsets") : nullptr;
    if (!dtype || !shape || !offsets || !dtype->is(Json::Kind::kString))
      refuse("tensor \"", name, "\" should be described by dtype, shape and data_offsets");
    const std::vector<int64_t> sizes = read_sizes(name, "shape", *shape);
    const std::vector<int64_t> range = read_sizes(name, "data_offsets", *offsets);
    if (range.size() != 2 || range[0] > range[1] || range[1] > static_cast<int64_t>(data_.size())) {
      refuse("tensor \"", name, "\" has data_offsets ", compact_json(*offsets), ", but there are ", data_.size(),
             " bytes of data; the file is truncated or damaged");
    }
    if (byte_size(name, dtype->text, sizes) != range[1] - range[0]) {
      refuse("tensor \"", name, "\" of type ", dtype->text, " and shape ", compact_json(*shape), " does not take ",
             range[1] - range[0], " bytes");
    }
    const std::string_view bytes =
        data_.substr(static_cast<size_t>(range[0]), static_cast<size_t>(range[1] - range[0]));
    file_.entries.push_back({name, dtype->text, sizes, std::string(bytes)});
    extents_.push_back({range[0], range[1], &name});
  }

  std::vector<int64_t> read_sizes(const std::string& name, const char* what, const Json& list) const {
    std::vector<int64_t> sizes;
    bool valid = list.is(Json::Kind::kList);
    for (const Json& item : list.items) {
      int64_t size = 0;
      const bool digits = item.text.find_first_not_of("0123456789") == std::string::npos;  // not 1e3 nor 1.0
      valid = valid && item.is(Json::Kind::kNumber) && digits && to_integer(item, size);
      sizes.push_back(size);
    }
    if (!valid) refuse("the ", what, " of tensor \"", name, "\" should be a list of whole numbers from 0");
    return sizes;
  }

  int64_t byte_size(const std::string& name, const std::string& dtype, const std::vector<int64_t>& shape) const {
    int64_t size = element_size(dtype);
    if (size == 0) refuse("tensor \"", name, "\" has the unknown type \"", dtype, "\"");
    for (int64_t axis : shape)
      if (__builtin_mul_overflow(size, axis, &size)) refuse("tensor \"", name, "\" is larger than any memory");
    return size;
  }

  // By their offsets, each tensor begins where the one before ended, and the last ends where the file does.
  void check_cover() {
    std::sort(extents_.begin(), extents_.end(),
              [](const Extent& a, const Extent& b) { return std::pair(a.begin, a.end) < std::pair(b.begin, b.end); });
    int64_t end = 0;
    for (const Extent& extent : extents_) {
      if (extent.begin != end) {
        refuse("tensor \"", *extent.name, "\" begins at byte ", extent.begin, " of the data, where byte ", end,
               " was due: ", extent.begin < end ? "tensors overlap" : "there is a hole");
      }
      end = extent.end;
    }
    if (end != static_cast<int64_t>(data_.size()))
      refuse("the tensors end at byte ", end, " of ", data_.size(), " bytes of data");
  }

  std::string_view bytes_, data_;
  const std::string& where_;
  Safetensors file_;
  std::vector<Extent> extents_;
};

}  // namespace

Safetensors parse_safetensors(std::string_view bytes, const std::string& where) { return Parser(bytes, where).parse(); }

}  // namespace fewer
