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
  kChannel,  // mean 0 and standard deviation 1 per channel of the training split
  kNone,     // pixel / 255
};

struct DataConfig {
  std::string name = "glyphs";        // see dataset_registry()
  std::optional<int64_t> validation;  // images held out of the training images; a tenth when not given
  std::optional<int64_t> train;       // train on so many of the rest; all when not given
  uint64_t seed = 1;                  // of the splits and the glyphs: not the run's, so that all runs share them
  NormalizationKind normalization = NormalizationKind::kChannel;
  std::vector<Augmentation> augment;  // of training images, in this order
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
