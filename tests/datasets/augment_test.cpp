#include "datasets/augment.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <numeric>
#include <set>
#include <vector>

#include "core/error.h"

namespace fewer::testing {
namespace {

using Image = std::vector<uint8_t>;

Image counting(int n) {
  Image image(static_cast<size_t>(n));
  std::iota(image.begin(), image.end(), uint8_t{1});
  return image;
}

}  // namespace

TEST_CASE("augment: move brings in background, move_mirrored what is inside, pixel by pixel") {
  Image image = counting(9);
  move(image, {3, 3, 1}, 1, -1);
  CHECK(image == Image{0, 0, 0, 2, 3, 0, 5, 6, 0});
  image = counting(9);
  move_mirrored(image, {3, 3, 1}, 1, -1);
  CHECK(image == Image{5, 6, 5, 2, 3, 2, 5, 6, 5});
  image = counting(9);
  move_mirrored(image, {3, 3, 1}, 0, 2);
  CHECK(image == Image{3, 2, 1, 6, 5, 4, 9, 8, 7});
}

TEST_CASE("augment: flip mirrors left and right and keeps channels together") {
  Image image = counting(12);
  flip_left_right(image, {2, 3, 2});
  CHECK(image == Image{5, 6, 3, 4, 1, 2, 11, 12, 9, 10, 7, 8});
}

TEST_CASE("augment: shift reaches every offset up to its limit and none beyond") {
  const std::vector<Augmentation> list = {Shift{.pixels = 2}};
  std::set<int64_t> places;
  for (uint64_t i = 0; i < 500; ++i) {
    Image image(49, 0);
    image[24] = 9;  // the middle of 7x7
    Rng rng = Rng(1).stream(i);
    augment(image, {7, 7, 1}, list, rng);
    const int64_t at = std::find(image.begin(), image.end(), 9) - image.begin();
    REQUIRE(at < 49);
    CHECK(std::abs(at / 7 - 3) <= 2);
    CHECK(std::abs(at % 7 - 3) <= 2);
    places.insert(at);
  }
  CHECK(places.size() == 25);
}

TEST_CASE("augment: flip happens half of the time") {
  const std::vector<Augmentation> list = {Flip{}};
  int flipped = 0;
  for (uint64_t i = 0; i < 1000; ++i) {
    Image image = {1, 2};
    Rng rng = Rng(1).stream(i);
    augment(image, {1, 2, 1}, list, rng);
    flipped += image[0] == 2;
  }
  CHECK(flipped > 440);
  CHECK(flipped < 560);
}

TEST_CASE("augment: a crop wider than the image is refused") {
  Image image = counting(4);
  CHECK_THROWS_WITH_AS(move_mirrored(image, {2, 2, 1}, 2, 0), doctest::Contains("smaller than the image [2, 2, 1]"),
                       Error);
}

}  // namespace fewer::testing
