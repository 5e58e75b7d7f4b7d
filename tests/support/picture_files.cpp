#include "tests/support/picture_files.h"

#include <zlib.h>

#include "core/error.h"

namespace fewer::testing {
namespace {

// Both were written by libjpeg.
constexpr std::string_view kGreyJpeg =
    "ffd8ffe000104a46494600010100000100010000ffdb0043000302020302020303030304030304050805050404050a070706080c0a0c0c0b0a0b0b0d0e12100d"
    "0e110e0b0b1016101113141515150c0f171816141812141514ffc0000b080008001001011100ffc4001500010100000000000000000000000000000809ffc400"
    "14100100000000000000000000000000000000ffda0008010100003f006022a3ffd9";
constexpr std::string_view kProgressiveJpeg =
    "ffd8ffe000104a46494600010100000100010000ffdb0043000302020302020303030304030304050805050404050a070706080c0a0c0c0b0a0b0b0d0e12100d"
    "0e110e0b0b1016101113141515150c0f171816141812141514ffdb00430103040405040509050509140d0b0d1414141414141414141414141414141414141414"
    "141414141414141414141414141414141414141414141414141414141414ffc20011080010002003012200021101031101ffc400160001010100000000000000"
    "000000000000000506ffc400160101010100000000000000000000000000080607ffda000c03010002100310000001c489bdf6284717bfffc400141001000000"
    "00000000000000000000000030ffda00080101000105020fffc40014110100000000000000000000000000000010ffda0008010301013f013fffc40014110100"
    "000000000000000000000000000010ffda0008010201013f013fffc40014100100000000000000000000000000000030ffda0008010100063f020fffc4001410"
    "0100000000000000000000000000000030ffda0008010100013f210fffda000c03010002000300000010f42fffc4001411010000000000000000000000000000"
    "0010ffda0008010301013f103fffc40014110100000000000000000000000000000010ffda0008010201013f103fffc400141001000000000000000000000000"
    "00000030ffda0008010100013f100fffd9";

std::string from_hex(std::string_view hex) {
  std::string bytes;
  for (size_t i = 0; i < hex.size(); i += 2) bytes += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  return bytes;
}

std::string deflated(const std::string& bytes) {
  uLongf size = compressBound(bytes.size());
  std::string result(size, '\0');
  const auto* from = reinterpret_cast<const Bytef*>(bytes.data());
  ENSURE(compress(reinterpret_cast<Bytef*>(result.data()), &size, from, bytes.size()) == Z_OK, "zlib cannot compress");
  result.resize(size);
  return result;
}

std::string little16(uint32_t value) { return {static_cast<char>(value), static_cast<char>(value >> 8)}; }

}  // namespace

std::string big32(uint32_t value) {
  return {static_cast<char>(value >> 24), static_cast<char>(value >> 16), static_cast<char>(value >> 8), static_cast<char>(value)};
}
std::string little32(uint32_t value) { return little16(value) + little16(value >> 16); }

std::string png_chunk(const std::string& type, const std::string& data) {
  const std::string summed = type + data;
  return big32(static_cast<uint32_t>(data.size())) + summed +
         big32(static_cast<uint32_t>(crc32_z(0, reinterpret_cast<const Bytef*>(summed.data()), summed.size())));
}

std::string png_bytes(const Png& png) {
  const char kinds[5] = {static_cast<char>(png.depth), static_cast<char>(png.color_type), 0, 0, png.interlaced};
  std::string bytes = "\x89PNG\r\n\x1a\n" + png_chunk("IHDR", big32(png.width) + big32(png.height) + std::string(kinds, 5));
  if (!png.palette.empty()) bytes += png_chunk("PLTE", png.palette);
  if (!png.transparency.empty()) bytes += png_chunk("tRNS", png.transparency);
  return bytes + png_chunk("IDAT", deflated(png.rows)) + png_chunk("IEND", "");
}

std::string with_new_check_sums(std::string png) {
  const auto at = [&](size_t i) { return size_t{static_cast<uint8_t>(png[i])}; };
  for (size_t begin = 8; begin + 12 <= png.size();) {
    const size_t length = at(begin) << 24 | at(begin + 1) << 16 | at(begin + 2) << 8 | at(begin + 3);
    if (length > png.size() - begin - 12) break;
    png.replace(begin, length + 12, png_chunk(png.substr(begin + 4, 4), png.substr(begin + 8, length)));
    begin += length + 12;
  }
  return png;
}

std::string grey_png(const Image& image) {
  Png png{.width = static_cast<uint32_t>(image.width), .height = static_cast<uint32_t>(image.height)};
  for (int64_t y = 0; y < image.height; ++y)
    png.rows += '\0' + std::string(reinterpret_cast<const char*>(image.at(y, 0)), static_cast<size_t>(image.width));
  return png_bytes(png);
}

std::string drawing_png(int64_t size, int64_t seed) {
  Png png{.width = static_cast<uint32_t>(size), .height = static_cast<uint32_t>(size), .depth = 1};
  for (int64_t y = 0; y < size; ++y) {
    png.rows += '\0';
    for (int64_t byte = 0; byte < (size + 7) / 8; ++byte)
      png.rows += static_cast<char>((7 * y + 5 * byte + seed) % 8 == 0 ? 29 * y + 13 * byte + seed : 255);
  }
  return png_bytes(png);
}

std::string bmp_bytes(const Bmp& bmp) {
  const uint32_t begin = static_cast<uint32_t>(14 + 40 + bmp.behind_header.size());
  return "BM" + little32(begin + static_cast<uint32_t>(bmp.rows.size())) + little32(0) + little32(begin) + little32(40) +
         little32(static_cast<uint32_t>(bmp.width)) + little32(static_cast<uint32_t>(bmp.height)) + little16(1) +
         little16(static_cast<uint32_t>(bmp.bits)) + little32(bmp.compression) + std::string(20, '\0') + bmp.behind_header + bmp.rows;
}

std::string grey_jpeg() { return from_hex(kGreyJpeg); }
std::string progressive_jpeg() { return from_hex(kProgressiveJpeg); }

}  // namespace fewer::testing
