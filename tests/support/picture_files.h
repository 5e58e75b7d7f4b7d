// PNG, BMP and JPEG files made for tests, good ones and the parts of bad ones.
#pragma once

#include <cstdint>
#include <string>

#include "datasets/pictures/image.h"

namespace fewer::testing {

// Of a PNG, by the letter of its standard. `rows` is what is compressed: for each row a filter byte and its samples.
struct Png {
  uint32_t width = 1, height = 1;
  int depth = 8;
  int color_type = 0;  // 0 grey, 2 red green blue, 3 palette, 4 grey and alpha, 6 red green blue and alpha
  std::string rows = {};
  std::string palette = {};       // chunk PLTE; none when empty
  std::string transparency = {};  // chunk tRNS; none when empty
  bool interlaced = false;
};
std::string png_bytes(const Png& png);
std::string png_chunk(const std::string& type, const std::string& data);
std::string with_new_check_sums(std::string png);  // of chunks whose data were changed; what is no PNG comes back as it is

std::string grey_png(const Image& image);  // [H, W, 1], 8 bits
std::string drawing_png(int64_t size, int64_t seed);  // 1 bit, black strokes on white, as Omniglot's

// Of a BMP with the 40-byte header. `rows` come bottom row first, padded to 4 bytes.
struct Bmp {
  int32_t width = 1, height = 1;
  int bits = 24;
  uint32_t compression = 0;
  std::string behind_header = {};  // masks or a palette
  std::string rows = {};
};
std::string bmp_bytes(const Bmp& bmp);

std::string grey_jpeg();         // baseline, 16 x 8: 200 on the left half, 40 on the right
std::string progressive_jpeg();  // 32 x 16, chroma at half size: 220 30 40 on the left half, 30 60 210 on the right

std::string big32(uint32_t value);
std::string little32(uint32_t value);

}  // namespace fewer::testing
