// The real data sets, where they can be found (see tests/support/requirements.h): counts, check sums of the decoded
// bytes computed by another program, mean and standard deviation.
#include <doctest/doctest.h>

#include <algorithm>
#include <ctime>

#include "core/error.h"
#include "core/sha256.h"
#include "datasets/registry.h"
#include "tests/support/requirements.h"

namespace fewer::testing {
namespace {

std::string pixel_sum(const Split& split) { return sha256(split.images().pixels); }
std::string label_sum(const Split& split) {
  const std::vector<int32_t> labels = split.labels();
  return sha256(std::vector<uint8_t>(labels.begin(), labels.end()));
}

// The sum over all images, each behind its label, in ascending order of their bytes: copies of a data set in different
// orders have the same.
std::string sum_in_any_order(const Split& split) {
  std::vector<std::pair<int32_t, std::span<const uint8_t>>> images;
  for (int64_t i = 0; i < split.size(); ++i) images.emplace_back(split.label(i), split.image(i));
  std::sort(images.begin(), images.end(), [](const auto& a, const auto& b) {
    if (a.first != b.first) return a.first < b.first;
    return std::lexicographical_compare(a.second.begin(), a.second.end(), b.second.begin(), b.second.end());
  });
  Sha256 sum;
  for (const auto& [label, pixels] : images) {
    const uint8_t byte = static_cast<uint8_t>(label);
    sum.update({&byte, 1});
    sum.update(pixels);
  }
  return sum.finish();
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
  CHECK(pixel_sum(data.train) == "741c988805d008ac6e4c904b69001ba184c24b2c540a4ef403f4c71b676cf757");
  CHECK(label_sum(data.train) == "1feba77c54802fa5339a11837ea4b2866434b83314ec45192930f1df69120c13");
  CHECK(pixel_sum(data.test) == "6d87418db22cc8025d05968bec9bd5c3932904b23485740db143a061a2c9d161");
  CHECK(label_sum(data.test) == "ddeff807876a9661a1110d45c266c86239a3a1b7d37da0c3716a7a683c852ff5");
  CHECK(data.normalization.mean[0] == doctest::Approx(0.1306604762738429).epsilon(1e-12));
  CHECK(data.normalization.std[0] == doctest::Approx(0.3081078038564622).epsilon(1e-12));
}

TEST_CASE("fashion_mnist: counts, classes, pixels and normalisation are the published ones") {
  if (!have_data("fashion_mnist")) return;
  const Dataset data = load_dataset(all_of("fashion_mnist"));
  CHECK(data.train.class_counts() == std::vector<int64_t>(10, 6000));
  CHECK(data.test.class_counts() == std::vector<int64_t>(10, 1000));
  CHECK(pixel_sum(data.train) == "2e487a6c89124f78f2d7521542223cafe96f7123c3ca13d447772ac6ecbb3012");
  CHECK(label_sum(data.train) == "657fbd221bfc9f4198cc14b5619cc33ec57c58dd0e47af4d99d6650759e869a7");
  CHECK(pixel_sum(data.test) == "c867c93ff95360594e8ec3287995350b824dd110b11595c0e13d5423f621867a");
  CHECK(label_sum(data.test) == "3d0e6c6ea990b53b6f8f500a41cac93881d981b315f84578b7d915342ade01e9");
  CHECK(data.classes()[9] == "ankle boot");
  CHECK(data.normalization.mean[0] == doctest::Approx(0.2860405969887955).epsilon(1e-12));
  CHECK(data.normalization.std[0] == doctest::Approx(0.35302424451492237).epsilon(1e-12));
}

TEST_CASE("cifar10: counts, classes, pixels and normalisation are the published ones") {
  if (!have_data("cifar10")) return;
  const Dataset data = load_dataset(all_of("cifar10"));
  CHECK(data.image_shape() == Shape{32, 32, 3});
  CHECK(data.train.class_counts() == std::vector<int64_t>(10, 5000));
  CHECK(data.test.class_counts() == std::vector<int64_t>(10, 1000));
  CHECK(data.classes()[6] == "frog");
  CHECK(sum_in_any_order(data.train) == "a1a3cc9c14a8fd3c0d66de6ab787bbe8abbea0ab10446fa41b395c03644f2b1e");
  CHECK(sum_in_any_order(data.test) == "0ae072db3437edb693feba85f2d9dec41036f6e2f6d6f2cbd900da3ee13568b6");
  const double mean[] = {0.49139968, 0.48215841, 0.44653091}, std[] = {0.24703223, 0.24348513, 0.26158784};
  for (size_t c = 0; c < 3; ++c) {
    CHECK(data.normalization.mean[c] == doctest::Approx(mean[c]).epsilon(1e-7));
    CHECK(data.normalization.std[c] == doctest::Approx(std[c]).epsilon(1e-7));
  }
}

TEST_CASE("cifar10: loads in under a second of one core") {
  if (!have_data("cifar10")) return;
  const std::clock_t begin = std::clock();
  load_dataset(all_of("cifar10"));
  const double seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
  MESSAGE("cifar10: ", seconds, " s");
#ifndef FEWER_DEBUG  // the sanitizers take their time
  CHECK(seconds < 1);
#endif
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
