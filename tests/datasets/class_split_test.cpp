#include "datasets/episodes/load_class_pools.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <set>

#include "core/config.h"
#include "core/error.h"
#include "core/files.h"
#include "datasets/episodes/class_list.h"
#include "datasets/episodes/episode_sampler.h"
#include "datasets/episodes/pairs.h"
#include "datasets/glyphs.h"
#include "tests/support/coded_pool.h"
#include "tests/support/picture_files.h"
#include "tests/support/temp_folder.h"

namespace fewer::testing {
namespace {

std::set<std::string> names(const ClassPool& pool) {
  std::set<std::string> all;
  for (const PoolClass& c : pool.classes) all.insert(c.name);
  return all;
}

ClassPools random_split(int64_t train, int64_t validation, uint64_t seed = 1) {
  return random_class_split(coded_pool(5, 8, 3).images,
                            {.name = ClassSplitKind::kRandom, .train = train, .validation = validation, .seed = seed});
}

DataConfig all_glyphs() {
  DataConfig config;
  config.glyphs = {.classes = kGlyphClasses, .train_per_class = 3, .test_per_class = 1, .size = 8};
  return config;
}

void put_picture(const TempFolder& folder, const std::string& class_folder) {
  std::filesystem::create_directories(folder.path() / class_folder);
  write_file_atomically(folder.file(class_folder + "/1.png"), grey_png(Image(3, 3, 1)));
}

DataConfig folder_at(const TempFolder& folder) {
  DataConfig config;
  config.name = "folder";
  config.folder.path = folder.path().string();
  return config;
}

}  // namespace

TEST_CASE("random class split: the numbers asked for, every class once, every image with its class") {
  const ClassPools pools = random_split(30, 6);
  CHECK(pools.train.size() == 24);
  CHECK(pools.validation.size() == 6);
  CHECK(pools.test.size() == 10);
  std::set<std::string> together = names(pools.train);
  together.merge(names(pools.validation));
  together.merge(names(pools.test));
  CHECK(together.size() == 40);
  for (const ClassPool* pool : {&pools.train, &pools.validation, &pools.test}) {
    CHECK(pool->image_count() == 3 * pool->size());
    CHECK(pool->images.size() == pool->image_count());
    for (const PoolClass& c : pool->classes)
      for (const int64_t p : c.positions)
        CHECK(pool->images.classes()[static_cast<size_t>(pool->images.label(p))] == c.name);
  }
}

TEST_CASE("random class split: the same classes for a seed whatever the order of the data, others for another") {
  const ClassPools pools = random_split(30, 6);
  CHECK(names(random_split(30, 6).test) == names(pools.test));
  CHECK(names(random_split(30, 6, 2).test) != names(pools.test));
  CHECK(names(random_split(30, 0).test) == names(pools.test));  // validation classes come out of the training classes
  const ClassPool coded = coded_pool(5, 8, 3);
  auto backwards = std::make_shared<ImageSet>(coded.images.images());
  std::reverse(backwards->classes.begin(), backwards->classes.end());
  for (int32_t& label : backwards->labels) label = 39 - label;
  const ClassPools same = random_class_split(Split("all", backwards), {.train = 30, .validation = 6});
  CHECK(names(same.test) == names(pools.test));
  CHECK(names(same.validation) == names(pools.validation));
}

TEST_CASE("class pools: each counts its own reads, so that test images can be seen to be untouched") {
  const ClassPools pools = random_split(30, 6);
  EpisodeSampler(pools.train, Normalization::none(1), {.ways = 4, .shots = 1, .queries = 2}, Rng(1)).next();
  CHECK(pools.train.images.images_read() == 12);
  CHECK(pools.test.images.images_read() == 0);
  CHECK(pools.train.images.shared_images() == pools.test.images.shared_images());
}

TEST_CASE("class pools: their description says what a figure must be quoted with") {
  CHECK(random_split(30, 6).description().starts_with("split random 30 (seed 1): train 24 classes of 5 alphabets (72 "
                                                      "images), validation 6 classes of "));
}

TEST_CASE("random class split: more classes than there are, or nothing left to train on, is refused") {
  CHECK_THROWS_WITH_AS(random_split(40, 0), doctest::Contains("need 41, but all has 40: 1 missing"), Error);
  CHECK_THROWS_WITH_AS(random_split(30, 30), doctest::Contains("fewer than the 30 classes it is held out of"), Error);
}

TEST_CASE("dividing classes: a class in two parts is refused") {
  const Split all = coded_pool(2, 2, 2).images;
  std::vector<ClassPart> part(8, ClassPart::kTrain);
  part[7] = ClassPart::kTest;
  CHECK_THROWS_WITH_AS(divide_classes(all, part, "odd"),
                       doctest::Contains("every class in one part, but a01/c01 is in train and in test"), Error);
  part[6] = ClassPart::kNone;
  CHECK(divide_classes(all, std::vector<ClassPart>(8, ClassPart::kNone), "none").train.size() == 0);
  CHECK_THROWS_AS(divide_classes(all, {}, "short"), Error);
}

TEST_CASE("class lists: names with all their rotations or none; the lists make the pools") {
  const TempFolder folder;
  write_file_atomically(folder.file("train.txt"),
                        "a00/c01/rot000\r\na00/c01/rot090\na00/c01/rot180\na00/c01/rot270\n\na01/c00\n");
  write_file_atomically(folder.file("val.txt"), "a00/c00\n");
  write_file_atomically(folder.file("test.txt"), "a01/c01");
  const ClassPools pools = listed_class_split(coded_pool(2, 3, 2).images, folder.path());
  CHECK(names(pools.train) == std::set<std::string>{"a00/c01", "a01/c00"});
  CHECK(names(pools.validation) == std::set<std::string>{"a00/c00"});
  CHECK(names(pools.test) == std::set<std::string>{"a01/c01"});
}

TEST_CASE("class lists: what is wrong is told with file and line") {
  const TempFolder folder;
  const Split all = coded_pool(2, 3, 2).images;
  const auto refused = [&](const char* train, const char* message) {
    write_file_atomically(folder.file("train.txt"), train);
    CHECK_THROWS_WITH_AS(listed_class_split(all, folder.path()), doctest::Contains(message), Error);
  };
  write_file_atomically(folder.file("val.txt"), "a00/c00\n");
  write_file_atomically(folder.file("test.txt"), "a01/c01\n");
  refused("a00/c01\na00/c01\n", "train.txt line 2: expected every class once, got a00/c01 again");
  refused("a00/c01/rot000\na00/c01/rot180\n", "a00/c01 by itself or in its four rotations, got 2 lines");
  refused("a00/c01\na00/c01/rot180\n", "a00/c01 by itself or in its four rotations, got 2 lines");
  refused("a00/c07\n", "train.txt: expected names of classes of all, got \"a00/c07\"; did you mean");
  refused("a00/c00\n", "val.txt: a00/c00 is in another list already");
  std::filesystem::remove(folder.file("val.txt"));
  refused("a00/c01\n", "val.txt");
}

TEST_CASE("class split config: a split by lists needs a folder") {
  ClassSplitConfig config;
  read_json(config, R"({"name": "random", "train": 800, "validation": null, "seed": 3})", "test");
  CHECK(config.train == 800);
  CHECK_THROWS_WITH_AS(read_json(config, R"({"name": "lists"})", "test"), doctest::Contains("needs the folder"), Error);
}

TEST_CASE("loading class pools: the glyphs by default three quarters to a quarter, in every sampler") {
  const ClassPools pools = load_class_pools(all_glyphs(), {});
  CHECK(pools.train.size() == 715);
  CHECK(pools.validation.size() == 65);
  CHECK(pools.test.size() == 260);
  CHECK(pools.normalization == Normalization::of(pools.train.images));
  CHECK(EpisodeSet(pools.test, pools.normalization, {.ways = 20, .queries = 2}, {}).size() == 600);
  CHECK(PairSampler(pools.train, pools.normalization, {.pairs = 100}, Rng(1)).next(10).same.numel() == 10);
  DataConfig plain = all_glyphs();
  plain.normalization = NormalizationKind::kNone;
  CHECK(load_class_pools(plain, {}).normalization == Normalization::none(1));
}

TEST_CASE("loading class pools: what chooses images of known classes is refused") {
  DataConfig config = all_glyphs();
  config.validation = 10;
  CHECK_THROWS_WITH_AS(load_class_pools(config, {}), doctest::Contains("classes are divided by class_split"), Error);
  config = all_glyphs();
  config.only = {"alphabet00/character00"};
  CHECK_THROWS_AS(load_class_pools(config, {}), Error);
}

TEST_CASE("loading class pools: own folders that divide their classes are taken as they are") {
  const TempFolder place;
  for (const char* path : {"train/a", "train/b", "val/c", "test/d"}) put_picture(place, path);
  const ClassPools pools = load_class_pools(folder_at(place), {});
  CHECK(names(pools.train) == std::set<std::string>{"a", "b"});
  CHECK(names(pools.validation) == std::set<std::string>{"c"});
  CHECK(names(pools.test) == std::set<std::string>{"d"});
  CHECK(pools.split == "given by folder");
  CHECK(names(load_class_pools(folder_at(place), {.name = ClassSplitKind::kRandom, .train = 3, .validation = 0}).train)
            .size() == 3);
}

TEST_CASE("loading class pools: given parts without validation classes lend some, and shared classes are refused") {
  const TempFolder divided, shared;
  for (const char* path : {"train/a", "train/b", "train/c", "test/d"}) put_picture(divided, path);
  for (const char* path : {"train/a", "train/b", "train/c", "test/a"}) put_picture(shared, path);
  CHECK(load_class_pools(folder_at(divided), {.validation = 1}).validation.size() == 1);
  CHECK(load_class_pools(folder_at(divided), {}).validation.size() == 0);  // a twelfth of three
  CHECK_THROWS_WITH_AS(load_class_pools(folder_at(shared), {.name = ClassSplitKind::kGiven}),
                       doctest::Contains("tests on other classes than it trains on, but folder does not"), Error);
  const ClassPools random = load_class_pools(folder_at(shared), {.train = 2, .validation = 0});
  CHECK(random.train.image_count() + random.test.image_count() == 4);  // test images of a class come to the others
}

TEST_CASE("loading class pools: Omniglot's splits are refused for other data") {
  CHECK_THROWS_WITH_AS(load_class_pools(all_glyphs(), {.name = ClassSplitKind::kVinyals}),
                       doctest::Contains("\"vinyals\" divides Omniglot, but these are classes of train"), Error);
  CHECK_THROWS_WITH_AS(load_class_pools(all_glyphs(), {.name = ClassSplitKind::kRandom1200}),
                       doctest::Contains("need 1201, but train has 1040: 161 missing"), Error);
}

}  // namespace fewer::testing
