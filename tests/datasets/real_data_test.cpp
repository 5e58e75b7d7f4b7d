// The real MNIST and Fashion-MNIST, where they can be found (see tests/support/requirements.h).
#include <doctest/doctest.h>
#include <zlib.h>

#include "core/error.h"
#include "datasets/registry.h"
#include "tests/support/requirements.h"

namespace fewer::testing {
namespace {

uint32_t pixel_crc(const ImageSet& set) {
  return static_cast<uint32_t>(crc32_z(0, set.pixels.data(), set.pixels.size()));
}
uint32_t label_crc(const ImageSet& set) {
  const std::vector<uint8_t> bytes(set.labels.begin(), set.labels.end());
  return static_cast<uint32_t>(crc32_z(0, bytes.data(), bytes.size()));
}

DataConfig all_of(const char* name) {
  DataConfig config;
  config.name = name;
  config.validation = 0;
  return config;
}

}  // namespace

TEST_CASE("mnist: counts, classes, pixels and normalisation are the published ones") {
  if (!have_data("mnist")) return;
  const Dataset data = load_dataset(all_of("mnist"));
  CHECK(data.image_shape() == Shape{28, 28, 1});
  CHECK(data.train.class_counts() == std::vector<int64_t>{5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949});
  CHECK(data.test.class_counts() == std::vector<int64_t>{980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009});
  CHECK(pixel_crc(data.train.images()) == 0xf3639b56);
  CHECK(label_crc(data.train.images()) == 0xba07e8ef);
  CHECK(pixel_crc(data.test.images()) == 0xe4ca5f57);
  CHECK(label_crc(data.test.images()) == 0xee8604d9);
  CHECK(data.normalization.mean[0] == doctest::Approx(0.1306604762738429).epsilon(1e-12));
  CHECK(data.normalization.std[0] == doctest::Approx(0.3081078038564622).epsilon(1e-12));
}

TEST_CASE("fashion_mnist: counts, classes, pixels and normalisation are the published ones") {
  if (!have_data("fashion_mnist")) return;
  const Dataset data = load_dataset(all_of("fashion_mnist"));
  CHECK(data.train.class_counts() == std::vector<int64_t>(10, 6000));
  CHECK(data.test.class_counts() == std::vector<int64_t>(10, 1000));
  CHECK(pixel_crc(data.train.images()) == 0xae65dccd);
  CHECK(label_crc(data.train.images()) == 0x2ed6e46a);
  CHECK(pixel_crc(data.test.images()) == 0x12728439);
  CHECK(label_crc(data.test.images()) == 0x242bc73f);
  CHECK(data.classes()[9] == "ankle boot");
  CHECK(data.normalization.mean[0] == doctest::Approx(0.2860405969887955).epsilon(1e-12));
  CHECK(data.normalization.std[0] == doctest::Approx(0.35302424451492237).epsilon(1e-12));
}

TEST_CASE("mnist: validation images keep the proportions of the classes and leave the test split alone") {
  if (!have_data("mnist")) return;
  DataConfig config = all_of("mnist");
  config.validation = 10000;
  config.train = 1000;
  const Dataset data = load_dataset(config);
  CHECK(data.train.size() == 1000);
  CHECK(data.validation.size() == 10000);
  CHECK(data.validation.class_counts()[1] == 1124);  // 6742 / 6 = 1123.67
  CHECK(data.test.size() == 10000);
  CHECK(data.test.images_read() == 0);
}

}  // namespace fewer::testing
