#include "datasets/augment.h"

#include <algorithm>
#include <array>
#include <vector>

#include "core/error.h"

namespace fewer {
namespace {

constexpr std::array<const char*, 3> kNames = {"shift", "crop", "flip"};

// -1 -> 1, -2 -> 2, n -> n-2: the edge itself is not repeated. REQUIRES: -n < i < 2n-1
int64_t mirrored(int64_t i, int64_t n) {
  if (n == 1) return 0;
  if (i < 0) return -i;
  return i < n ? i : 2 * (n - 1) - i;
}

// out[y][x] = in[source(y - dy)][source(x - dx)], background where the source says it is outside (-1).
template <class Source>
void move_pixels(std::span<uint8_t> image, const Shape& s, int64_t dy, int64_t dx, Source source) {
  const std::vector<uint8_t> in(image.begin(), image.end());
  const int64_t height = s[0], width = s[1], channels = s[2];
  uint8_t* out = image.data();
  for (int64_t y = 0; y < height; ++y)
    for (int64_t x = 0; x < width; ++x, out += channels) {
      const int64_t from_y = source(y - dy, height), from_x = source(x - dx, width);
      if (from_y < 0 || from_x < 0)
        std::fill_n(out, channels, uint8_t{0});
      else
        std::copy_n(in.data() + (from_y * width + from_x) * channels, channels, out);
    }
}

}  // namespace

std::span<const char* const> augmentation_names() { return kNames; }

void augment(std::span<uint8_t> image, const Shape& image_shape, std::span<const Augmentation> list, Rng& rng) {
  for (const Augmentation& a : list) {
    if (a.name == "flip") {
      if (rng.bernoulli(0.5)) flip_left_right(image, image_shape);
      continue;
    }
    const int64_t dy = rng.below(2 * a.pixels + 1) - a.pixels;
    const int64_t dx = rng.below(2 * a.pixels + 1) - a.pixels;
    if (a.name == "shift")
      move(image, image_shape, dy, dx);
    else if (a.name == "crop")
      move_mirrored(image, image_shape, dy, dx);
    else
      fail_config("augmentation: expected shift, crop or flip, got \"", a.name, "\"");
  }
}

void move(std::span<uint8_t> image, const Shape& image_shape, int64_t dy, int64_t dx) {
  move_pixels(image, image_shape, dy, dx, [](int64_t i, int64_t n) { return i >= 0 && i < n ? i : -1; });
}

void move_mirrored(std::span<uint8_t> image, const Shape& image_shape, int64_t dy, int64_t dx) {
  ENSURE(std::abs(dy) < image_shape[0] && std::abs(dx) < image_shape[1], "crop: expected a move smaller than the image ", image_shape,
         ", got ", dy, " down and ", dx, " right");
  move_pixels(image, image_shape, dy, dx, mirrored);
}

void flip_left_right(std::span<uint8_t> image, const Shape& image_shape) {
  const int64_t height = image_shape[0], width = image_shape[1], channels = image_shape[2];
  for (int64_t y = 0; y < height; ++y)
    for (int64_t left = 0, right = width - 1; left < right; ++left, --right) {
      uint8_t* row = image.data() + y * width * channels;
      std::swap_ranges(row + left * channels, row + (left + 1) * channels, row + right * channels);
    }
}

}  // namespace fewer
