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

TEST_CASE("augment: warp by the identity, by whole pixels and by a quarter turn gives what is computed by hand") {
  Image image = counting(9);
  warp(image, {3, 3, 1}, {});
  CHECK(image == counting(9));
  warp(image, {3, 3, 1}, {.shift_x = -1, .shift_y = 1});
  CHECK(image == Image{0, 0, 0, 2, 3, 0, 5, 6, 0});
  image = counting(9);
  warp(image, {3, 3, 1}, {.xx = 0, .xy = 1, .yx = -1, .yy = 0});  // the result's (x, y) shows (y, -x)
  CHECK(image == Image{7, 4, 1, 8, 5, 2, 9, 6, 3});
}

TEST_CASE("augment: warp between pixels is bilinear, with background outside") {
  Image image = {0, 100, 200, 40};
  warp(image, {1, 4, 1}, {.shift_x = 0.25});  // a quarter of the left neighbour
  CHECK(image == Image{0, 75, 175, 80});
  image = {10, 100, 20, 200};  // two channels
  warp(image, {1, 2, 2}, {.shift_x = -0.5});
  CHECK(image == Image{15, 150, 10, 100});
}

TEST_CASE("augment: affine leaves every image alone at probability 0, and moves a dot by at most what it was allowed") {
  const Affine never{.probability = 0};
  const Affine shifts{.rotation = 0, .shear = 0, .scale = 0, .shift = 3, .probability = 1};
  for (uint64_t i = 0; i < 200; ++i) {
    Image image = counting(49);
    Rng rng = Rng(3).stream(i);
    augment(image, {7, 7, 1}, std::vector<Augmentation>{never}, rng);
    CHECK(image == counting(49));
    Image dot(121, 0);
    dot[60] = 255;
    augment(dot, {11, 11, 1}, std::vector<Augmentation>{shifts}, rng);
    CHECK(std::accumulate(dot.begin(), dot.end(), 0) == doctest::Approx(255).epsilon(0.01));
    for (int64_t p = 0; p < 121; ++p)
      if (dot[static_cast<size_t>(p)] > 0) CHECK(std::max(std::abs(p / 11 - 5), std::abs(p % 11 - 5)) <= 3);
  }
}

TEST_CASE("augment: affine's inverse undoes its forward map: a half turn about the middle is the image read backwards") {
  const Affine turn{.rotation = 180, .shear = 0, .scale = 0, .shift = 0, .probability = 1};
  double largest = 0;
  for (uint64_t i = 0; i < 300; ++i) {  // the angle is uniform: some come near 180 degrees
    Image image(81, 0), backwards;
    image[4 * 9 + 7] = 200;  // right of the middle
    Rng rng = Rng(5).stream(i);
    augment(image, {9, 9, 1}, std::vector<Augmentation>{turn}, rng);
    largest = std::max<double>(largest, image[4 * 9 + 1]);  // left of it
  }
  CHECK(largest > 150);
}

}  // namespace fewer::testing
