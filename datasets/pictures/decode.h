// Picture files into memory: PNG, JPEG and BMP, told apart by their first bytes, not by their name.
//
// stb_image decodes (one file of ours compiles it, stb_image.cpp); datasets/pictures/checks.h says what is checked before.
// Nothing here trusts a file: memory is bounded by the size that the header announces and the file bears out, and every
// failure is an Error(kData) with the file and the reason. Damage inside the compressed data of a JPEG, which has no
// check sums, may go unnoticed and change the picture. Of a JPEG's Exif data nothing is read, its orientation neither.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "datasets/pictures/image.h"

namespace fewer {

// [H, W, 1 to 4] as the file has it: 1, 2 and 4 bits are stretched to 0..255, a palette is looked up, of 16 bits the
// upper 8 are kept, of CMYK comes red green blue. `name` is for messages.
Image decode_picture(std::string_view bytes, const std::string& name);

// The same converted (datasets/pictures/image.h): [H, W, 1] or [H, W, 3].
Image decode_picture(std::string_view bytes, const std::string& name, Color color);
Image read_picture(const std::string& path, Color color);

bool is_picture_name(const std::filesystem::path& path);  // ends in .png, .jpg, .jpeg or .bmp, in small or capital letters

}  // namespace fewer
