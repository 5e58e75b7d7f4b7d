#include "datasets/picture_datasets.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/error.h"
#include "datasets/class_folders.h"
#include "datasets/omniglot.h"
#include "datasets/places.h"
#include "datasets/splits.h"

namespace fewer {
namespace {

namespace fs = std::filesystem;

void take_splits(const fs::path& folder, ClassFolders found, Dataset& data) {
  if (found.train.empty()) fail_data(folder.string(), ": expected pictures to train on, got none in the split train");
  data.train = Split("train", found.images, std::move(found.train));
  data.validation = Split("validation", found.images, std::move(found.validation));
  data.test = Split("test", found.images, std::move(found.test));
}

}  // namespace

void load_omniglot(const DataConfig& config, const fs::path& folder, Dataset& data) {
  const Omniglot omniglot = read_omniglot(folder, config.omniglot);
  const std::vector<int32_t>& labels = omniglot.images->labels;  // ascending
  const auto middle = std::lower_bound(labels.begin(), labels.end(), omniglot.background_classes) - labels.begin();
  std::vector<int64_t> background(static_cast<size_t>(middle)), evaluation(labels.size() - background.size());
  std::iota(background.begin(), background.end(), int64_t{0});
  std::iota(evaluation.begin(), evaluation.end(), middle);
  data.train = Split("train", omniglot.images, std::move(background));
  data.test = Split("test", omniglot.images, std::move(evaluation));
}

void load_mini_imagenet(const DataConfig& config, const fs::path& folder, Dataset& data) {
  take_splits(folder, read_class_folders(folder, config.mini_imagenet), data);
  if (data.validation.empty() || data.test.empty())
    fail_data(folder.string(), ": expected train.csv, val.csv and test.csv beside a folder images, but not all are there: ",
              "unpack the data set again");
}

void load_folder(const DataConfig& config, const fs::path& folder, Dataset& data) {
  take_splits(folder, read_class_folders(folder, config.folder.pictures), data);
  if (!data.test.empty()) return;
  const Split all = data.train;
  const int64_t held_out = std::llround(config.folder.test * static_cast<double>(all.size()));
  const auto [test, train] = stratified_split(all.labels(), held_out, Rng(config.seed).stream("test"));
  if (test.empty() || train.empty())
    fail_data(folder.string(), ": ", all.size(), " pictures to train on are too few to hold ", held_out,
              " out for the test: add some, or folders train and test");
  data.test = all.subset(test, "test");
  data.train = all.subset(train, "train");
}

fs::path find_own_folder(const std::string& path, const std::string& data_dir) {
  if (path.empty() && data_dir.empty())
    fail_config("data.folder.path: expected the folder of the pictures, or --data-dir naming it, got neither");
  if (path.empty()) return data_dir;
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) return path;
  return find_in_places("folder", std::vector{path}, "Give data.folder.path from here", data_dir);
}

}  // namespace fewer
