// BMP: a file header of 14 bytes, an info header, perhaps bit masks or a palette, then rows of pixels, each padded to 4 bytes.
// All integers little-endian.
#include <algorithm>
#include <cstdlib>

#include "datasets/pictures/checks.h"
#include "datasets/pictures/cursor.h"

namespace fewer {
namespace {

constexpr size_t kFileHeader = 14, kInfoHeader = 40;
constexpr size_t kPaletteEntry = 4;
constexpr uint32_t kUncompressed = 0, kBitMasks = 3;

struct Layout {
  PictureHeader size;
  uint32_t bits = 0;       // per pixel
  size_t pixels = 0;       // where the rows begin
  size_t row = 0;          // bytes of one, padded
  size_t headers_end = 0;  // where a palette begins
};

Layout read_headers(Cursor& file) {
  Layout layout;
  file.take(10);
  layout.pixels = file.little32();
  const size_t header = file.little32();
  if (header < kInfoHeader) file.refuse("expected an info header of ", kInfoHeader, " bytes or more, got ", header);
  layout.size.width = static_cast<int32_t>(file.little32());
  layout.size.height = std::abs(int64_t{static_cast<int32_t>(file.little32())});  // below 0: the top row comes first
  file.check_size(layout.size.height, layout.size.width);
  file.take(2);
  layout.bits = file.little16();
  const uint32_t compression = file.little32();
  if (compression != kUncompressed && compression != kBitMasks) file.refuse("expected no compression, got kind ", compression);
  const size_t masks = header == kInfoHeader && compression == kBitMasks ? 12 : 0;
  layout.headers_end = kFileHeader + header + masks;
  layout.row = (static_cast<size_t>(layout.size.width) * layout.bits + 31) / 32 * 4;
  return layout;
}

// stb_image believes that the palette fills all space up to the pixels.
size_t palette_colors(const Cursor& file, const Layout& layout) {
  const size_t colors = (layout.pixels - layout.headers_end) / kPaletteEntry;
  if (colors < 1 || colors > 256) file.refuse("expected a palette of 1 to 256 colours before the pixels, got ", colors);
  return colors;
}

void check_indices(Cursor& file, const Layout& layout) {
  const size_t colors = palette_colors(file, layout), per_byte = 8 / layout.bits;
  for (int64_t y = 0; y < layout.size.height; ++y) {
    const std::string_view row = file.take(layout.row);
    for (size_t x = 0; x < static_cast<size_t>(layout.size.width); ++x) {
      const size_t shift = 8 - layout.bits * (x % per_byte + 1);
      const size_t index = static_cast<uint8_t>(row[x / per_byte]) >> shift & ((1u << layout.bits) - 1);
      if (index >= colors) file.refuse("pixel ", x, " of the row that ends here has colour ", index, " of a palette of ", colors);
    }
  }
}

}  // namespace

bool is_bmp(std::string_view bytes) { return bytes.starts_with("BM"); }

PictureHeader check_bmp(std::string_view bytes, const std::string& name) {
  Cursor file(bytes, name, "BMP");
  const Layout layout = read_headers(file);
  constexpr uint32_t kDepths[] = {1, 4, 8, 16, 24, 32};
  if (std::find(std::begin(kDepths), std::end(kDepths), layout.bits) == std::end(kDepths))
    file.refuse("expected 1, 4, 8, 16, 24 or 32 bits per pixel, got ", layout.bits);
  if (layout.pixels < layout.headers_end || layout.pixels > bytes.size())
    file.refuse("the pixels should begin between byte ", layout.headers_end, " and the end, but the header says ", layout.pixels);
  file.seek(layout.pixels);
  const size_t needed = layout.row * static_cast<size_t>(layout.size.height);
  if (needed > file.remaining())
    file.refuse("the header announces ", layout.size.width, " x ", layout.size.height, " pixels of ", layout.bits, " bits, ", needed,
                " bytes, but only ", file.remaining(), " follow");
  if (layout.bits <= 8) check_indices(file, layout);
  return layout.size;
}

}  // namespace fewer
