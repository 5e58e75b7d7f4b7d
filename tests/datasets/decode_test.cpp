#include "datasets/pictures/decode.h"

#include <doctest/doctest.h>

#include <cstdlib>

#include "core/error.h"
#include "core/files.h"
#include "tests/support/picture_files.h"
#include "tests/support/temp_folder.h"

namespace fewer::testing {
namespace {

using Bytes = std::vector<uint8_t>;
using namespace std::string_literals;

Bytes pixels(const std::string& file) { return decode_picture(file, "file").pixels; }
Bytes grey(const std::string& file) { return decode_picture(file, "file", Color::kGrey).pixels; }
Bytes rgb(const std::string& file) { return decode_picture(file, "file", Color::kRgb).pixels; }

bool near(const uint8_t* pixel, const Bytes& expected, int tolerance) {
  bool result = true;
  for (size_t c = 0; c < expected.size(); ++c) result = result && std::abs(pixel[c] - expected[c]) <= tolerance;
  return result;
}

}  // namespace

TEST_CASE("png: 1, 2 and 4 bits are stretched to 0..255") {
  CHECK(pixels(png_bytes({.width = 9, .height = 2, .depth = 1, .rows = "\0\xa5\x80\0\x5a\x00"s})) ==
        Bytes{255, 0, 255, 0, 0, 255, 0, 255, 255, 0, 255, 0, 255, 255, 0, 255, 0, 0});
  CHECK(pixels(png_bytes({.width = 4, .depth = 2, .rows = "\0\x1b"s})) == Bytes{0, 85, 170, 255});
  CHECK(pixels(png_bytes({.width = 3, .depth = 4, .rows = "\0\x0f\x80"s})) == Bytes{0, 255, 136});
}

TEST_CASE("png: of 16 bits the upper 8 are kept") {
  CHECK(pixels(png_bytes({.width = 2, .depth = 16, .rows = "\0\x12\xff\xfe\x00"s})) == Bytes{0x12, 0xfe});
  CHECK(pixels(png_bytes({.width = 1, .depth = 16, .color_type = 2, .rows = "\0\1\xff\2\xff\3\xff"s})) == Bytes{1, 2, 3});
}

TEST_CASE("png: every row filter is undone") {
  const std::string rows = "\0\x0a\x14\x1e"s    // none: 10 20 30
                           "\1\x05\x05\x05"s    // sub, from the left: 5 10 15
                           "\2\x01\x01\x01"s    // up: 6 11 16
                           "\3\x00\x00\x00"s    // the mean of left and up: 3 7 11
                           "\4\x01\x01\x01"s;   // Paeth, the nearest of left, up and between: 4 8 12
  CHECK(pixels(png_bytes({.width = 3, .height = 5, .rows = rows})) == Bytes{10, 20, 30, 5, 10, 15, 6, 11, 16, 3, 7, 11, 4, 8, 12});
}

TEST_CASE("png: interlaced pictures are put together") {
  // Of Adam7's passes 2 x 2 pixels have the first, the sixth (right of it) and the seventh (the row below).
  CHECK(pixels(png_bytes({.width = 2, .height = 2, .rows = "\0\1\0\2\0\3\4"s, .interlaced = true})) == Bytes{1, 2, 3, 4});
}

TEST_CASE("png: a palette is looked up; a colour beyond its end is black") {
  const Png png{.width = 4, .depth = 2, .color_type = 3, .rows = "\0\x1b"s, .palette = "abcdefghi"};
  CHECK(rgb(png_bytes(png)) == Bytes{'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 0, 0, 0});
}

TEST_CASE("pictures: grey of colour is its luma, colour of grey repeats it") {
  const std::string color = png_bytes({.width = 4, .color_type = 2, .rows = "\0\xff\0\0\0\xff\0\0\0\xff\xff\xff\xff"s});
  CHECK(grey(color) == Bytes{77, 149, 29, 255});  // 77, 150 and 29 parts of 256 of 255
  CHECK(rgb(png_bytes({.width = 2, .rows = "\0\x07\x08"s})) == Bytes{7, 7, 7, 8, 8, 8});
}

TEST_CASE("pictures: what is transparent lets a white page shine through") {
  const std::string grey_alpha = png_bytes({.width = 3, .color_type = 4, .rows = "\0\x64\xff\x64\x00\x64\x80"s});
  CHECK(grey(grey_alpha) == Bytes{100, 255, 177});  // 100 * 128/255 + 255 * 127/255 = 177.2
  CHECK(rgb(grey_alpha) == Bytes{100, 100, 100, 255, 255, 255, 177, 177, 177});
  CHECK(rgb(png_bytes({.width = 2, .color_type = 6, .rows = "\0\1\2\3\xff\1\2\3\0"s})) == Bytes{1, 2, 3, 255, 255, 255});
  CHECK(grey(png_bytes({.width = 2, .color_type = 0, .rows = "\0\5\6"s, .transparency = "\0\6"s})) == Bytes{5, 255});
  CHECK(rgb(png_bytes({.width = 2, .color_type = 3, .rows = "\0\0\1"s, .palette = "abcdef", .transparency = "\0"s})) ==
        Bytes{255, 255, 255, 'd', 'e', 'f'});
}

TEST_CASE("jpeg: baseline grey and progressive colour with halved chroma") {
  const Image baseline = decode_picture(grey_jpeg(), "file");
  REQUIRE((baseline.height == 8 && baseline.width == 16 && baseline.channels == 1));
  CHECK(near(baseline.at(3, 2), {200}, 2));
  CHECK(near(baseline.at(7, 15), {40}, 2));
  const Image progressive = decode_picture(progressive_jpeg(), "file");
  REQUIRE((progressive.height == 16 && progressive.width == 32 && progressive.channels == 3));
  CHECK(near(progressive.at(2, 2), {220, 30, 40}, 4));
  CHECK(near(progressive.at(12, 28), {30, 60, 210}, 4));
}

TEST_CASE("bmp: 24 bits bottom row first, 32 bits top row first, palettes of 1, 4 and 8 bits, 16 bits by mask") {
  const std::string two_rows = "\1\2\3\4\5\6\0\0\7\10\11\12\13\14\0\0"s;  // blue green red, padded to 4 bytes
  CHECK(pixels(bmp_bytes({.width = 2, .height = 2, .bits = 24, .rows = two_rows})) == Bytes{9, 8, 7, 12, 11, 10, 3, 2, 1, 6, 5, 4});
  CHECK(rgb(bmp_bytes({.width = 1, .height = -2, .bits = 32, .rows = "\1\2\3\xff\4\5\6\xff"s})) == Bytes{3, 2, 1, 6, 5, 4});
  const std::string palette = "\1\2\3\0\4\5\6\0"s;
  for (const auto& [bits, row] : {std::pair{1, "\x40\0\0\0"s}, {4, "\x01\0\0\0"s}, {8, "\0\1\0\0"s}})
    CHECK(rgb(bmp_bytes({.width = 2, .height = 1, .bits = bits, .behind_header = palette, .rows = row})) == Bytes{3, 2, 1, 6, 5, 4});
  CHECK(rgb(bmp_bytes({.width = 2, .height = 1, .bits = 16, .rows = "\x00\x7c\x1f\x00"s})) == Bytes{255, 0, 0, 0, 0, 255});  // 5 bits each
  const std::string masks = little32(0xf800) + little32(0x07e0) + little32(0x001f);
  CHECK(rgb(bmp_bytes({.width = 2, .height = 1, .bits = 16, .compression = 3, .behind_header = masks, .rows = "\xe0\x07\x00\xf8"s})) ==
        Bytes{0, 255, 0, 255, 0, 0});
}

TEST_CASE("pictures: a file is known by its first bytes, not by its name") {
  const TempFolder folder;
  write_file_atomically(folder.file("a.jpg"), png_bytes({.rows = "\0\7"s}));
  CHECK(read_picture(folder.file("a.jpg"), Color::kGrey).pixels == Bytes{7});
  CHECK(is_picture_name("a.JPeG"));
  CHECK(is_picture_name("b.bmp"));
  CHECK_FALSE(is_picture_name("c.gif"));
  CHECK_FALSE(is_picture_name("png"));
}

}  // namespace fewer::testing
