// IDX: the file format of MNIST and its relatives (http://yann.lecun.com/exdb/mnist/), plain or gzipped.
//
//   2 bytes 0, 1 byte type (0x08 = unsigned byte), 1 byte rank, rank x 4 bytes sizes (big-endian), the elements row-major.
//
// A header is believed only as far as the file bears it out: no memory is taken for elements that cannot be there.
// Every error is Error(kData) and names the file, the position, what was expected, what came and what to do.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/shape.h"
#include "datasets/byte_reader.h"
#include "datasets/image_set.h"

namespace fewer {

struct IdxArray {
  Shape shape;
  std::vector<uint8_t> values;  // row-major
};

IdxArray read_idx(ByteReader& reader, int rank);  // the whole file: rank as given, unsigned bytes, nothing behind
IdxArray read_idx(const std::string& path, int rank);

struct IdxPairOptions {
  std::vector<std::string> classes;  // names; the label first_label + i is the class classes[i]
  int first_label = 0;
  bool transposed = false;  // the file holds each image column by column
};

// A pair of files: images [N, H, W] and labels [N] as an image set with one channel. Throws when the counts differ or a
// label is no class.
ImageSet read_idx_pair(ByteReader& images, ByteReader& labels, const IdxPairOptions& options);
ImageSet read_idx_pair(const std::string& image_path, const std::string& label_path, const IdxPairOptions& options);

// The file `stem` in `folder`, with or without ".gz"; throws when neither is there.
std::string idx_path(const std::filesystem::path& folder, const std::string& stem);

}  // namespace fewer
