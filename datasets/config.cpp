#include "datasets/config.h"

#include "core/error.h"
#include "datasets/glyphs.h"
#include "datasets/registry.h"

namespace fewer {
namespace {

constexpr double kMostImages = 1e9;
constexpr double kMostPixels = 4.0 * (1 << 30);

void describe_resize(Visitor& v, ResizeFilter& resize) {
  v.choice("resize", resize,
           {{"nearest", ResizeFilter::kNearest}, {"area", ResizeFilter::kArea}, {"bilinear", ResizeFilter::kBilinear}},
           {.help = "how pixels of the new size are made: the one below, the mean of those below, between four"});
}

}  // namespace

void GlyphsConfig::describe(Visitor& v) {
  v.field("alphabet", alphabet, {.help = "where the classes begin", .min = 0, .max = kGlyphAlphabets - 1});
  v.field("classes", classes,
          {.help = "so many characters from there on, alphabet after alphabet", .min = 2, .max = kGlyphClasses});
  v.field("train_per_class", train_per_class,
          {.help = "images of each to train and validate on", .min = 1, .max = 1e6});
  v.field("test_per_class", test_per_class, {.help = "images of each to test on", .min = 1, .max = 1e6});
  v.field("size", size, {.help = "height and width in pixels", .min = kSmallestGlyph, .max = 1024});
  v.check(alphabet * kGlyphsPerAlphabet + classes <= kGlyphClasses,
          text("there are ", kGlyphAlphabets, " alphabets of ", kGlyphsPerAlphabet,
               " characters: too many classes from this alphabet on"),
          {"alphabet", "classes"});
  const double pixels = static_cast<double>(classes) * static_cast<double>(train_per_class + test_per_class) *
                        static_cast<double>(size) * static_cast<double>(size);
  v.check(pixels <= kMostPixels, "these images would take more than 4 GiB: ask for fewer or smaller ones",
          {"classes", "train_per_class", "test_per_class", "size"});
}

void OmniglotOptions::describe(Visitor& v) {
  v.field("size", size, {.help = "height and width in pixels; 105 as drawn, and 35, 28 and 20 are in use", .min = 1, .max = 1024});
  describe_resize(v, resize);
}

void PictureOptions::describe(Visitor& v) {
  v.field("size", size, {.help = "height and width in pixels to resize to", .min = 1, .max = 4096});
  v.choice("color", color, {{"grey", Color::kGrey}, {"rgb", Color::kRgb}}, {.help = "one channel or three"});
  describe_resize(v, resize);
}

void FolderConfig::describe(Visitor& v) {
  v.field("path", path, {.help = "the folder of class folders; empty: what --data-dir names"});
  v.field("test", test, {.help = "part of the images held out to test on, where there is no folder test", .above = 0, .below = 1});
  pictures.describe(v);
}

void Cifar100Config::describe(Visitor& v) {
  v.field("labels", labels, {.help = "the 100 classes or the 20 superclasses", .choices = {"fine", "coarse"}});
}

void EmnistConfig::describe(Visitor& v) {
  v.field("split", split, {.help = "which of its six sets: 62, 47, 47, 26, 10 and 10 classes",
                           .choices = {"byclass", "bymerge", "balanced", "letters", "digits", "mnist"}});
}

void DataConfig::describe(Visitor& v) {
  std::vector<std::string> names;
  for (const DatasetEntry& entry : dataset_registry()) names.emplace_back(entry.name);
  v.field("name", name, {.help = "the data set", .choices = names});
  v.field("validation", validation,
          {.help = "held out of the training images, in units of split_by; null: a tenth of the images, or one alphabet or drawer", .min = 0, .max = kMostImages});
  v.choice("split_by", split_by,
           {{"stratified", SplitBy::kStratified},
            {"random", SplitBy::kRandom},
            {"per_class", SplitBy::kPerClass},
            {"alphabet", SplitBy::kAlphabet},
            {"drawer", SplitBy::kDrawer}},
           {.help = "what validation counts: images with classes in proportion, any images, images of each class, whole alphabets or drawers"});
  v.field("only", only, {.help = "classes to train on; all when empty. The network keeps an output for each class there is"});
  v.field("leave_out", leave_out, {.help = "classes to train without"});
  v.field("train", train,
          {.help = "train on so many of the rest, classes in proportion; all when null", .min = 1, .max = kMostImages});
  v.field("seed", seed, {.help = "of the splits and the glyphs; apart from the run's seed, so that runs share them"});
  v.choice("normalization", normalization,
           {{"channel", NormalizationKind::kChannel},
            {"none", NormalizationKind::kNone},
            {"contrast", NormalizationKind::kContrast},
            {"zca", NormalizationKind::kZca}},
           {.help = "mean 0 and std 1 per channel of the training split; pixel / 255; mean 0 and std 1 per image; that, then whitened"});
  v.field("zca_epsilon", zca_epsilon, {.help = "added to the variances that zca divides by", .above = 0});
  v.field("augment", augment, {.help = "random changes of training images, in this order"});
  v.field("prefetch", prefetch, {.help = "prepare the next batch in the background; batches are the same without"});
  v.field("glyphs", glyphs, {.help = "which glyphs, for the data set of that name"});
  v.field("cifar100", cifar100, {.help = "which labels, for the data set of that name"});
  v.field("emnist", emnist, {.help = "which split, for the data set of that name"});
  v.field("omniglot", omniglot, {.help = "the size of the images, for the data set of that name"});
  v.field("mini_imagenet", mini_imagenet, {.help = "size and colour of the images, for the data set of that name"});
  v.field("folder", folder, {.help = "where own pictures are, their size and colour, for the data set of that name"});
}

}  // namespace fewer
