// safetensors: named tensors and text in one file, readable by every framework.
//
// The layout, to the letter: 8 bytes, little-endian: the length of the header; the header, JSON, begins with '{' and
// may end in spaces:
//   {"__metadata__": {"key": "text", ...}, "weight": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}, ...}
// then the data, row-major and little-endian. Offsets count from the end of the header; the tensors cover the data
// without holes or overlap. Files written here start their data at a multiple of 8 and order tensors by falling element
// size, so that every tensor lies at a multiple of its element size.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/tensor.h"

namespace fewer {

struct Safetensors {
  struct Entry {
    std::string name;
    std::string dtype;           // "F32", "F64", "I32", "U8", ... as in the file
    std::vector<int64_t> shape;  // any rank
    std::string bytes;           // as in the file: little-endian, row-major
  };
  std::map<std::string, std::string> metadata;
  std::vector<Entry> entries;

  // Adds a tensor under a new name; throws when the name is taken. Stored as F32 (in the double build as F64).
  void add(const std::string& name, const Tensor& tensor);
  void add(const std::string& name, const IntTensor& tensor);  // I32
  void add_bytes(const std::string& name, std::string_view bytes);  // U8, rank 1

  const Entry* find(std::string_view name) const;  // nullptr when there is none
};

// Bytes per element of a dtype of the format; 0 for an unknown name.
int64_t element_size(std::string_view dtype);

// A stored tensor as ours. Floating-point widths are converted; anything else must be of the type asked for. Throws
// kData naming `where` and the entry.
Tensor to_tensor(const Safetensors::Entry& entry, const std::string& where);         // F32 or F64
IntTensor to_int_tensor(const Safetensors::Entry& entry, const std::string& where);  // I32

std::string to_bytes(const Safetensors& file);
// Throws kData, naming `where` and the tensor or the position, when the bytes are not exactly one valid file: bad
// header length or JSON, unknown dtype, sizes that disagree, offsets out of range, holes, overlap, bytes left over,
// duplicate names.
Safetensors parse_safetensors(std::string_view bytes, const std::string& where);

void write_safetensors(const std::string& path, const Safetensors& file);  // atomically
Safetensors read_safetensors(const std::string& path);

}  // namespace fewer
