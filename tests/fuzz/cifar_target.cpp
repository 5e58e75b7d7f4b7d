#include "core/error.h"
#include "datasets/cifar.h"
#include "tests/fuzz/target.h"
#include "tests/support/idx_files.h"

namespace fewer::testing {
namespace {

// By the first byte: one label byte or two and then which of them, 1 to 4 images.
CifarFormat format_of(const std::string& bytes) {
  if (bytes.empty()) fail_data("cifar: expected a byte of format");
  const int choice = static_cast<uint8_t>(bytes[0]);
  const int label_bytes = 1 + choice % 2;
  return {.classes = {"a", "b", "c"},
          .label_bytes = label_bytes,
          .label_at = choice / 2 % label_bytes,
          .images = 1 + choice / 4 % 4};
}

std::vector<std::string> files() {
  const std::string one = std::string("\4", 1) + "\1" + std::string(3072, 'x') + "\2" + std::string(3072, 'y');
  const std::string two = std::string("\3", 1) + "\1\2" + std::string(3072, 'x');
  return {one, two, one.substr(0, 1) + gzip(one.substr(1))};
}

void read(const std::string& bytes) {
  const CifarFormat format = format_of(bytes);
  ByteReader reader("batch.bin", bytes.substr(1));
  ImageSet set;
  set.height = set.width = 32;
  set.channels = 3;
  set.classes = format.classes;
  append_cifar(reader, format, set);
  check_image_set(set, "cifar");
}

}  // namespace

FuzzTarget cifar_target() { return {"cifar", files, read}; }

}  // namespace fewer::testing
