// A contact sheet: a few images of each class in one picture, to look at. The first thing to do with data is to see it.
#pragma once

#include <cstdint>
#include <vector>

#include "datasets/dataset.h"
#include "datasets/pictures/image.h"

namespace fewer {

struct ContactSheet {
  Image image;                   // [H, W, C]
  std::vector<int32_t> classes;  // those shown, from left to right, then down
  int64_t across = 1;            // so many classes beside one another
};

// Up to 60 classes, evenly spaced when there are more, and 6 to 12 images of each in a strip, evenly spaced among those of
// the first split that has any: training, validation, test. Small images are enlarged, large ones shrunk.
ContactSheet contact_sheet(const Dataset& data);

}  // namespace fewer
