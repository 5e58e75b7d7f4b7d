#include "datasets/episodes/sequences.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "core/error.h"
#include "tests/support/chi_square.h"
#include "tests/support/coded_pool.h"

namespace fewer::testing {
namespace {

EpisodeSampler sampler(const EpisodeConfig& config, uint64_t seed = 1) {
  return EpisodeSampler(coded_pool(4, 6, 10), Normalization::none(1), config, Rng(seed));
}

// The word shown at place `i` of [T*B, L] as letters, empty where nothing is shown.
std::vector<int32_t> shown_word(const Tensor& shown, int64_t i, int64_t letters) {
  const int64_t width = shown.size(-1);
  std::vector<int32_t> word;
  for (int64_t l = 0; l < width; ++l) {
    const Real value = shown.data()[i * width + l];
    CHECK((value == 0 || value == 1));
    if (value == 1) word.push_back(static_cast<int32_t>(l % letters));
  }
  return word;
}

}  // namespace

TEST_CASE("as_sequence: the label shown at t is that of t-1, and none at the start") {
  EpisodeSampler episodes = sampler({.ways = 5, .shots = 10, .queries = 0});
  const std::vector<Episode> batch = episodes.next(3);
  const DelayedSequences s = as_sequence(batch, OneHotLabels{}, episodes.rng());
  CHECK(s.x.shape() == Shape{50, 3, 2, 2, 1});
  CHECK(s.label_shown.shape() == Shape{50, 3, 5});
  CHECK(s.target.shape() == Shape{50, 3});
  for (int64_t b = 0; b < 3; ++b)
    for (int64_t t = 0; t < 50; ++t) {
      const int64_t here = t * 3 + b;
      CHECK(s.target[here] == batch[static_cast<size_t>(b)].support_y[t]);
      CHECK(s.label[here] == s.target[here]);
      CHECK(s.x.at({t, b, 0, 0, 0}) == batch[static_cast<size_t>(b)].support_x.at({t, 0, 0, 0}));
      const std::vector<int32_t> before = t == 0 ? std::vector<int32_t>{} : std::vector<int32_t>{s.label[here - 3]};
      CHECK(shown_word(s.label_shown, here, 5) == before);
    }
}

TEST_CASE("as_sequence: instances count how often a class was met, each number once per class") {
  EpisodeSampler episodes = sampler({.ways = 4, .shots = 7, .queries = 0});
  const DelayedSequences s = as_sequence(episodes.next(2), OneHotLabels{}, episodes.rng());
  for (int64_t b = 0; b < 2; ++b) {
    std::vector<int32_t> met(4, 0);
    for (int64_t t = 0; t < 28; ++t) {
      const int64_t here = t * 2 + b;
      CHECK(s.instance[here] == ++met[static_cast<size_t>(s.label[here])]);
    }
    CHECK(met == std::vector<int32_t>(4, 7));
  }
}

TEST_CASE("as_sequence: labels are dealt anew in every episode, and scattered over it") {
  EpisodeSampler episodes = sampler({.ways = 4, .shots = 5, .queries = 0});
  std::vector<int64_t> labels(24 * 4, 0), places(20 * 4, 0);
  for (int64_t i = 0; i < 3000; ++i) {
    const Episode e = episodes.next();
    const DelayedSequences s = as_sequence({&e, 1}, OneHotLabels{}, episodes.rng());
    for (int64_t t = 0; t < 20; ++t) {
      if (s.instance[t] == 1)
        ++labels[static_cast<size_t>(decode(e.support_x, t).true_class * 4 + s.label[t])];
      ++places[static_cast<size_t>(t * 4 + s.label[t])];
    }
  }
  CHECK(chi_square_excess(labels) < kFair);
  CHECK(chi_square_excess(places) < kFair);
}

TEST_CASE("string labels: five letters of five, distinct within an episode, other words in the next") {
  EpisodeSampler episodes = sampler({.ways = 15, .shots = 2, .queries = 0});
  const std::vector<Episode> batch = episodes.next(4);
  const DelayedSequences s = as_sequence(batch, StringLabels{}, episodes.rng());
  CHECK(s.label_shown.shape() == Shape{30, 4, 25});
  CHECK(s.target.shape() == Shape{30, 4, 5});
  CHECK(label_width(StringLabels{}, 15) == 25);
  std::set<std::vector<int32_t>> all;
  for (int64_t b = 0; b < 4; ++b) {
    std::vector<std::vector<int32_t>> word_of(15);
    for (int64_t t = 0; t < 30; ++t) {
      const int64_t here = t * 4 + b;
      const std::vector<int32_t> word(s.target.data() + here * 5, s.target.data() + here * 5 + 5);
      std::vector<int32_t>& known = word_of[static_cast<size_t>(s.label[here])];
      CHECK((known.empty() || known == word));
      known = word;
      CHECK(std::ranges::all_of(word, [](int32_t letter) { return letter >= 0 && letter < 5; }));
      if (t + 1 < 30) CHECK(shown_word(s.label_shown, here + 4, 5) == word);
    }
    CHECK(std::set(word_of.begin(), word_of.end()).size() == 15);
    all.insert(word_of.begin(), word_of.end());
  }
  CHECK(all.size() > 50);  // of 60: hardly any word twice in four episodes
}

TEST_CASE("string labels: every letter in every place is equally likely") {
  EpisodeSampler episodes = sampler({.ways = 10, .shots = 1, .queries = 0});
  std::vector<int64_t> letters(25, 0);
  const DelayedSequences s = as_sequence(episodes.next(500), StringLabels{}, episodes.rng());
  for (int64_t i = 0; i < s.target.numel(); ++i) ++letters[static_cast<size_t>(i % 5 * 5 + s.target[i])];
  CHECK(chi_square_excess(letters) < kFair);
}

TEST_CASE("string labels: an episode's words do not depend on the batch it is in") {
  const EpisodeSampler episodes = sampler({.ways = 6, .shots = 2, .queries = 0});
  const std::vector<Episode> both = {episodes.episode(8), episodes.episode(9)};
  const DelayedSequences together = as_sequence(both, StringLabels{}, episodes.rng());
  const DelayedSequences alone = as_sequence(std::span(both).last(1), StringLabels{}, episodes.rng());
  for (int64_t t = 0; t < 12; ++t)
    for (int64_t l = 0; l < 5; ++l) CHECK(together.target[(t * 2 + 1) * 5 + l] == alone.target[t * 5 + l]);
}

TEST_CASE("as_sequence: episodes with queries, of different shapes, or more classes than words are refused") {
  EpisodeSampler queried = sampler({.ways = 3, .shots = 2, .queries = 1}), plain = sampler({.ways = 5, .queries = 0}),
                 longer = sampler({.ways = 5, .shots = 2, .queries = 0});
  CHECK_THROWS_WITH_AS(as_sequence(queried.next(1), OneHotLabels{}, Rng(1)),
                       doctest::Contains("episodes without queries, got 3: set `queries` to 0"), Error);
  CHECK_THROWS_WITH_AS(as_sequence(plain.next(1), StringLabels{.letters = 2, .length = 2}, Rng(1)),
                       doctest::Contains("5 classes need as many labels, but of 2 letters out of 2 there are 4 words"),
                       Error);
  CHECK_THROWS_WITH_AS(as_sequence(std::vector<Episode>{plain.next(), longer.next()}, OneHotLabels{}, Rng(1)),
                       doctest::Contains("expected episodes of one shape"), Error);
  CHECK_THROWS_AS(as_sequence({}, OneHotLabels{}, Rng(1)), Error);
  const DelayedSequences all_words = as_sequence(plain.next(1), StringLabels{.letters = 5, .length = 1}, Rng(1));
  CHECK(std::set(all_words.target.data(), all_words.target.data() + 5).size() == 5);
}

TEST_CASE("sequence with a query: the labelled support, then one image without its label") {
  EpisodeSampler episodes = sampler({.ways = 5, .shots = 2, .queries = 1});
  const std::vector<Episode> batch = episodes.next(3);
  for (const int64_t query : {0, 4}) {
    const QuerySequences s = as_sequence_with_query(batch, query);
    CHECK(s.x.shape() == Shape{3, 11, 2, 2, 1});
    CHECK(s.label_shown.shape() == Shape{3, 11, 5});
    for (int64_t b = 0; b < 3; ++b) {
      const Episode& e = batch[static_cast<size_t>(b)];
      for (int64_t t = 0; t < 10; ++t) {
        CHECK(shown_word(s.label_shown, b * 11 + t, 5) == std::vector<int32_t>{e.support_y[t]});
        CHECK(s.x.at({b, t, 0, 0, 0}) == e.support_x.at({t, 0, 0, 0}));
      }
      CHECK(shown_word(s.label_shown, b * 11 + 10, 5).empty());
      CHECK(s.x.at({b, 10, 0, 1, 0}) == e.query_x.at({query, 0, 1, 0}));
      CHECK(s.target[b] == e.query_y[query]);
    }
  }
  CHECK_THROWS_WITH_AS(as_sequence_with_query(batch, 5), doctest::Contains("a query from 0 to 4, got 5"), Error);
}

TEST_CASE("sequence with a query: query 0 is of every class equally often") {
  EpisodeSampler episodes = sampler({.ways = 8, .shots = 1, .queries = 1});
  std::vector<int64_t> classes(8, 0);
  const QuerySequences s = as_sequence_with_query(episodes.next(4000));
  for (const int32_t label : s.target.values()) ++classes[static_cast<size_t>(label)];
  CHECK(chi_square_excess(classes) < kFair);
}

}  // namespace fewer::testing
