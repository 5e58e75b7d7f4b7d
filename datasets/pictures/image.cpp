#include "datasets/pictures/image.h"

#include "core/error.h"

namespace fewer {
namespace {

// (a / 255) * value + (1 - a / 255) * white, rounded.
uint8_t over_white(int value, int alpha) { return static_cast<uint8_t>((value * alpha + 255 * (255 - alpha) + 127) / 255); }

uint8_t luma(const uint8_t* rgb) { return static_cast<uint8_t>((77 * rgb[0] + 150 * rgb[1] + 29 * rgb[2] + 128) >> 8); }

}  // namespace

Image convert(const Image& image, Color color) {
  ENSURE(image.channels >= 1 && image.channels <= 4, "convert: expected 1 to 4 channels, got ", image.channels);
  const int64_t wanted = static_cast<int64_t>(color);
  if (image.channels == wanted) return image;
  Image result(image.height, image.width, wanted);
  const bool has_alpha = image.channels % 2 == 0, has_color = image.channels >= 3;
  const uint8_t* from = image.pixels.data();
  for (uint8_t *to = result.pixels.data(), *end = to + result.pixels.size(); to != end; from += image.channels, to += wanted) {
    uint8_t rgb[3];
    for (int c = 0; c < 3; ++c) {
      const uint8_t value = from[has_color ? c : 0];
      rgb[c] = has_alpha ? over_white(value, from[image.channels - 1]) : value;
    }
    if (color == Color::kGrey) *to = has_color ? luma(rgb) : rgb[0];
    else for (int c = 0; c < 3; ++c) to[c] = rgb[c];
  }
  return result;
}

}  // namespace fewer
