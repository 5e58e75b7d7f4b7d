// From a config to class pools.
//
//   const ClassPools pools = load_class_pools(config.data, config.class_split, data_dir);
//   EpisodeSampler episodes(pools.train, pools.normalization, ...);
#pragma once

#include <string>

#include "datasets/config.h"
#include "datasets/episodes/class_split.h"

namespace fewer {

// The splits that any data set can have: random, random1200 and lists. Throws Error(kConfig) for another.
ClassPools general_class_split(const Split& all, const ClassSplitConfig& config);

// Loads the data set and divides its classes. Of a data set whose test images are apart and of the same classes (MNIST,
// the glyphs) the training images are taken. Throws Error(kConfig) when the split is not one of this data set's, or
// when `data` asks for validation images, subsets or a choice of classes, which have no meaning here.
ClassPools load_class_pools(const DataConfig& data, const ClassSplitConfig& split, const std::string& data_dir = "");

}  // namespace fewer
