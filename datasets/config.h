// What an experiment says about its data: the object under "data" in a config.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "datasets/augment.h"

namespace fewer {

// The built-in glyphs (datasets/glyphs.h): which and how many.
struct GlyphsConfig {
  int64_t classes = 10;           // the first so many characters, alphabet after alphabet, beginning with `alphabet`
  int64_t alphabet = 0;
  int64_t train_per_class = 50;   // images per class to train on; validation images are held out of them
  int64_t test_per_class = 100;
  int64_t size = 28;              // height and width in pixels
};

struct DataConfig {
  std::string name = "glyphs";             // see dataset_registry()
  int64_t validation = -1;                 // images held out of the training images, per class in proportion; -1 = a tenth
  int64_t train = -1;                      // train on so many of the rest, per class in proportion; -1 = all
  uint64_t seed = 1;                       // of the splits and the glyphs; apart from the run's seed, so that runs share the splits
  std::string normalization = "channel";   // "channel": mean 0 and std 1 per channel of the training split; "none": pixel / 255
  std::vector<Augmentation> augment;       // of training images, in order
  GlyphsConfig glyphs;
};

}  // namespace fewer
