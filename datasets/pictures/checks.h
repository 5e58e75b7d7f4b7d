// What is asked of a picture's file before stb_image sees it.
//
// stb_image trusts files more than one should: it takes memory for whatever a header claims, reads zeros behind the end
// of a file, skips check sums, and writes behind its tables when a JPEG has more Huffman codes than there are symbols.
// So the outer structure of a file is read here first: lengths, sizes, tables, check sums, the end. Decoding itself,
// of what lies inside, is left to stb_image (datasets/pictures/decode.h).
//
// Every check throws Error(kData): the file, the byte, what was expected, what came, what to do.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace fewer {

inline constexpr int64_t kMostPictureSide = 32768;               // pixels
inline constexpr int64_t kMostPicturePixels = int64_t{1} << 26;  // 67 million

struct PictureHeader {
  int64_t height = 0, width = 0;
  bool short_palette = false;  // of a PNG: it has fewer than 256 colours
};

bool is_png(std::string_view bytes);  // by its first bytes, likewise below
bool is_jpeg(std::string_view bytes);
bool is_bmp(std::string_view bytes);

// Sizes and depth are ones that exist; every chunk is whole and its check sum right; the image data could inflate to
// what the header announces.
PictureHeader check_png(std::string_view bytes, const std::string& name);

// The segments follow one another to the end marker; at most 256 codes in a Huffman table; every scan's tables were
// defined; the file is long enough for its number of blocks.
PictureHeader check_jpeg(std::string_view bytes, const std::string& name);

// All rows are there, uncompressed, and no pixel is beyond its palette. The oldest kind, of OS/2, is refused: stb_image
// miscounts its palette.
PictureHeader check_bmp(std::string_view bytes, const std::string& name);

// A PNG whose palette has fewer than 256 colours, with black ones added: stb_image looks colours up without asking how
// many there are. REQUIRES: check_png(bytes).
std::string with_full_palette(std::string_view bytes);

}  // namespace fewer
