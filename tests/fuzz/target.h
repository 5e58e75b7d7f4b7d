// What reads bytes that others wrote, one target per format: for the fuzzer (`make fuzz`), which invents inputs and
// watches with sanitizers, and for the suite, which damages the seeds in every simple way.
#pragma once

#include <span>
#include <string>
#include <vector>

namespace fewer::testing {

struct FuzzTarget {
  const char* name;
  std::vector<std::string> (*seeds)();  // small inputs that read well
  // Reads `bytes` as that format, and uses what comes of it. Throws Error(kData) or Error(kConfig) when they are
  // damaged; any other exception is a mistake of ours, as is a contract broken on the way.
  void (*read)(const std::string& bytes);
};

FuzzTarget idx_target();          // a pair of IDX files: 2 bytes the length of the label file, the label file, the images
FuzzTarget gzip_target();         // a gzipped IDX file
FuzzTarget cifar_target();        // a byte that chooses the format, a CIFAR file
FuzzTarget csv_target();          // a byte that chooses the schema, a CSV file
FuzzTarget config_target();       // the text of a config
FuzzTarget safetensors_target();  // a model file
FuzzTarget image_target();        // a PNG, JPEG or BMP file

std::span<const FuzzTarget> fuzz_targets();

bool reads(const FuzzTarget& target, const std::string& bytes);  // false: refused with an error for damaged input

}  // namespace fewer::testing
