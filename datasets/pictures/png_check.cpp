// PNG (ISO/IEC 15948): a signature, then chunks of { 4 bytes length, 4 bytes type, data, CRC-32 of type and data }.
#include <zlib.h>

#include <algorithm>

#include "datasets/pictures/checks.h"
#include "datasets/pictures/cursor.h"

namespace fewer {
namespace {

constexpr std::string_view kSignature = "\x89PNG\r\n\x1a\n";
constexpr size_t kChunkFrame = 12;         // length, type and CRC-32
constexpr int64_t kMostInflation = 1032;   // deflate's best: 258 bytes for 2 bits, nearly
constexpr int64_t kInflationSlack = 1032;  // of the last, partly filled byte
constexpr size_t kPaletteBytes = 3 * 256;

struct Chunk {
  std::string_view type, data;
  size_t begin = 0;  // in the file
};

uint32_t crc(const Chunk& chunk) {  // type and data lie one behind the other
  const size_t bytes = chunk.type.size() + chunk.data.size();
  return static_cast<uint32_t>(crc32_z(0, reinterpret_cast<const Bytef*>(chunk.type.data()), bytes));
}

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

Chunk next_chunk(Cursor& file) {
  Chunk chunk;
  chunk.begin = file.position();
  const uint32_t length = file.big32();
  chunk.type = file.take(4);
  if (!std::all_of(chunk.type.begin(), chunk.type.end(), is_letter)) file.refuse("expected the type of a chunk, four letters");
  chunk.data = file.take(length);
  const uint32_t expected = crc(chunk), got = file.big32();
  if (expected != got) {
    file.seek(chunk.begin);
    file.refuse("the check sum of chunk \"", chunk.type, "\" is not that of its ", length, " bytes");
  }
  return chunk;
}

bool is_critical(const Chunk& chunk) { return (chunk.type[0] & 0x20) == 0; }

// Bits of one pixel of this colour type; 0 when there is no such type of that depth.
int64_t bits_per_pixel(uint32_t color_type, uint32_t depth) {
  const bool byte_sized = depth == 8 || depth == 16, small = depth == 1 || depth == 2 || depth == 4;
  switch (color_type) {
    case 0: return byte_sized || small ? depth : 0;  // grey
    case 2: return byte_sized ? 3 * depth : 0;       // red green blue
    case 3: return small || depth == 8 ? depth : 0;  // palette
    case 4: return byte_sized ? 2 * depth : 0;       // grey and alpha
    case 6: return byte_sized ? 4 * depth : 0;       // red green blue and alpha
    default: return 0;
  }
}

// Fills in height and width; returns the bits of one pixel.
int64_t read_header(Cursor& file, PictureHeader& header) {
  const Chunk chunk = next_chunk(file);
  const size_t end = file.position();
  file.seek(chunk.begin);
  if (chunk.type != "IHDR" || chunk.data.size() != 13) file.refuse("expected the chunk IHDR of 13 bytes first, got ", chunk.type);
  file.seek(chunk.begin + 8);
  header.width = file.big32();
  header.height = file.big32();
  file.check_size(header.height, header.width);
  const uint32_t depth = file.u8(), color_type = file.u8();
  const int64_t bits = bits_per_pixel(color_type, depth);
  if (bits == 0) file.refuse("there is no colour type ", color_type, " with ", depth, " bits");
  if (file.u8() != 0 || file.u8() != 0 || file.u8() > 1) file.refuse("unknown compression, filter or interlacing");
  file.seek(end);
  return bits;
}

bool is_short_palette(const Cursor& file, const Chunk& chunk) {
  if (chunk.data.empty() || chunk.data.size() % 3 != 0 || chunk.data.size() > kPaletteBytes)
    file.refuse("expected a palette of 1 to 256 colours of 3 bytes, got ", chunk.data.size(), " bytes");
  return chunk.data.size() < kPaletteBytes;
}

}  // namespace

bool is_png(std::string_view bytes) { return bytes.starts_with(kSignature); }

PictureHeader check_png(std::string_view bytes, const std::string& name) {
  Cursor file(bytes, name, "PNG");
  file.take(kSignature.size());
  PictureHeader header;
  const int64_t bits = read_header(file, header);
  int64_t compressed = 0;
  for (Chunk chunk = next_chunk(file); chunk.type != "IEND"; chunk = next_chunk(file)) {
    if (chunk.type == "IDAT") compressed += static_cast<int64_t>(chunk.data.size());
    else if (chunk.type == "PLTE") header.short_palette |= is_short_palette(file, chunk);
    else if (is_critical(chunk)) file.refuse("unknown chunk \"", chunk.type, "\"");
  }
  if (header.height * (header.width * bits / 8) > compressed * kMostInflation + kInflationSlack)
    file.refuse("the header announces ", header.width, " x ", header.height, " pixels, more than ", compressed,
                " bytes of image data can hold");
  return header;
}

std::string with_full_palette(std::string_view bytes) {
  const std::string name;
  Cursor file(bytes, name, "PNG");
  file.take(kSignature.size());
  std::string result(kSignature);
  Chunk chunk;
  do {
    chunk = next_chunk(file);
    std::string whole(bytes.substr(chunk.begin, chunk.data.size() + kChunkFrame));
    if (chunk.type == "PLTE") {
      whole.replace(0, 4, std::string_view("\0\0\3\0", 4));  // 768 bytes
      whole.insert(whole.size() - 4, kPaletteBytes - chunk.data.size(), '\0');
    }
    result += whole;
  } while (chunk.type != "IEND");
  return result;
}

}  // namespace fewer
