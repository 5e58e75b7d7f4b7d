// Omniglot's published splits on the real images, where they can be found (see tests/support/requirements.h).
#include "datasets/episodes/omniglot_split.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "core/error.h"
#include "datasets/episodes/class_list.h"
#include "datasets/registry.h"
#include "tests/support/requirements.h"

namespace fewer::testing {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kSize = 28;

// Decoded once for all tests of this file.
const Omniglot& omniglot() {
  static const Omniglot all = read_omniglot(find_data("omniglot", ""), {.size = kSize});
  return all;
}

ClassPools split(ClassSplitKind name, std::optional<int64_t> validation = {}) {
  return omniglot_class_split(omniglot(), {.name = name, .validation = validation});
}

std::vector<int64_t> sizes(const ClassPools& pools) {
  return {pools.train.size(), pools.validation.size(), pools.test.size()};
}

std::vector<std::string> names(const ClassPool& pool) {
  std::vector<std::string> all;
  for (const PoolClass& c : pool.classes) all.push_back(c.name);
  return all;
}

std::set<std::string> alphabets(const ClassPool& pool) {
  std::set<std::string> all;
  for (const ClassGroup& group : class_groups(pool)) all.insert(group.name);
  return all;
}

std::string bytes(std::span<const uint8_t> image) { return {image.begin(), image.end()}; }

// The set of images of a pool, each by its bytes.
std::set<std::string> images_of(const ClassPool& pool) {
  std::set<std::string> all;
  for (int64_t i = 0; i < pool.images.size(); ++i) all.insert(bytes(pool.images.image(i)));
  return all;
}

// Share of queries whose nearest support image by the cosine of their pixels is of their class.
double cosine_accuracy(const Episode& e) {
  const int64_t pixels = kSize * kSize;
  const auto cosine = [&](const Real* a, const Real* b) {
    double ab = 0, aa = 0, bb = 0;
    for (int64_t i = 0; i < pixels; ++i) ab += a[i] * b[i], aa += a[i] * a[i], bb += b[i] * b[i];
    return ab / std::sqrt(aa * bb);
  };
  int64_t right = 0;
  for (int64_t q = 0; q < e.query_y.numel(); ++q) {
    std::vector<double> nearness;
    for (int64_t s = 0; s < e.support_y.numel(); ++s)
      nearness.push_back(cosine(e.query_x.data() + q * pixels, e.support_x.data() + s * pixels));
    const int64_t nearest = std::ranges::max_element(nearness) - nearness.begin();
    right += e.support_y[nearest] == e.query_y[q];
  }
  return static_cast<double>(right) / static_cast<double>(e.query_y.numel());
}

double mean_cosine_accuracy(const ClassPool& pool, const EpisodeConfig& config) {
  const EpisodeSet set(pool, Normalization::none(1), config, {.episodes = 300, .seed = 1});
  double sum = 0;
  for (int64_t i = 0; i < set.size(); ++i) sum += cosine_accuracy(set[i]);
  return sum / static_cast<double>(set.size());
}

}  // namespace

TEST_CASE("vinyals: 1028 / 172 / 423 characters, 4112 / 688 / 1692 classes with rotations") {
  if (!have_data("omniglot")) return;
  const ClassPools pools = split(ClassSplitKind::kVinyals);
  CHECK(sizes(pools) == std::vector<int64_t>{1028, 172, 423});
  CHECK(turned_classes(pools.train).size() == 4112);
  CHECK(turned_classes(pools.validation).size() == 688);
  CHECK(turned_classes(pools.test).size() == 1692);
  CHECK(pools.description() ==
        "split vinyals: train 1028 classes of 33 alphabets (20560 images), validation 172 classes of 5 alphabets "
        "(3440 images), test 423 classes of 13 alphabets (8460 images)");
  CHECK(sizes(split(ClassSplitKind::kDefault)) == sizes(pools));
}

TEST_CASE("vinyals: class for class what the public lists say") {
  if (!have_data("omniglot")) return;
  const fs::path folder = find_data("omniglot", "") / "splits-vinyals";
  if (!fs::is_directory(folder)) {
    MESSAGE("SKIPPED: the lists of the Vinyals split are not beside Omniglot");
    return;
  }
  const ClassPools ours = split(ClassSplitKind::kVinyals);
  const ClassPools listed = listed_class_split(Split("omniglot", omniglot().images), folder);
  CHECK(names(ours.train) == names(listed.train));
  CHECK(names(ours.validation) == names(listed.validation));
  CHECK(names(ours.test) == names(listed.test));
  CHECK(ours.test.image_count() == listed.test.image_count());
}

TEST_CASE("lake: the background alphabets train, the evaluation alphabets test") {
  if (!have_data("omniglot")) return;
  const ClassPools published = split(ClassSplitKind::kLake, 0), held_out = split(ClassSplitKind::kLake);
  CHECK(sizes(published) == std::vector<int64_t>{964, 0, 659});
  CHECK(sizes(held_out) == std::vector<int64_t>{884, 80, 659});
  CHECK(alphabets(published.train).size() == 30);
  CHECK(alphabets(published.test).size() == 20);
  CHECK(alphabets(published.train).contains("Greek"));
  CHECK(alphabets(published.test).contains("Tengwar"));
  CHECK_THROWS_AS(split(ClassSplitKind::kLake, 964), Error);
}

TEST_CASE("random1200: 1200 to train, of which 100 validate, 423 to test; the same on every machine") {
  if (!have_data("omniglot")) return;
  const ClassPools pools = split(ClassSplitKind::kRandom1200);
  CHECK(sizes(pools) == std::vector<int64_t>{1100, 100, 423});
  CHECK(sizes(split(ClassSplitKind::kRandom1200, 0)) == std::vector<int64_t>{1200, 0, 423});
  CHECK(alphabets(pools.test).size() == 50);
  CHECK(pools.split == "random 1200 (seed 1)");
}

TEST_CASE("koch: 30 / 10 / 10 alphabets by 12 / 4 / 4 drawers each") {
  if (!have_data("omniglot")) return;
  const ClassPools pools = split(ClassSplitKind::kKoch);
  const auto by = [](const ClassPool& pool, size_t drawers) {
    return std::ranges::all_of(pool.classes, [&](const PoolClass& c) {
      return c.positions.size() == drawers && drawers_of(c, pool.images).size() == drawers;
    });
  };
  CHECK(alphabets(pools.train).size() == 30);
  CHECK(alphabets(pools.validation).size() == 10);
  CHECK(alphabets(pools.test).size() == 10);
  CHECK(by(pools.train, 12));
  CHECK(by(pools.validation, 4));
  CHECK(by(pools.test, 4));
  CHECK(pools.train.size() == 964);
}

TEST_CASE("koch: the test images are those of Lake's runs, by just their drawers") {
  if (!have_data("omniglot")) return;
  const ClassPools pools = split(ClassSplitKind::kKoch);
  const std::set<std::string> test = images_of(pools.test);
  int64_t found = 0;
  for (const LakeRun& run : read_lake_runs(find_data("omniglot", ""), {.size = kSize}))
    for (const auto& part : {run.training, run.test})
      for (int64_t i = 0; i < part->size(); ++i) found += test.contains(bytes(part->image(i)));
  CHECK(found == 800);
}

TEST_CASE("lake's protocol draws trials from koch's validation and test alphabets") {
  if (!have_data("omniglot")) return;
  const ClassPools pools = split(ClassSplitKind::kKoch);
  const EpisodeConfig trial{.ways = 20, .shots = 1, .queries = 1, .protocol = Protocol::kLake};
  for (const ClassPool* pool : {&pools.validation, &pools.test}) {
    const Episode e = EpisodeSet(*pool, Normalization::none(1), trial, {.episodes = 16, .seed = 1})[7];
    CHECK(e.query_y.numel() == 20);
    CHECK(std::set(e.query_y.data(), e.query_y.data() + 20).size() == 20);
  }
}

TEST_CASE("lake's runs as episodes: 20 of 20-way 1-shot, one query per class, in the order of the files") {
  if (!have_data("omniglot")) return;
  const std::vector<LakeRun> runs = read_lake_runs(find_data("omniglot", ""), {.size = kSize});
  const std::vector<Episode> episodes = lake_run_episodes(runs, Normalization::none(1));
  CHECK(episodes.size() == 20);
  for (const Episode& e : episodes) {
    CHECK(e.ways() == 20);
    CHECK(e.support_x.shape() == Shape{20, kSize, kSize, 1});
    for (int32_t k = 0; k < 20; ++k) CHECK(std::ranges::count(e.query_y.values(), k) == 1);
  }
  CHECK(episodes[0].query_y[0] == 7);  // item01 is class08
  CHECK(episodes[3].query_x.data()[700] == doctest::Approx(runs[3].test->pixels[700] / 255.0));
}

// Vinyals et al. report 41.7 and 26.7 % for pixels, on other test characters and images made smaller in another way.
TEST_CASE("random episodes of Omniglot: pixels alone classify about half of 5-way and three tenths of 20-way 1-shot") {
  if (!have_data("omniglot")) return;
  const ClassPool test = split(ClassSplitKind::kVinyals).test;
  const auto accuracy = [&](int64_t ways) {
    return mean_cosine_accuracy(test, {.ways = ways, .shots = 1, .queries = 2, .rotations = Rotations::kClasses});
  };
  CHECK(accuracy(5) == doctest::Approx(0.50).epsilon(0.08));
  CHECK(accuracy(20) == doctest::Approx(0.305).epsilon(0.08));
}

TEST_CASE("omniglot: a published split of a part of it is refused") {
  auto few = std::make_shared<ImageSet>();
  few->height = few->width = few->channels = 1;
  few->pixels = {0};
  few->labels = {0};
  few->drawers = {0};
  few->classes = {"Greek/character01"};
  CHECK_THROWS_WITH_AS(omniglot_class_split({few, 1}, {.name = ClassSplitKind::kKoch}),
                       doctest::Contains("needs all its characters, 964 background and 659 evaluation, got 1 and 0"),
                       Error);
}

}  // namespace fewer::testing
