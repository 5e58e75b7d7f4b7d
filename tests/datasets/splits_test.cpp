#include "datasets/splits.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "core/error.h"
#include "core/linalg.h"
#include "datasets/normalization.h"
#include "tests/support/messages.h"

namespace fewer::testing {
namespace {

// n images of 1x2 pixels with two channels; pixel values are small functions of the image's number.
std::shared_ptr<const ImageSet> small_set(int64_t n) {
  auto set = std::make_shared<ImageSet>();
  set->height = 1;
  set->width = set->channels = 2;
  set->classes = {"a", "b", "c"};
  for (int64_t i = 0; i < n; ++i) {
    set->labels.push_back(static_cast<int32_t>(i % 3));
    for (const int64_t value : {i, 100 + i, 2 * i, 200 + i}) set->pixels.push_back(static_cast<uint8_t>(value));
  }
  return set;
}

}  // namespace

TEST_CASE("split: a subset of a subset shows the right images and counts reads for both") {
  const Split all("train", small_set(9));
  const Split odd = all.subset(std::vector<int64_t>{1, 3, 5, 7}, "odd");
  const Split pick = odd.subset(std::vector<int64_t>{3, 0}, "pick");
  CHECK(pick.image(0)[0] == 7);
  CHECK(pick.label(0) == 1);
  CHECK(pick.image(1)[0] == 1);
  CHECK(all.images_read() == 2);
  CHECK(pick.labels() == std::vector<int32_t>{1, 1});
  CHECK_THROWS_AS(odd.subset(std::vector<int64_t>{4}, "beyond"), Error);
  CHECK_THROWS_AS(Split("bad", small_set(3), {3}), Error);
}

TEST_CASE("image set: a label that is no class and missing pixels are refused") {
  ImageSet set = *small_set(4);
  check_image_set(set, "set");
  set.labels[2] = 3;
  CHECK_THROWS_WITH_AS(check_image_set(set, "set"), doctest::Contains("label 2: expected a class from 0 to 2, got 3"),
                       Error);
  set.labels[2] = 2;
  set.pixels.pop_back();
  CHECK_THROWS_AS(check_image_set(set, "set"), Error);
}

TEST_CASE("stratified split: two disjoint parts that make the whole, each class in proportion") {
  std::vector<int32_t> labels;
  for (int i = 0; i < 103; ++i) labels.push_back(i < 50 ? 0 : i < 90 ? 1 : 2);
  const auto [chosen, rest] = stratified_split(labels, 20, Rng(1));
  std::vector<int64_t> together = chosen, counts(3, 0);
  together.insert(together.end(), rest.begin(), rest.end());
  std::sort(together.begin(), together.end());
  for (int64_t i = 0; i < 103; ++i) CHECK(together[static_cast<size_t>(i)] == i);
  for (const int64_t i : chosen) ++counts[static_cast<size_t>(labels[static_cast<size_t>(i)])];
  CHECK(counts ==
        std::vector<int64_t>{10, 8, 2});  // of 9.71, 7.77 and 2.52: the remainders of the first two are largest
}

TEST_CASE("stratified split: the same stream chooses the same images, another one others") {
  const std::vector<int32_t> labels(200, 0);
  CHECK(stratified_split(labels, 50, Rng(1)) == stratified_split(labels, 50, Rng(1)));
  CHECK(stratified_split(labels, 50, Rng(1)) != stratified_split(labels, 50, Rng(2)));
  CHECK(stratified_split(labels, 0, Rng(1)).first.empty());
  CHECK(stratified_split(labels, 200, Rng(1)).second.empty());
  CHECK_THROWS_AS(stratified_split(labels, 201, Rng(1)), Error);
}

TEST_CASE("normalisation: the training split gets mean 0 and standard deviation 1 in each channel") {
  const Split split("train", small_set(50));
  const Normalization n = Normalization::of(split);
  double sum[2] = {}, square[2] = {};
  for (int64_t i = 0; i < split.size(); ++i) {
    Real x[4];
    n.apply(split.image(i), x);
    for (int k = 0; k < 4; ++k) sum[k % 2] += x[k], square[k % 2] += double{x[k]} * double{x[k]};
  }
  for (int c = 0; c < 2; ++c) {
    CHECK(sum[c] / 100 == doctest::Approx(0).epsilon(1e-5));
    CHECK(square[c] / 100 == doctest::Approx(1).epsilon(1e-5));
  }
}

TEST_CASE("normalisation: a channel that never changes becomes 0; none is pixel / 255") {
  auto set = std::make_shared<ImageSet>(*small_set(4));
  std::fill(set->pixels.begin(), set->pixels.end(), uint8_t{51});
  const Split split("train", set);
  Real x[4];
  Normalization::of(split).apply(split.image(0), x);
  CHECK(x[3] == doctest::Approx(0));
  Normalization::none(2).apply(split.image(0), x);
  CHECK(x[3] == doctest::Approx(0.2));
  CHECK_THROWS_AS(Normalization::of(split.subset({}, "nothing")), Error);
}

namespace {

Split drawn_split() {  // two alphabets of two characters, three drawers, 12 images
  auto set = std::make_shared<ImageSet>();
  set->height = set->width = set->channels = 1;
  set->classes = {"Latin/a", "Latin/b", "Greek/alpha", "Greek/beta"};
  for (int32_t i = 0; i < 12; ++i) {
    set->labels.push_back(i % 4);
    set->drawers.push_back(i / 4);
    set->pixels.push_back(0);
  }
  return Split("train", set);
}

template <class F>
std::string config_error(F f) {
  return message_of(ErrorKind::kConfig, f);
}

}  // namespace

TEST_CASE("random split: two disjoint parts that make the whole, the same for the same stream only") {
  const auto [chosen, rest] = random_split(50, 12, Rng(1));
  std::vector<int64_t> together = chosen;
  together.insert(together.end(), rest.begin(), rest.end());
  std::sort(together.begin(), together.end());
  CHECK(chosen.size() == 12);
  for (int64_t i = 0; i < 50; ++i) CHECK(together[static_cast<size_t>(i)] == i);
  CHECK(random_split(50, 12, Rng(1)).first == chosen);
  CHECK(random_split(50, 12, Rng(2)).first != chosen);
}

TEST_CASE("per-class split: the same number of each class; too few images are refused by number") {
  const std::vector<int32_t> labels = {0, 0, 0, 0, 2, 2, 2, 0};
  const auto [chosen, rest] = per_class_split(labels, 2, Rng(1), "data");
  CHECK(std::ranges::count_if(chosen, [&](int64_t i) { return labels[static_cast<size_t>(i)] == 0; }) == 2);
  CHECK(chosen.size() == 4);
  CHECK(rest.size() == 4);
  CHECK(config_error([&] { per_class_split(labels, 4, Rng(1), "data"); }) ==
        "data: expected at most 3 images per class, which is what class 2 has, got 4");
}

TEST_CASE("group split: an alphabet or a drawer is on one side, whole") {
  const Split split = drawn_split();
  for (const std::vector<int32_t>& keys : {alphabets_of(split, "data"), drawers_of(split, "data")}) {
    const auto [chosen, rest] = group_split(keys, 1, Rng(4), "data");
    const int32_t key = keys[static_cast<size_t>(chosen.at(0))];
    for (const int64_t i : chosen) CHECK(keys[static_cast<size_t>(i)] == key);
    for (const int64_t i : rest) CHECK(keys[static_cast<size_t>(i)] != key);
    CHECK(chosen.size() + rest.size() == 12);
  }
  CHECK(config_error([&] { group_split(drawers_of(split, "data"), 3, Rng(1), "data.validation"); }) ==
        "data.validation: expected fewer than 3 groups, which is all there are, got 3");
  CHECK(config_error([&] { alphabets_of(Split("train", small_set(3)), "data"); }) ==
        "data: expected classes named \"Alphabet/character\", got \"a\"");
  CHECK(config_error([&] { drawers_of(Split("train", small_set(3)), "data"); }) ==
        "data: this data set does not say who drew an image");
}

TEST_CASE("class filters: the images go, the classes stay") {
  const Split split("train", small_set(9));
  const std::vector<std::string> b = {"b"}, all = {"a", "b", "c"}, typo = {"bb"};
  CHECK(only_classes(split, b, "data.only").labels() == std::vector<int32_t>{1, 1, 1});
  CHECK(without_classes(split, b, "data.leave_out").labels() == std::vector<int32_t>{0, 2, 0, 2, 0, 2});
  CHECK(without_classes(split, b, "data.leave_out").classes().size() == 3);
  CHECK(config_error([&] { without_classes(split, all, "data.leave_out"); }) ==
        "data.leave_out: this leaves no image of the train split");
  CHECK(config_error([&] { only_classes(split, typo, "data.only"); }).starts_with("data.only: there is no class \"bb\""));
}

TEST_CASE("normalisation: contrast gives each image mean 0 and standard deviation 1, a constant one 0") {
  const Normalization n = Normalization::with_contrast(2);
  const std::vector<uint8_t> image = {0, 50, 100, 250}, constant(4, 77);
  Real x[4];
  n.apply(image, x);
  double sum = 0, squares = 0;
  for (const Real value : x) sum += value, squares += value * value;
  CHECK(sum == doctest::Approx(0).epsilon(1e-6));
  CHECK(squares / 4 == doctest::Approx(1).epsilon(1e-5));
  CHECK(x[3] > x[2]);
  n.apply(constant, x);
  for (const Real value : x) CHECK(value == 0);
}

TEST_CASE("normalisation: whitened training images have the covariance that epsilon leaves, and whitening is symmetric") {
  auto set = std::make_shared<ImageSet>();
  set->height = 2;
  set->width = 3;
  set->channels = 1;
  set->classes = {"a"};
  Rng rng(3);
  constexpr int64_t kImages = 2345, kNumbers = 6;
  for (int64_t i = 0; i < kImages; ++i) {
    set->labels.push_back(0);
    const int64_t common = rng.below(128);  // pixels that go together
    for (int64_t p = 0; p < kNumbers; ++p) set->pixels.push_back(static_cast<uint8_t>(common + rng.below(64)));
  }
  const Split split("train", set);
  constexpr double kEpsilon = 0.01;
  const Normalization n = Normalization::zca(split, kEpsilon);
  std::vector<Real> plain(kImages * kNumbers);
  for (int64_t i = 0; i < kImages; ++i) n.apply(split.image(i), plain.data() + i * kNumbers);
  std::vector<Real> white = plain;
  n.whiten(white.data(), kImages);
  const auto covariance = [&](const std::vector<Real>& x) {
    linalg::Matrix c(kNumbers, kNumbers);
    std::vector<double> mean(kNumbers);
    for (size_t i = 0; i < x.size(); ++i) mean[i % kNumbers] += x[i] / static_cast<double>(kImages);
    for (int64_t i = 0; i < kImages; ++i)
      for (int64_t a = 0; a < kNumbers; ++a)
        for (int64_t b = 0; b < kNumbers; ++b)
          c(a, b) += (x[static_cast<size_t>(i * kNumbers + a)] - mean[static_cast<size_t>(a)]) *
                     (x[static_cast<size_t>(i * kNumbers + b)] - mean[static_cast<size_t>(b)]) / kImages;
    return c;
  };
  // C's eigenvalues l become l / (l + epsilon), in the same directions: C_white (C + epsilon) = C.
  const linalg::Matrix before = covariance(plain), after = covariance(white);
  for (int64_t a = 0; a < kNumbers; ++a)
    for (int64_t b = 0; b < kNumbers; ++b) {
      double product = kEpsilon * after(a, b);
      for (int64_t k = 0; k < kNumbers; ++k) product += after(a, k) * before(k, b);
      CHECK(product == doctest::Approx(before(a, b)).epsilon(1e-3));
      CHECK(n.whitening.at({a, b}) == doctest::Approx(n.whitening.at({b, a})).epsilon(1e-4));
    }
}

}  // namespace fewer::testing
