#include "datasets/pictures/decode.h"
#include "tests/fuzz/target.h"
#include "tests/support/picture_files.h"

namespace fewer::testing {
namespace {

std::vector<std::string> files() {
  const std::string rgba = std::string(2 * (1 + 2 * 8), '\0');
  return {drawing_png(20, 1),
          png_bytes({.width = 3, .color_type = 3, .rows = std::string("\0\0\1\1", 4), .palette = "abcdef"}),
          png_bytes({.width = 2, .height = 2, .depth = 16, .color_type = 6, .rows = rgba}),
          bmp_bytes({.width = 2, .height = 2, .rows = "abcdef..ghijkl.."}),
          grey_jpeg(),
          progressive_jpeg()};
}

// The check sums of a PNG are mended first: otherwise nearly every mutation would stop at one.
void read(const std::string& bytes) {
  const std::string file = with_new_check_sums(bytes);
  decode_picture(file, "picture");
  decode_picture(file, "picture", Color::kGrey);
}

}  // namespace

FuzzTarget image_target() { return {"image", files, read}; }

}  // namespace fewer::testing
