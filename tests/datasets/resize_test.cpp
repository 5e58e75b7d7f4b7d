#include "datasets/pictures/resize.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <numeric>

#include "core/rng.h"

namespace fewer::testing {
namespace {

Image grey(int64_t height, int64_t width, std::vector<uint8_t> pixels) {
  Image image(height, width, 1);
  image.pixels = std::move(pixels);
  return image;
}

std::vector<uint8_t> resized(const Image& image, int64_t height, int64_t width, ResizeFilter filter) {
  return resize(image, height, width, filter).pixels;
}

using Bytes = std::vector<uint8_t>;

}  // namespace

TEST_CASE("resize: nearest takes the pixel under the centre") {
  const Image line = grey(1, 5, {10, 20, 30, 40, 50});
  CHECK(resized(line, 1, 2, ResizeFilter::kNearest) == Bytes{20, 40});  // centres at 1.25 and 3.75
  CHECK(resized(line, 1, 3, ResizeFilter::kNearest) == Bytes{10, 30, 50});
  CHECK(resized(line, 1, 10, ResizeFilter::kNearest) == Bytes{10, 10, 20, 20, 30, 30, 40, 40, 50, 50});
  CHECK(resized(grey(2, 2, {1, 2, 3, 4}), 1, 1, ResizeFilter::kNearest) == Bytes{4});  // a centre on a corner: down and right
}

TEST_CASE("resize: area averages what a pixel covers, pixels on its border in part") {
  const Image line = grey(1, 5, {10, 20, 30, 40, 50});
  // Each of 2 covers 2.5: (10 + 20 + 30 / 2) / 2.5 = 18 and (30 / 2 + 40 + 50) / 2.5 = 42.
  CHECK(resized(line, 1, 2, ResizeFilter::kArea) == Bytes{18, 42});
  // Each of 3 covers 5/3: (10 + 20 * 2/3) / (5/3) = 14, (20 / 3 + 30 + 40 / 3) / (5/3) = 30, 46.
  CHECK(resized(line, 1, 3, ResizeFilter::kArea) == Bytes{14, 30, 46});
  CHECK(resized(grey(2, 2, {1, 2, 3, 4}), 1, 1, ResizeFilter::kArea) == Bytes{3});  // 2.5 rounds up
  CHECK(resized(grey(1, 2, {0, 90}), 1, 3, ResizeFilter::kArea) == Bytes{0, 45, 90});
}

TEST_CASE("resize: 105 to 35 by area is the mean of 3 x 3") {
  Rng rng(1);
  Image image(105, 105, 1);
  for (uint8_t& pixel : image.pixels) pixel = static_cast<uint8_t>(rng.below(256));
  const Image small = resize(image, 35, 35, ResizeFilter::kArea);
  for (int64_t y = 0; y < 35; ++y)
    for (int64_t x = 0; x < 35; ++x) {
      int sum = 0;
      for (int64_t dy = 0; dy < 3; ++dy)
        for (int64_t dx = 0; dx < 3; ++dx) sum += *image.at(3 * y + dy, 3 * x + dx);
      REQUIRE(*small.at(y, x) == (2 * sum + 9) / 18);
    }
}

TEST_CASE("resize: bilinear lies between the centres of the four pixels around it") {
  // From 2 to 4, centres lie at -1/4, 1/4, 3/4, 5/4 between the two: the ends go on, 3/4 and 1/4 of each between.
  CHECK(resized(grey(1, 2, {0, 100}), 1, 4, ResizeFilter::kBilinear) == Bytes{0, 25, 75, 100});
  CHECK(resized(grey(2, 1, {0, 100}), 4, 1, ResizeFilter::kBilinear) == Bytes{0, 25, 75, 100});
  CHECK(resized(grey(2, 2, {0, 100, 200, 40}), 1, 1, ResizeFilter::kBilinear) == Bytes{85});  // the mean of all four
  CHECK(resized(grey(1, 3, {0, 60, 120}), 1, 2, ResizeFilter::kBilinear) == Bytes{15, 105});  // centres at 1/4 and 7/4
  CHECK(resized(grey(2, 2, {0, 80, 160, 240}), 3, 3, ResizeFilter::kBilinear) == Bytes{0, 40, 80, 80, 120, 160, 160, 200, 240});
}

TEST_CASE("resize: every filter keeps a flat picture flat, channels apart and an unchanged size untouched") {
  for (const ResizeFilter filter : {ResizeFilter::kNearest, ResizeFilter::kArea, ResizeFilter::kBilinear}) {
    Image flat(7, 13, 3);
    for (size_t i = 0; i < flat.pixels.size(); ++i) flat.pixels[i] = static_cast<uint8_t>(i % 3 * 100 + 55);
    for (const int64_t size : {1, 2, 5, 7, 13, 40}) {
      const Image result = resize(flat, size, size + 1, filter);
      bool same = true;
      for (size_t i = 0; i < result.pixels.size(); ++i) same = same && result.pixels[i] == i % 3 * 100 + 55;
      CHECK(same);
    }
    Image image(4, 3, 1);
    std::iota(image.pixels.begin(), image.pixels.end(), uint8_t{3});
    CHECK(resize(image, 4, 3, filter) == image);
  }
}

TEST_CASE("resize: sizes of zero are refused") {
  CHECK_THROWS(resize(grey(1, 1, {1}), 0, 1, ResizeFilter::kArea));
  CHECK_THROWS(resize(Image(), 1, 1, ResizeFilter::kArea));
}

}  // namespace fewer::testing
