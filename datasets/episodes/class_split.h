// Dividing classes into those to train on, to validate with and to test on.
//
// No class, and so no image, is in two parts, and each pool counts the images read from it by itself. A few-shot figure
// means nothing without its split: print ClassPools::description() beside it. Configs are turned into pools by
// load_class_pools (datasets/episodes/load_class_pools.h).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/describe.h"
#include "datasets/episodes/class_pool.h"
#include "datasets/normalization.h"

namespace fewer {

enum class ClassSplitKind {
  kDefault,     // vinyals for Omniglot, given where the data set divides its classes, random for others
  kGiven,       // as the data set itself divides its classes: mini-ImageNet, own folders train, val and test
  kRandom,      // `train` classes whatever their alphabet, the rest to test on
  kRandom1200,  // the same with 1,200 of Omniglot's 1,623
  kVinyals,     // Omniglot: the published lists of Matching Networks' split, 1028 / 172 / 423 characters
  kLake,        // Omniglot: background and evaluation alphabets, 964 / - / 659
  kKoch,        // Omniglot: 30 / 10 / 10 alphabets and 12 / 4 / 4 drawers, those of Lake's runs to test on
  kLists,       // train.txt, val.txt and test.txt in `folder`
};

struct ClassSplitConfig {
  ClassSplitKind name = ClassSplitKind::kDefault;
  std::optional<int64_t> train = {};       // random: classes not to test on; null: three quarters
  std::optional<int64_t> validation = {};  // random, given, lake: classes held out of those; null: one in twelve
  uint64_t seed = 1;                       // of random choices; apart from the run's, so that all runs share classes
  std::string folder = {};                 // of the lists
  void describe(Visitor& v);
};
std::string class_split_name(ClassSplitKind kind);  // as configs call it

struct ClassPools {
  std::string split;  // its name, with the seed where there is one
  ClassPool train, validation, test;
  Normalization normalization;      // from the training classes
  std::string description() const;  // "split vinyals: train 1028 classes of 33 alphabets (20560 images), ..."
};

enum class ClassPart { kTrain, kValidation, kTest, kNone };

std::vector<std::string> class_names(const Split& all);  // of the classes that have images, in order

// The part of every image by its class's name; kNone for names that are not in the map.
std::vector<ClassPart> parts_by_name(const Split& all, const std::map<std::string, ClassPart>& part_of);

// Puts image i of `all` into the pool of part[i]. Normalisation is left to the caller. Throws Error(kData) when a class
// would be in two pools.
ClassPools divide_classes(const Split& all, const std::vector<ClassPart>& part, std::string split);

// Turns config.validation classes of the training part into the validation part: at random, by the classes' names and
// the seed alone. Throws Error(kConfig) when none would be left.
void hold_out_classes(const Split& all, const ClassSplitConfig& config, std::vector<ClassPart>& part);

// At random, by the classes' names and the seed alone. Throws Error(kConfig) when there are not so many.
ClassPools random_class_split(const Split& all, const ClassSplitConfig& config);

}  // namespace fewer
