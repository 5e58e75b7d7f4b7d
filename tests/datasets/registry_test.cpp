#include "datasets/registry.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <set>

#include "core/config.h"
#include "core/error.h"
#include "core/files.h"
#include "datasets/places.h"
#include "tests/support/idx_files.h"
#include "tests/support/messages.h"
#include "tests/support/temp_folder.h"

namespace fewer::testing {
namespace {

DataConfig config_from(const std::string& json) {
  DataConfig config;
  read_json(config, json, "data");
  return config;
}

std::string complaint(const std::string& json) {
  return message_of(ErrorKind::kConfig, [&] { config_from(json); });
}

}  // namespace

TEST_CASE("data config: augmentations are names or objects, and what is written reads back") {
  const DataConfig config = config_from(
      R"({"name": "mnist", "validation": 10000, "normalization": "none",
                      "augment": ["flip", {"name": "crop", "pad": 3}]})");
  CHECK(config.validation == 10000);
  CHECK_FALSE(config.train.has_value());
  REQUIRE(config.augment.size() == 2);
  CHECK(std::get<Crop>(config.augment[1]).pad == 3);
  CHECK(config.normalization == NormalizationKind::kNone);
  CHECK(write_json(config_from(write_json(config))) == write_json(config));
}

TEST_CASE("data config: what cannot be is refused with its key") {
  CHECK(contains(complaint(R"({"name": "imagenet"})"), "name"));
  CHECK(contains(complaint(R"({"augment": ["spin"]})"), "augment"));
  CHECK(contains(complaint(R"({"train": 0})"), "train"));
  CHECK(contains(complaint(R"({"glyphs": {"alphabet": 39, "classes": 27}})"), "too many classes"));
  CHECK(contains(complaint(R"({"glyphs": {"size": 1024, "train_per_class": 1000000}})"), "more than 4 GiB"));
}

TEST_CASE("find_data: --data-dir comes first, both spellings of a folder are found") {
  TempFolder folder;
  CHECK(data_places(folder.path()).front() == folder.path());
  make_folders(folder.file("fashion-mnist"));
  CHECK(find_data("fashion_mnist", folder.path()) == folder.path() / "fashion-mnist");
}

TEST_CASE("find_data: a folder may keep the name its archive gives it") {
  TempFolder folder;
  make_folders(folder.file("cifar-100-binary"));
  CHECK(find_data("cifar100", folder.path()) == folder.path() / "cifar-100-binary");
  make_folders(folder.file("cifar100"));
  CHECK(find_data("cifar100", folder.path()) == folder.path() / "cifar100");
}

TEST_CASE("find_data: a missing data set's error names every place, the origin of the files and what to do") {
  TempFolder folder;
  const char* before = std::getenv("FEWER_DATA");
  const std::string saved = before ? before : "";
  setenv("FEWER_DATA", folder.file("elsewhere").c_str(), 1);
  const std::filesystem::path working_folder = std::filesystem::current_path();
  std::filesystem::current_path(folder.path());  // ./data of the source tree may hold the real files
  const std::string message = [&] {
    try {
      return find_data("mnist", folder.path()).string();
    } catch (const Error& error) {
      CHECK(error.kind() == ErrorKind::kData);
      return std::string(error.what());
    }
  }();
  std::filesystem::current_path(working_folder);
  before ? setenv("FEWER_DATA", saved.c_str(), 1) : unsetenv("FEWER_DATA");
  for (const std::string& part :
       {folder.file("mnist"), folder.file("elsewhere/mnist"), std::string("data/mnist"),
        std::string("/usr/share/datasets/mnist"), std::string("https://"), std::string("--data-dir")}) {
    INFO(message);
    CHECK(contains(message, part));
  }
}

TEST_CASE("load_dataset: files that are not there are an error that says where they were looked for") {
  TempFolder folder;
  make_folders(folder.file("mnist"));
  DataConfig config;
  config.name = "mnist";
  CHECK_THROWS_WITH_AS(load_dataset(config, folder.path()),
                       doctest::Contains((folder.file("mnist/train-images-idx3-ubyte")).c_str()), Error);
}

TEST_CASE("load_dataset: the four files of a folder become train, validation and test") {
  TempFolder folder;
  make_folders(folder.file("mnist"));
  std::string labels;
  for (int i = 0; i < 40; ++i) labels += static_cast<char>(i % 10);
  for (const std::string part : {"train", "t10k"}) {
    write_file_atomically(folder.file("mnist/" + part + "-images-idx3-ubyte"),
                          idx_bytes({40, 2, 2}, std::string(160, '\7')));
    write_file_atomically(folder.file("mnist/" + part + "-labels-idx1-ubyte.gz"), gzip(idx_bytes({40}, labels)));
  }
  DataConfig config;
  config.name = "mnist";
  config.validation = 20;
  Dataset data = load_dataset(config, folder.path());
  CHECK(data.train.class_counts() == std::vector<int64_t>(10, 2));
  CHECK(data.validation.class_counts() == std::vector<int64_t>(10, 2));
  CHECK(data.test.size() == 40);
  config.train = 21;
  CHECK_THROWS_WITH_AS(load_dataset(config, folder.path()), doctest::Contains("data.train: expected at most 20 images"),
                       Error);
}

TEST_CASE("load_dataset: the splits of the glyphs are disjoint and complete") {
  const Dataset data = load_dataset(
      config_from(R"({"name": "glyphs", "glyphs": {"classes": 12, "train_per_class": 20, "test_per_class": 5}})"));
  CHECK(data.class_count() == 12);
  CHECK(data.validation.class_counts() == std::vector<int64_t>(12, 2));
  std::set<int64_t> indices(data.train.indices().begin(), data.train.indices().end());
  indices.insert(data.validation.indices().begin(), data.validation.indices().end());
  CHECK(indices.size() == 240);
  std::set<std::string> images;
  for (const Split& split : {data.train, data.validation, data.test})
    for (int64_t i = 0; i < split.size(); ++i) images.insert({split.image(i).begin(), split.image(i).end()});
  CHECK(images.size() == 300);  // no image occurs twice
}

}  // namespace fewer::testing
