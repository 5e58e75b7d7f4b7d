#include "tests/support/safetensors_reader.h"

#include <algorithm>
#include <cctype>
#include <stdexcept>

namespace fewer::test {
namespace {

// Just the JSON that a safetensors header consists of: objects of objects, strings and lists of whole numbers.
class Scanner {
 public:
  explicit Scanner(const std::string& text) : text_(text) {}

  void expect(char c) {
    if (peek() != c)
      throw std::runtime_error("expected '" + std::string(1, c) + "' at byte " + std::to_string(at_) +
                               " of the header");
    ++at_;
  }
  bool take(char c) {
    if (peek() != c) return false;
    ++at_;
    return true;
  }
  char peek() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  bool at_end() { return peek() == '\0'; }

  std::string string() {
    expect('"');
    std::string result;
    while (at_ < text_.size() && text_[at_] != '"') {
      if (text_[at_] != '\\') result += text_[at_++];
      else result += escaped();
    }
    expect('"');
    return result;
  }

  std::vector<uint64_t> numbers() {
    std::vector<uint64_t> result;
    expect('[');
    while (peek() != ']') {
      if (!result.empty()) expect(',');
      result.push_back(number());
    }
    expect(']');
    return result;
  }

 private:
  char escaped() {
    const std::string from = "\"\\/bfnrt", to = "\"\\/\b\f\n\r\t";
    const size_t which = from.find(text_.at(at_ + 1));
    if (which == std::string::npos) throw std::runtime_error("an escape that this reader does not know");
    at_ += 2;
    return to[which];
  }
  uint64_t number() {
    peek();
    const size_t begin = at_;
    while (at_ < text_.size() && std::isdigit(static_cast<unsigned char>(text_[at_]))) ++at_;
    return std::stoull(text_.substr(begin, at_ - begin));
  }

  const std::string& text_;
  size_t at_ = 0;
};

void read_metadata(Scanner& scanner, SafetensorsFile& file) {
  scanner.expect('{');
  while (scanner.peek() != '}') {
    const std::string key = scanner.string();
    scanner.expect(':');
    file.metadata[key] = scanner.string();
    if (!scanner.take(',')) break;
  }
  scanner.expect('}');
}

SafetensorsTensor read_tensor(Scanner& scanner) {
  SafetensorsTensor tensor;
  scanner.expect('{');
  while (scanner.peek() != '}') {
    const std::string key = scanner.string();
    scanner.expect(':');
    if (key == "dtype") {
      tensor.dtype = scanner.string();
    } else if (key == "shape") {
      tensor.shape = scanner.numbers();
    } else if (key == "data_offsets") {
      const std::vector<uint64_t> offsets = scanner.numbers();
      tensor.begin = offsets.at(0);
      tensor.end = offsets.at(1);
    } else {
      throw std::runtime_error("a tensor has the unknown member " + key);
    }
    if (!scanner.take(',')) break;
  }
  scanner.expect('}');
  return tensor;
}

void read_header(const std::string& header, SafetensorsFile& file) {
  Scanner scanner(header);
  scanner.expect('{');
  while (scanner.peek() != '}') {
    const std::string name = scanner.string();
    scanner.expect(':');
    if (name == "__metadata__") read_metadata(scanner, file);
    else if (!file.tensors.emplace(name, read_tensor(scanner)).second)
      throw std::runtime_error("two tensors named " + name);
    if (!scanner.take(',')) break;
  }
  scanner.expect('}');
  if (!scanner.at_end()) throw std::runtime_error("something other than spaces after the header's object");
}

void check_tensors(SafetensorsFile& file, uint64_t data_bytes) {
  const std::map<std::string, uint64_t> sizes = {{"U8", 1}, {"I32", 4}, {"F32", 4}, {"F64", 8}};
  std::vector<std::pair<uint64_t, uint64_t>> extents;
  for (auto& [name, tensor] : file.tensors) {
    uint64_t bytes = tensor.element_size = sizes.at(tensor.dtype);
    for (uint64_t axis : tensor.shape) bytes *= axis;
    if (tensor.end - tensor.begin != bytes) file.problems.push_back(name + ": size and shape disagree");
    extents.emplace_back(tensor.begin, tensor.end);
  }
  std::sort(extents.begin(), extents.end());
  uint64_t end = 0;
  for (const auto& [begin, next] : extents) {
    if (begin != end) file.problems.push_back("hole or overlap at " + std::to_string(begin));
    end = next;
  }
  if (end != data_bytes) file.problems.push_back("the tensors do not end where the file does");
}

}  // namespace

SafetensorsFile read_by_the_letter(const std::string& bytes) {
  SafetensorsFile file;
  uint64_t length = 0;
  for (int i = 7; i >= 0; --i) length = length * 256 + static_cast<unsigned char>(bytes.at(static_cast<size_t>(i)));
  file.data_begin = 8 + length;
  if (bytes.at(8) != '{') file.problems.push_back("the header does not begin with '{'");
  try {
    read_header(bytes.substr(8, length), file);
    check_tensors(file, bytes.size() - file.data_begin);
  } catch (const std::exception& error) {
    file.problems.push_back(error.what());
  }
  return file;
}

}  // namespace fewer::test
