// What an experiment says about its data: the object under "data" in a config.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/describe.h"
#include "datasets/augment.h"
#include "datasets/class_folders.h"
#include "datasets/omniglot.h"

namespace fewer {

// The built-in glyphs (datasets/glyphs.h): which and how many.
struct GlyphsConfig {
  int64_t alphabet = 0;          // the first character's
  int64_t classes = 10;          // so many characters from there on, alphabet after alphabet
  int64_t train_per_class = 50;  // images of each; validation images are held out of them
  int64_t test_per_class = 100;
  int64_t size = 28;  // height and width in pixels
  void describe(Visitor& v);
};

struct Cifar100Config {
  std::string labels = "fine";  // the 100 classes, or "coarse": the 20 superclasses
  void describe(Visitor& v);
};

struct EmnistConfig {
  std::string split = "balanced";  // which of its six files
  void describe(Visitor& v);
};

// Own pictures in class folders.
struct FolderConfig {
  std::string path;   // the folder; empty: what --data-dir names
  double test = 0.2;  // part of the images held out to test on, where no folder is for that
  PictureOptions pictures;
  void describe(Visitor& v);
};

enum class NormalizationKind {
  kChannel,   // mean 0 and standard deviation 1 per channel of the training split
  kNone,      // pixel / 255
  kContrast,  // mean 0 and standard deviation 1 per image: global contrast normalisation
  kZca,       // contrast, then ZCA whitening over all numbers of an image
};

// What is held out of the training images for validation; DataConfig::validation counts these.
enum class SplitBy {
  kStratified,  // images, each class in proportion
  kRandom,      // images, whatever their class
  kPerClass,    // images of each class
  kAlphabet,    // whole alphabets, for classes named "Alphabet/character"
  kDrawer,      // all images of a drawer, where the data set knows them
};

struct DataConfig {
  std::string name = "glyphs";        // see dataset_registry()
  std::optional<int64_t> validation;  // held out of the training images; a tenth, or one group, when not given
  SplitBy split_by = SplitBy::kStratified;
  std::vector<std::string> only;       // train on images of these classes only; empty: of all
  std::vector<std::string> leave_out;  // train without images of these classes
  std::optional<int64_t> train;       // train on so many of the rest; all when not given
  uint64_t seed = 1;                  // of the splits and the glyphs: not the run's, so that all runs share them
  NormalizationKind normalization = NormalizationKind::kChannel;
  double zca_epsilon = 0.1;           // read by kZca: added to the variances
  std::vector<Augmentation> augment;  // of training images, in this order
  bool prefetch = true;               // a thread prepares the next batch meanwhile; the result is the same without
  // Each read by the data set of its name only.
  GlyphsConfig glyphs;
  Cifar100Config cifar100;
  EmnistConfig emnist;
  OmniglotOptions omniglot;
  PictureOptions mini_imagenet;
  FolderConfig folder;
  void describe(Visitor& v);
};

}  // namespace fewer
