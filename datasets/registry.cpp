#include "datasets/registry.h"

#include <algorithm>
#include <numeric>

#include "core/error.h"
#include "core/observer.h"
#include "datasets/cifar.h"
#include "datasets/glyphs.h"
#include "datasets/idx_datasets.h"
#include "datasets/picture_datasets.h"
#include "datasets/places.h"
#include "datasets/splits.h"

namespace fewer {
namespace {

namespace fs = std::filesystem;

// Test images come after the training images of the same hand: numbers train_per_class and up.
void load_glyphs(const DataConfig& config, const fs::path&, Dataset& data) {
  const GlyphsConfig& g = config.glyphs;
  std::vector<int64_t> glyphs(static_cast<size_t>(g.classes));
  std::iota(glyphs.begin(), glyphs.end(), g.alphabet * kGlyphsPerAlphabet);
  data.train = Split("train", draw_glyphs(config.seed, glyphs, 0, g.train_per_class, g.size));
  data.test = Split("test", draw_glyphs(config.seed, glyphs, g.train_per_class, g.test_per_class, g.size));
}

constexpr DatasetEntry kRegistry[] = {
    {.name = "mnist",
     .summary = "70,000 handwritten digits, 28x28 grey, 10 classes (LeCun, Cortes, Burges 1998)",
     .origin = "the four files train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte and "
               "t10k-labels-idx1-ubyte, plain or .gz, from https://ossci-datasets.s3.amazonaws.com/mnist/",
     .folders = {},
     .load = load_mnist},
    {.name = "fashion_mnist",
     .summary = "70,000 pictures of clothes, 28x28 grey, 10 classes (Xiao, Rasul, Vollgraf 2017)",
     .origin = "apt-get install dataset-fashion-mnist, or the four files of "
               "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
     .folders = {},
     .load = load_fashion_mnist},
    {.name = "kmnist",
     .summary = "70,000 cursive Japanese characters, 28x28 grey, 10 classes (Clanuwat et al. 2018)",
     .origin = "the four files *-ubyte.gz of http://codh.rois.ac.jp/kmnist/dataset/kmnist/",
     .folders = {},
     .load = load_kmnist},
    {.name = "emnist",
     .summary = "handwritten letters and digits, 28x28 grey, in six splits of 10 to 62 classes (Cohen et al. 2017)",
     .origin = "https://biometrics.nist.gov/cs_links/EMNIST/gzip.zip, unpacked in a folder emnist",
     .folders = {},
     .load = load_emnist},
    {.name = "cifar10",
     .summary = "60,000 photographs, 32x32 in colour, 10 classes (Krizhevsky 2009)",
     .origin = "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz, unpacked",
     .folders = {"cifar-10-batches-bin", "cifar-10"},
     .load = load_cifar10},
    {.name = "cifar100",
     .summary = "60,000 photographs, 32x32 in colour, 100 classes in 20 superclasses (Krizhevsky 2009)",
     .origin = "https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz, unpacked",
     .folders = {"cifar-100-binary", "cifar-100"},
     .load = load_cifar100},
    {.name = "omniglot",
     .summary = "1,623 handwritten characters of 50 alphabets by 20 people each, 105x105 black and white (Lake et al. 2015)",
     .origin = "images_background.zip, images_evaluation.zip and one-shot-classification/all_runs.zip, unpacked side by "
               "side, from https://github.com/brendenlake/omniglot",
     .folders = {},
     .load = load_omniglot},
    {.name = "mini_imagenet",
     .summary = "60,000 photographs, any size in colour, 64 + 16 + 20 classes (Vinyals et al. 2016, splits of Ravi and Larochelle 2017)",
     .origin = "a folder images with its 60,000 JPEG files and train.csv, val.csv and test.csv beside it; ImageNet's licence lets "
               "nobody pass them on, so ask for them where you study or work",
     .folders = {"miniImagenet", "mini-imagenet"},
     .load = load_mini_imagenet},
    {.name = "folder",
     .summary = "your own pictures: FOLDER/CLASS/picture.jpg, or FOLDER/{train,val,test}/CLASS/picture.jpg, PNG, JPEG or BMP",
     .origin = "your pictures, sorted into folders named by their class",
     .folders = {},
     .load = load_folder},
    {.name = "glyphs",
     .summary = "built in: 1,040 handwritten-looking characters in 40 alphabets, any size, any number of images",
     .origin = "",
     .folders = {},
     .load = load_glyphs},
};

// "fashion_mnist" and "fashion-mnist": both spellings are in use.
std::vector<std::string> folder_names(const DatasetEntry& entry) {
  std::vector<std::string> names{entry.name};
  std::string dashed = entry.name;
  std::replace(dashed.begin(), dashed.end(), '_', '-');
  if (dashed != entry.name) names.push_back(dashed);
  for (const char* other : entry.folders)
    if (other) names.emplace_back(other);
  return names;
}

int64_t chosen_count(const char* key, int64_t count, int64_t most, const std::string& name) {
  if (count > most)
    fail_config("data.", key, ": expected at most ", most, " images, which is what ", name, " leaves, got ", count);
  return count;
}

Split some_of(const DataConfig& config, const char* key, const Split& split, int64_t count) {
  const int64_t wanted = chosen_count(key, count, split.size(), config.name);
  return split.subset(stratified_split(split.labels(), wanted, Rng(config.seed).stream(key)).first, key);
}

// How many images the smallest class has that has any.
int64_t least_class(const Split& split) {
  int64_t least = split.size();
  for (const int64_t count : split.class_counts())
    if (count > 0) least = std::min(least, count);
  return least;
}

// What is held out for validation, and the rest.
std::pair<std::vector<int64_t>, std::vector<int64_t>> hold_out(const DataConfig& config, const Split& all) {
  const Rng rng = Rng(config.seed).stream("validation");
  const std::string where = "data.validation";
  const auto count = [&](int64_t units) { return chosen_count("validation", config.validation.value_or(units / 10), units - 1, config.name); };
  switch (config.split_by) {
    case SplitBy::kStratified: break;
    case SplitBy::kRandom: return random_split(all.size(), count(all.size()), rng);
    case SplitBy::kPerClass: return per_class_split(all.labels(), config.validation.value_or(least_class(all) / 10), rng, where);
    case SplitBy::kAlphabet: return group_split(alphabets_of(all, where), config.validation.value_or(1), rng, where);
    case SplitBy::kDrawer: return group_split(drawers_of(all, where), config.validation.value_or(1), rng, where);
  }
  return stratified_split(all.labels(), count(all.size()), rng);
}

void hold_out_validation(const DataConfig& config, Dataset& data) {
  const Split all = data.train;
  const auto [validation, rest] = hold_out(config, all);
  data.validation = all.subset(validation, "validation");
  data.train = all.subset(rest, "train");
}

// Holds validation images out of data.train, unless the data set has its own; then keeps the wanted classes and the wanted number of the rest.
void divide(const DataConfig& config, Dataset& data) {
  if (data.validation.empty()) hold_out_validation(config, data);
  else if (config.validation) data.validation = some_of(config, "validation", data.validation, *config.validation);
  if (!config.only.empty()) data.train = only_classes(data.train, config.only, "data.only");
  if (!config.leave_out.empty()) data.train = without_classes(data.train, config.leave_out, "data.leave_out");
  if (config.train) data.train = some_of(config, "train", data.train, *config.train);
}

}  // namespace

std::span<const DatasetEntry> dataset_registry() { return kRegistry; }

const DatasetEntry& dataset_entry(const std::string& name) {
  std::string known;
  for (const DatasetEntry& entry : kRegistry) {
    if (entry.name == name) return entry;
    known += (known.empty() ? "" : ", ") + std::string(entry.name);
  }
  fail_config("data.name: expected one of ", known, ", got \"", name, "\"");
}

fs::path find_data(const std::string& name, const std::string& data_dir) {
  const DatasetEntry& entry = dataset_entry(name);
  const std::string how_to_get = text("Run `trainer fetch ", name, "`, or get ", entry.origin);
  return find_in_places(name, folder_names(entry), how_to_get, data_dir);
}

fs::path dataset_folder(const DataConfig& config, const std::string& data_dir) {
  if (config.name == "folder") return find_own_folder(config.folder.path, data_dir);
  return *dataset_entry(config.name).origin ? find_data(config.name, data_dir) : fs::path();
}

Dataset load_as_found(const DataConfig& config, const std::string& data_dir) {
  Dataset data;
  data.name = config.name;
  dataset_entry(config.name).load(config, dataset_folder(config, data_dir), data);
  check_image_set(data.train.images(), config.name);
  check_image_set(data.test.images(), config.name);
  return data;
}

Normalization make_normalization(const DataConfig& config, const Split& train) {
  switch (config.normalization) {
    case NormalizationKind::kChannel: return Normalization::of(train);
    case NormalizationKind::kNone: break;
    case NormalizationKind::kContrast: return Normalization::with_contrast(train.images().channels);
    case NormalizationKind::kZca: return Normalization::zca(train, config.zca_epsilon);
  }
  return Normalization::none(train.images().channels);
}

Dataset load_dataset(const DataConfig& config, const std::string& data_dir) {
  const Span span(SpanKind::kWork, "load data set");
  Dataset data = load_as_found(config, data_dir);
  divide(config, data);
  data.normalization = make_normalization(config, data.train);
  return data;
}

}  // namespace fewer
