// Pictures to files: PNG, by stb_image_write.
#pragma once

#include <string>

#include "datasets/pictures/image.h"

namespace fewer {

std::string encode_png(const Image& image);  // the bytes of a file. REQUIRES: 1 to 4 channels, not empty

}  // namespace fewer
