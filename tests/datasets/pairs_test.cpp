#include "datasets/episodes/pairs.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "core/config.h"
#include "core/error.h"
#include "tests/support/chi_square.h"
#include "tests/support/coded_pool.h"

namespace fewer::testing {
namespace {

PairSampler sampler(const PairConfig& config, uint64_t seed = 1) {
  return PairSampler(coded_pool(4, 6, 10), Normalization::none(1), config, Rng(seed));
}

int64_t class_of(const ImageChoice& image) { return image.position / 10; }
int64_t alphabet_of(const ImageChoice& image) { return image.position / 60; }

bool same(const PairBatch& a, const PairBatch& b) {
  return std::ranges::equal(a.first.values(), b.first.values()) &&
         std::ranges::equal(a.second.values(), b.second.values()) &&
         std::ranges::equal(a.same.values(), b.same.values());
}

}  // namespace

TEST_CASE("pairs: half are two images of one class, half of two classes of one alphabet, equally per alphabet") {
  const PairSampler pairs = sampler({.pairs = 8000});
  std::vector<int64_t> alphabets(8, 0);
  for (int64_t i = 0; i < 8000; ++i) {
    const Pair pair = pairs.pair(i);
    CHECK(pair.first.position != pair.second.position);
    CHECK((class_of(pair.first) == class_of(pair.second)) == pair.same);
    CHECK(alphabet_of(pair.first) == alphabet_of(pair.second));
    ++alphabets[static_cast<size_t>(alphabet_of(pair.first) * 2 + pair.same)];
  }
  CHECK(alphabets == std::vector<int64_t>(8, 1000));
}

TEST_CASE("pairs: every class and image is equally likely on either side") {
  const PairSampler pairs = sampler({.pairs = 48000});
  std::vector<int64_t> first(240, 0), second(240, 0), unlike(36, 0);
  for (int64_t i = 0; i < 48000; ++i) {
    const Pair pair = pairs.pair(i);
    ++first[static_cast<size_t>(pair.first.position)];
    ++second[static_cast<size_t>(pair.second.position)];
    if (!pair.same) ++unlike[static_cast<size_t>(class_of(pair.first) % 6 * 6 + class_of(pair.second) % 6)];
  }
  CHECK(chi_square_excess(first) < kFair);
  CHECK(chi_square_excess(second) < kFair);
  std::vector<int64_t> off_diagonal;
  for (size_t i = 0; i < 36; ++i)
    if (i % 7 != 0) off_diagonal.push_back(unlike[i]);
  CHECK(chi_square_excess(off_diagonal) < kFair);
}

TEST_CASE("pairs across alphabets: the other class is any other one") {
  const PairSampler pairs = sampler({.pairs = 40000, .different = DifferentPairs::kAny});
  std::vector<int64_t> classes(24, 0);
  int64_t across = 0;
  for (int64_t i = 1; i < 40000; i += 2) {
    const Pair pair = pairs.pair(i);
    CHECK(class_of(pair.first) != class_of(pair.second));
    ++classes[static_cast<size_t>(class_of(pair.second))];
    across += alphabet_of(pair.first) != alphabet_of(pair.second);
  }
  CHECK(chi_square_excess(classes) < kFair);
  CHECK(static_cast<double>(across) / 20000 == doctest::Approx(18.0 / 23).epsilon(0.02));
}

TEST_CASE("pair batches: the pixels of the pairs, every pair once an epoch, in a new order") {
  PairSampler pairs = sampler({.pairs = 60});
  std::vector<std::vector<Decoded>> epochs;
  for (int e = 0; e < 2; ++e) {
    std::vector<Decoded> shown;
    for (int b = 0; b < 3; ++b) {
      const PairBatch batch = pairs.next(20);
      CHECK(batch.first.shape() == Shape{20, 2, 2, 1});
      for (int64_t i = 0; i < 20; ++i) {
        const Decoded first = decode(batch.first, i), second = decode(batch.second, i);
        CHECK((first.true_class == second.true_class) == (batch.same.data()[i] == 1));
        shown.push_back(first);
      }
    }
    epochs.push_back(shown);
  }
  CHECK(epochs[0] != epochs[1]);
  std::vector<Decoded> set;
  for (int64_t i = 0; i < 60; ++i) set.push_back({class_of(pairs.pair(i).first), pairs.pair(i).first.position % 10, 0});
  std::sort(set.begin(), set.end());
  for (std::vector<Decoded>& epoch : epochs) {
    std::sort(epoch.begin(), epoch.end());
    CHECK(epoch == set);
  }
}

TEST_CASE("pairs: a saved number goes on with the pairs, and their augmentation, that were to come") {
  const std::vector<Augmentation> flips = {Flip{}};
  const ClassPool pool = coded_pool(4, 6, 10);
  PairSampler a(pool, Normalization::none(1), {.pairs = 50}, Rng(1), flips);
  for (int i = 0; i < 7; ++i) a.next(8);
  PairSampler b(pool, Normalization::none(1), {.pairs = 50}, Rng(1), flips);
  b.set_state(a.state());
  CHECK(b.state() == PairSampler::State{56});
  CHECK(same(a.next(8), b.next(8)));
  CHECK_FALSE(same(a.next(8), PairSampler(pool, Normalization::none(1), {.pairs = 50}, Rng(2), flips).next(8)));
  CHECK_THROWS_AS(b.set_state({-1}), Error);
}

TEST_CASE("pairs: augmentation does not depend on how pairs are cut into batches, and changes both images apart") {
  const ClassPool pool = coded_pool(4, 6, 10);
  const std::vector<Augmentation> flips = {Flip{}};
  PairSampler whole(pool, Normalization::none(1), {.pairs = 40}, Rng(1), flips);
  PairSampler parts(pool, Normalization::none(1), {.pairs = 40}, Rng(1), flips);
  const PairBatch all = whole.next(40);
  parts.next(15);
  const PairBatch rest = parts.next(25);
  CHECK(std::ranges::equal(all.first.values().subspan(15 * 4), rest.first.values()));
  int64_t alike = 0;  // the marker of both images on the same side
  for (int64_t i = 0; i < 40; ++i) alike += (all.first.at({i, 1, 1, 0}) == 1) == (all.second.at({i, 1, 1, 0}) == 1);
  CHECK(alike > 8);
  CHECK(alike < 32);
}

TEST_CASE("verification set: the same pairs in order every time, without augmentation") {
  PairSampler pairs(coded_pool(4, 6, 10), Normalization::none(1), {.pairs = 40}, Rng(1), {Flip{.probability = 1}});
  const PairBatch before = pairs.batch(10, 20);
  pairs.next(33);
  CHECK(same(pairs.batch(10, 20), before));
  for (int64_t i = 0; i < 20; ++i) CHECK(decode(before.first, i).image == pairs.pair(10 + i).first.position % 10);
  CHECK_THROWS_WITH_AS(pairs.batch(30, 11), doctest::Contains("a part of the 40 pairs, got 11 from number 30"), Error);
}

TEST_CASE("pairs: an odd number, a class of one image and an alphabet of one class are refused") {
  const ClassPool pool = coded_pool(3, 2, 4);
  const auto make = [](ClassPool from, PairConfig config) {
    return PairSampler(std::move(from), Normalization::none(1), config, Rng(1));
  };
  CHECK_THROWS_WITH_AS(make(pool, {.pairs = 7}), doctest::Contains("must be even and positive, got 7"), Error);
  CHECK_THROWS_WITH_AS(make(coded_pool(3, 2, 1), {.pairs = 8}), doctest::Contains("class a00/c00 of coded has one"),
                       Error);
  const ClassPool lonely = chosen_classes(pool, std::vector<std::string>{"a00/c00", "a01/c00", "a01/c01"}, "lonely");
  CHECK_THROWS_WITH_AS(make(lonely, {.pairs = 8}), doctest::Contains("\"a00\" of lonely has one"), Error);
  CHECK(make(lonely, {.pairs = 8, .different = DifferentPairs::kAny}).size() == 8);
  CHECK_THROWS_WITH_AS(make(chosen_classes(pool, std::vector<std::string>{"a00/c00"}, "one"), {.pairs = 8}),
                       doctest::Contains("one has 1: 1 missing"), Error);
  PairConfig config;
  CHECK_THROWS_WITH_AS(read_json(config, R"({"pairs": 31})", "test"), doctest::Contains("must be even"), Error);
}

}  // namespace fewer::testing
