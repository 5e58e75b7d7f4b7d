#include "datasets/pictures/decode.h"

#include <algorithm>
#include <cctype>

#include "core/error.h"
#include "core/files.h"
#include "datasets/pictures/checks.h"
#include "datasets/pictures/stb_image.h"

namespace fewer {
namespace {

PictureHeader check_picture(std::string_view bytes, const std::string& name) {
  if (is_png(bytes)) return check_png(bytes, name);
  if (is_jpeg(bytes)) return check_jpeg(bytes, name);
  if (is_bmp(bytes)) return check_bmp(bytes, name);
  fail_data(name, ": byte 0: expected a PNG, JPEG or BMP picture, but the first of its ", bytes.size(),
            " bytes are those of none of them: replace or remove it");
}

// The most that stb_image needs: a deinterlaced 16-bit PNG takes about 40 bytes per pixel while its buffer doubles, a
// progressive JPEG pads to blocks of 32 x 32 pixels, and a PNG's compressed data are gathered first.
size_t most_memory(const PictureHeader& header, size_t file_bytes) {
  constexpr int64_t kFixed = 1 << 20, kPerPixel = 48, kBlock = 32;
  return static_cast<size_t>(kFixed + kPerPixel * (header.height + kBlock) * (header.width + kBlock)) + 4 * file_bytes;
}

}  // namespace

Image decode_picture(std::string_view bytes, const std::string& name) {
  const PictureHeader header = check_picture(bytes, name);
  const std::string with_palette = header.short_palette ? with_full_palette(bytes) : "";
  if (header.short_palette) bytes = with_palette;
  const Image image = decode_with_stb(bytes, most_memory(header, bytes.size()), name);
  if (image.height != header.height || image.width != header.width)
    fail_data(name, ": expected ", header.width, " x ", header.height, " pixels, as its header says, got ", image.width, " x ",
              image.height, ": the file is damaged; replace or remove it");
  return image;
}

Image decode_picture(std::string_view bytes, const std::string& name, Color color) {
  return convert(decode_picture(bytes, name), color);
}

Image read_picture(const std::string& path, Color color) {
  constexpr int64_t kMostFileBytes = int64_t{1} << 30;  // stb_image counts in int
  return decode_picture(read_file(path, kMostFileBytes), path, color);
}

bool is_picture_name(const std::filesystem::path& path) {
  std::string ending = path.extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(), [](unsigned char c) { return std::tolower(c); });
  return ending == ".png" || ending == ".jpg" || ending == ".jpeg" || ending == ".bmp";
}

}  // namespace fewer
