// Pictures of another size, by one of three filters. All arithmetic is in whole numbers: the bytes are the same on
// every machine.
#pragma once

#include <cstdint>

#include "datasets/pictures/image.h"

namespace fewer {

// What a pixel of the result is made of. It covers the rectangle of the original that lies under it.
enum class ResizeFilter {
  kNearest,   // the original's pixel under its centre: keeps black and white black and white, loses thin strokes
  kArea,      // the mean of all it covers, pixels on the border counting in part: the filter for shrinking
  kBilinear,  // between the four pixels around its centre: the filter for enlarging
};

// `image` [H, W, C] stretched to [height, width, C]. REQUIRES: height, width >= 1, and `image` not empty.
Image resize(const Image& image, int64_t height, int64_t width, ResizeFilter filter);

}  // namespace fewer
