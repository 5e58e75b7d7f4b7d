// One picture in memory, as bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace fewer {

struct Image {
  int64_t height = 0, width = 0, channels = 0;
  std::vector<uint8_t> pixels;  // [H, W, C]; C = 1 grey, 2 grey and alpha, 3 red green blue, 4 with alpha

  Image() = default;
  Image(int64_t h, int64_t w, int64_t c) : height(h), width(w), channels(c), pixels(static_cast<size_t>(h * w * c)) {}
  uint8_t* at(int64_t y, int64_t x) { return pixels.data() + (y * width + x) * channels; }  // [C]. REQUIRES: inside
  const uint8_t* at(int64_t y, int64_t x) const { return pixels.data() + (y * width + x) * channels; }
  bool operator==(const Image&) const = default;
};

enum class Color { kGrey = 1, kRgb = 3 };  // the value is the number of channels

// Grey from colour by the weights of ITU-R BT.601, (77 R + 150 G + 29 B) / 256, the eye's sensitivity; colour from
// grey by repeating it. What is transparent lets a white page shine through.
Image convert(const Image& image, Color color);

}  // namespace fewer
