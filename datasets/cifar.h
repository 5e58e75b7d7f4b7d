// CIFAR-10 and CIFAR-100 in their binary version (https://www.cs.toronto.edu/~kriz/cifar.html).
//
// A file is records and nothing else, no header. A record is the label bytes (CIFAR-10: the class; CIFAR-100: the
// superclass, then the class) and 3072 pixel bytes: the red plane of 32x32, row by row, the green, the blue. Here
// images are [32, 32, 3], the three colours of a pixel side by side.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "datasets/byte_reader.h"
#include "datasets/config.h"
#include "datasets/dataset.h"

namespace fewer {

struct CifarFormat {
  std::vector<std::string> classes;  // names
  int label_bytes = 1;               // at the front of a record
  int label_at = 0;                  // which of them is the class
  int64_t images = 0;                // records in a file: another number is an error, as a file that was cut off
};

// Appends the images of one file. Throws Error(kData) naming the file, the position and the image when the file is
// shorter or longer than format.images records or a label is no class.
void append_cifar(ByteReader& reader, const CifarFormat& format, ImageSet& set);

// The names in a file such as batches.meta.txt, one a line. Throws Error(kData) unless there are `count`.
std::vector<std::string> read_class_names(const std::string& path, int64_t count);

// data_batch_{1..5}.bin, test_batch.bin and batches.meta.txt.
void load_cifar10(const DataConfig& config, const std::filesystem::path& folder, Dataset& data);
// train.bin, test.bin and {fine,coarse}_label_names.txt; config.cifar100.labels chooses the 100 classes or the 20
// superclasses.
void load_cifar100(const DataConfig& config, const std::filesystem::path& folder, Dataset& data);

}  // namespace fewer
