#include "datasets/augment.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numbers>
#include <vector>

#include "core/error.h"

namespace fewer {
namespace {

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
  std::vector<int64_t> from_x(static_cast<size_t>(width));  // the same in every row
  for (int64_t x = 0; x < width; ++x) from_x[static_cast<size_t>(x)] = source(x - dx, width);
  uint8_t* out = image.data();
  for (int64_t y = 0; y < height; ++y) {
    const int64_t from_y = source(y - dy, height);
    const uint8_t* row = in.data() + std::max<int64_t>(from_y, 0) * width * channels;
    for (const int64_t x : from_x)
      for (int64_t c = 0; c < channels; ++c) *out++ = from_y < 0 || x < 0 ? uint8_t{0} : row[x * channels + c];
  }
}

int64_t up_to(int64_t most, Rng& rng) { return rng.below(2 * most + 1) - most; }

void change(std::span<uint8_t> image, const Shape& s, const Shift& shift, Rng& rng) {
  const int64_t dy = up_to(shift.pixels, rng), dx = up_to(shift.pixels, rng);
  move(image, s, dy, dx);
}
void change(std::span<uint8_t> image, const Shape& s, const Crop& crop, Rng& rng) {
  const int64_t dy = up_to(crop.pad, rng), dx = up_to(crop.pad, rng);
  move_mirrored(image, s, dy, dx);
}
void change(std::span<uint8_t> image, const Shape& s, const Flip& flip, Rng& rng) {
  if (rng.bernoulli(flip.probability)) flip_left_right(image, s);
}

double sometimes(double low, double high, double otherwise, double probability, Rng& rng) {
  const double value = rng.uniform(low, high);  // drawn either way: what follows does not depend on chance before it
  return rng.bernoulli(probability) ? value : otherwise;
}

void change(std::span<uint8_t> image, const Shape& s, const Affine& a, Rng& rng) {
  const auto draw = [&](double most, double around) { return sometimes(around - most, around + most, around, a.probability, rng); };
  const double angle = draw(a.rotation, 0) * std::numbers::pi / 180, shear_x = draw(a.shear, 0), shear_y = draw(a.shear, 0);
  const double scale_x = draw(a.scale, 1), scale_y = draw(a.scale, 1), shift_x = draw(a.shift, 0), shift_y = draw(a.shift, 0);
  // Forward: scale, then shear, then rotate, then shift; its linear part is M.
  const double c = std::cos(angle), d = std::sin(angle);
  const double m_xx = (c - d * shear_y) * scale_x, m_xy = (c * shear_x - d) * scale_y;
  const double m_yx = (d + c * shear_y) * scale_x, m_yy = (d * shear_x + c) * scale_y;
  const double determinant = m_xx * m_yy - m_xy * m_yx;
  warp(image, s, {.xx = m_yy / determinant, .xy = -m_xy / determinant, .yx = -m_yx / determinant, .yy = m_xx / determinant,
                  .shift_x = shift_x, .shift_y = shift_y});
}

}  // namespace

void Shift::describe(Visitor& v) {
  v.field("pixels", pixels, {.help = "how far at most, in each direction", .min = 1, .max = 1000});
}
void Crop::describe(Visitor& v) {
  v.field("pad", pad, {.help = "pixels mirrored on each side", .min = 1, .max = 1000});
}
void Flip::describe(Visitor& v) {
  v.field("probability", probability, {.help = "how often it mirrors", .min = 0, .max = 1});
}

void Affine::describe(Visitor& v) {
  v.field("rotation", rotation, {.help = "degrees, at most, either way", .min = 0, .max = 180});
  v.field("shear", shear, {.help = "at most, along each axis", .min = 0, .max = 0.9});
  v.field("scale", scale, {.help = "each axis by 1 - scale to 1 + scale", .min = 0, .max = 0.9});
  v.field("shift", shift, {.help = "pixels, at most, along each axis", .min = 0, .max = 1000});
  v.field("probability", probability, {.help = "how often each of the seven is applied", .min = 0, .max = 1});
}

void augment(std::span<uint8_t> image, const Shape& image_shape, std::span<const Augmentation> list, Rng& rng) {
  for (const Augmentation& one : list)
    std::visit([&](const auto& kind) { change(image, image_shape, kind, rng); }, one);
}

void move(std::span<uint8_t> image, const Shape& image_shape, int64_t dy, int64_t dx) {
  move_pixels(image, image_shape, dy, dx, [](int64_t i, int64_t n) { return i >= 0 && i < n ? i : -1; });
}

void move_mirrored(std::span<uint8_t> image, const Shape& image_shape, int64_t dy, int64_t dx) {
  ENSURE(std::abs(dy) < image_shape[0] && std::abs(dx) < image_shape[1],
         "crop: expected a move smaller than the image ", image_shape, ", got ", dy, " down and ", dx, " right");
  move_pixels(image, image_shape, dy, dx, mirrored);
}

void warp(std::span<uint8_t> image, const Shape& image_shape, const AffineMap& inverse) {
  const std::vector<uint8_t> in(image.begin(), image.end());
  const int64_t height = image_shape[0], width = image_shape[1], channels = image_shape[2];
  const double middle_y = static_cast<double>(height - 1) / 2, middle_x = static_cast<double>(width - 1) / 2;
  const auto pixel = [&](int64_t y, int64_t x, int64_t c) -> double {
    const bool inside = y >= 0 && y < height && x >= 0 && x < width;
    return inside ? in[static_cast<size_t>((y * width + x) * channels + c)] : 0;
  };
  uint8_t* out = image.data();
  for (int64_t y = 0; y < height; ++y)
    for (int64_t x = 0; x < width; ++x) {
      const double dx = static_cast<double>(x) - middle_x - inverse.shift_x, dy = static_cast<double>(y) - middle_y - inverse.shift_y;
      const double from_x = inverse.xx * dx + inverse.xy * dy + middle_x, from_y = inverse.yx * dx + inverse.yy * dy + middle_y;
      const double left = std::floor(from_x), top = std::floor(from_y), right_share = from_x - left, lower_share = from_y - top;
      const int64_t l = static_cast<int64_t>(left), t = static_cast<int64_t>(top);
      for (int64_t c = 0; c < channels; ++c) {
        const double upper = pixel(t, l, c) * (1 - right_share) + pixel(t, l + 1, c) * right_share;
        const double lower = pixel(t + 1, l, c) * (1 - right_share) + pixel(t + 1, l + 1, c) * right_share;
        *out++ = static_cast<uint8_t>(std::lround(upper * (1 - lower_share) + lower * lower_share));
      }
    }
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
