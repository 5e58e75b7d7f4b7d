// A second reader of safetensors files, written from the public description of the format alone: it shares no code with
// core/safetensors, not even the JSON parser, so a misreading of the format cannot hide in both.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace fewer::test {

struct SafetensorsTensor {
  std::string dtype;
  std::vector<uint64_t> shape;
  uint64_t begin = 0, end = 0;  // from the first byte after the header
  uint64_t element_size = 0;
};

struct SafetensorsFile {
  uint64_t data_begin = 0;  // from the first byte of the file
  std::map<std::string, std::string> metadata;
  std::map<std::string, SafetensorsTensor> tensors;
  std::vector<std::string> problems;  // where the file departs from the format; empty for a good one
};

SafetensorsFile read_by_the_letter(const std::string& bytes);

}  // namespace fewer::test
