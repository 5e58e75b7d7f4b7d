#include "core/error.h"
#include "datasets/idx.h"
#include "tests/fuzz/target.h"
#include "tests/support/idx_files.h"

namespace fewer::testing {
namespace {

std::string framed_pair(const std::string& labels, const std::string& images) {
  return std::string{static_cast<char>(labels.size() >> 8), static_cast<char>(labels.size())} + labels + images;
}

std::vector<std::string> pairs() {
  const std::string labels = idx_bytes({4}, std::string("\0\1\2\1", 4));
  const std::string images = idx_bytes({4, 3, 2}, "abcdefghijklmnopqrstuvwx");
  return {framed_pair(labels, images), framed_pair(gzip(labels), gzip(images))};
}

void read_pair(const std::string& bytes) {
  if (bytes.size() < 2) fail_data("pair: expected two bytes of length");
  const size_t length = static_cast<size_t>(static_cast<uint8_t>(bytes[0]) << 8 | static_cast<uint8_t>(bytes[1]));
  for (const bool transposed : {false, true}) {
    ByteReader labels("labels", bytes.substr(2, length));
    ByteReader images("images", bytes.substr(std::min(bytes.size(), 2 + length)));
    const ImageSet set = read_idx_pair(images, labels, {.classes = {"a", "b", "c"}, .transposed = transposed});
    check_image_set(set, "pair");
  }
}

std::vector<std::string> gzipped_files() {
  const std::string file = idx_bytes({4, 3, 2}, "abcdefghijklmnopqrstuvwx");
  return {gzip(file), gzip(file.substr(0, 10)) + gzip(file.substr(10))};
}

void read_gzipped(const std::string& bytes) {
  ByteReader reader("file.gz", bytes);
  const IdxArray array = read_idx(reader, 3);
  ENSURE(static_cast<int64_t>(array.values.size()) == array.shape.numel(), "idx: as many values as the shape says");
}

}  // namespace

FuzzTarget idx_target() { return {"idx", pairs, read_pair}; }
FuzzTarget gzip_target() { return {"gzip", gzipped_files, read_gzipped}; }

}  // namespace fewer::testing
