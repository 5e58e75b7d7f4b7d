#include "datasets/splits.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "core/error.h"
#include "datasets/normalization.h"

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

}  // namespace fewer::testing
