// Dividing classes into those to train on, to validate with and to test on: splits by name, and the pools of a config.
//
//   const ClassPools pools = load_class_pools(config.data, config.class_split, data_dir);
//   std::puts(pools.description().c_str());   // a figure means nothing without its split
//   EpisodeSampler episodes(pools.train, pools.normalization, ...);
//
// No class, and so no image, is in two pools, and each pool counts the images read from it by itself.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/describe.h"
#include "datasets/config.h"
#include "datasets/episodes/class_pool.h"
#include "datasets/normalization.h"

namespace fewer {

enum class ClassSplitKind {
  kDefault,     // vinyals for Omniglot, random for others
  kRandom,      // `train` classes whatever their alphabet, the rest to test on
  kRandom1200,  // the same with 1,200 of Omniglot's 1,623
  kVinyals,     // Omniglot: the published lists of Matching Networks' split, 1028 / 172 / 423 characters
  kLake,        // Omniglot: background and evaluation alphabets, 964 / - / 659
  kKoch,        // Omniglot: 30 / 10 / 10 alphabets and 12 / 4 / 4 drawers, those of Lake's runs to test on
  kLists,       // train.txt, val.txt and test.txt in `folder`
};

struct ClassSplitConfig {
  ClassSplitKind name = ClassSplitKind::kDefault;
  std::optional<int64_t> train = {};  // random: classes not to test on; three quarters when null
  std::optional<int64_t> validation = {};  // random and lake: classes held out of those; one in twelve when null
  uint64_t seed = 1;        // of random choices; apart from the run's, so that all runs share the classes
  std::string folder = {};  // of the lists
  void describe(Visitor& v);
};

struct ClassPools {
  std::string split;  // its name, with the seed where there is one
  ClassPool train, validation, test;
  Normalization normalization;  // of the training classes
  std::string description() const;  // "split vinyals: train 1028 classes of 33 alphabets (20560 images), ..."
};

enum class ClassPart { kTrain, kValidation, kTest, kNone };

// Puts image i of `all` into the pool of part[i]. Normalisation is left to the caller. Throws Error(kData) when a class
// would be in two pools.
ClassPools divide_classes(const Split& all, const std::vector<ClassPart>& part, std::string split);

// At random, by the order of the classes' names and the seed alone. Throws Error(kConfig) when there are not so many.
ClassPools random_class_split(const Split& all, const ClassSplitConfig& config);

// A list of classes: one name a line; with rotations ("X/rot000", ...) every class must come with all four, since
// whether turned classes count is said by the episodes (Rotations). Throws Error(kData) with file and line.
std::vector<std::string> read_class_list(const std::filesystem::path& file);
// The lists train.txt, val.txt and test.txt; classes in none of them are left out.
ClassPools listed_class_split(const Split& all, const std::filesystem::path& folder);

// The splits that any data set can have: random, random1200 and lists. Throws Error(kConfig) for another.
ClassPools general_class_split(const Split& all, const ClassSplitConfig& config);

// Loads the data set and divides its classes. Of a data set that is not Omniglot the training images are taken. Throws
// Error(kConfig) when the split is not one of this data set's.
ClassPools load_class_pools(const DataConfig& data, const ClassSplitConfig& split, const std::string& data_dir = "");

}  // namespace fewer
