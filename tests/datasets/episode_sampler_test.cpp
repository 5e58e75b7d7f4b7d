#include "datasets/episodes/episode_sampler.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <set>
#include <thread>

#include "core/config.h"
#include "core/error.h"
#include "core/parallel.h"
#include "datasets/glyphs.h"
#include "tests/support/chi_square.h"
#include "tests/support/coded_pool.h"

namespace fewer::testing {
namespace {

EpisodeSampler sampler(const EpisodeConfig& config, uint64_t seed = 1) {
  return EpisodeSampler(coded_pool(4, 6, 10), Normalization::none(1), config, Rng(seed));
}

bool same(const Episode& a, const Episode& b) {
  return std::ranges::equal(a.support_x.values(), b.support_x.values()) &&
         std::ranges::equal(a.support_y.values(), b.support_y.values()) &&
         std::ranges::equal(a.query_x.values(), b.query_x.values()) &&
         std::ranges::equal(a.query_y.values(), b.query_y.values()) && a.classes == b.classes;
}

int64_t class_number(const std::string& name) {  // of a coded pool with 6 characters per alphabet
  return 6 * std::stoi(name.substr(1, 2)) + std::stoi(name.substr(5, 2));
}

}  // namespace

TEST_CASE("episodes: N classes, K support and Q query images of each, no image twice, labels right") {
  const EpisodeSampler episodes = sampler({.ways = 5, .shots = 3, .queries = 4});
  for (int64_t i = 0; i < 50; ++i) {
    const Episode e = episodes.episode(i);
    CHECK(e.support_x.shape() == Shape{15, 2, 2, 1});
    CHECK(e.query_x.shape() == Shape{20, 2, 2, 1});
    std::set<Decoded> images;
    std::vector<int64_t> support(5, 0), query(5, 0);
    const auto check_part = [&](const Tensor& x, const IntTensor& y, std::vector<int64_t>& counts) {
      for (int64_t k = 0; k < y.numel(); ++k) {
        const Decoded image = decode(x, k);
        images.insert(image);
        CHECK(image.true_class == class_number(e.classes[static_cast<size_t>(y[k])]));
        ++counts[static_cast<size_t>(y[k])];
      }
    };
    check_part(e.support_x, e.support_y, support);
    check_part(e.query_x, e.query_y, query);
    CHECK(images.size() == 35);
    CHECK(support == std::vector<int64_t>(5, 3));
    CHECK(query == std::vector<int64_t>(5, 4));
  }
}

TEST_CASE("episodes: every class, every label for it and every image are equally likely") {
  const EpisodeSampler episodes = sampler({.ways = 4, .shots = 1, .queries = 1});
  std::vector<int64_t> classes(24, 0), labels(24 * 4, 0), images(24 * 10, 0), queries(24 * 10, 0);
  for (int64_t i = 0; i < 20000; ++i) {
    const EpisodePlan plan = episodes.plan(i);
    for (const ImageChoice& choice : plan.support) {
      ++images[static_cast<size_t>(choice.position)];
      ++classes[static_cast<size_t>(choice.position / 10)];
      ++labels[static_cast<size_t>(choice.position / 10 * 4 + choice.label)];
    }
    for (const ImageChoice& choice : plan.query) ++queries[static_cast<size_t>(choice.position)];
  }
  CHECK(chi_square_excess(classes) < kFair);
  CHECK(chi_square_excess(labels) < kFair);
  CHECK(chi_square_excess(images) < kFair);
  CHECK(chi_square_excess(queries) < kFair);
}

TEST_CASE("episodes: the place of an image does not tell its class") {
  const EpisodeSampler episodes = sampler({.ways = 3, .shots = 2, .queries = 2});
  std::vector<int64_t> support(6 * 3, 0), query(6 * 3, 0);
  for (int64_t i = 0; i < 6000; ++i) {
    const EpisodePlan plan = episodes.plan(i);
    for (size_t p = 0; p < 6; ++p) {
      ++support[p * 3 + static_cast<size_t>(plan.support[p].label)];
      ++query[p * 3 + static_cast<size_t>(plan.query[p].label)];
    }
  }
  CHECK(chi_square_excess(support) < kFair);
  CHECK(chi_square_excess(query) < kFair);
}

TEST_CASE("episodes: episode i depends on the stream and i alone, and a saved index goes on") {
  const EpisodeConfig config{.ways = 3, .queries = 2, .rotations = Rotations::kPerEpisode};
  EpisodeSampler a = sampler(config), b = sampler(config);
  std::vector<Episode> first = a.next(5);
  for (int64_t i = 4; i >= 0; --i) CHECK(same(b.episode(i), first[static_cast<size_t>(i)]));
  b.set_state(a.state());
  CHECK(a.state() == EpisodeSampler::State{5});
  const Episode sixth = a.next();
  CHECK(same(sixth, b.next()));
  CHECK(sixth.index == 5);
  CHECK_FALSE(same(first[0], first[1]));
  CHECK_FALSE(same(sampler(config, 2).next(), first[0]));
  CHECK_THROWS_AS(b.set_state({-1}), Error);
}

TEST_CASE("episodes: the same whatever the number of threads and whoever asks") {
  std::vector<int64_t> glyphs;
  for (int64_t g = 0; g < 30; ++g) glyphs.push_back(g);
  const ClassPool pool = class_pool(Split("glyphs", draw_glyphs(1, glyphs, 0, 8, 28)), "glyphs");
  const EpisodeSampler episodes(pool, Normalization::none(1), {.ways = 20, .shots = 2, .queries = 5}, Rng(3),
                                {Shift{.pixels = 3}, Flip{}});
  set_threads(1);
  const Episode alone = episodes.episode(7);
  set_threads(3);
  CHECK(same(episodes.episode(7), alone));
  Episode elsewhere;
  std::thread([&] { elsewhere = episodes.episode(7); }).join();
  CHECK(same(elsewhere, alone));
}

TEST_CASE("episodes: augmentation changes each image by itself, anew in every episode, and not the data set") {
  const std::vector<Augmentation> flips = {Flip{.probability = 0.5}};
  const EpisodeSampler plain = sampler({.ways = 5, .shots = 4, .queries = 4});
  const EpisodeSampler flipped(plain.pool(), Normalization::none(1), plain.config(), Rng(1), flips);
  const auto which_changed = [](const Tensor& a, const Tensor& b) {
    std::string changed;  // the marker of a flipped image is on the left
    for (int64_t i = 0; i < 20; ++i) changed += a.at({i, 1, 0, 0}) != b.at({i, 1, 0, 0}) ? 'x' : '-';
    return changed;
  };
  std::set<std::string> patterns;
  for (int64_t i = 0; i < 2; ++i) {
    const Episode a = plain.episode(i), b = flipped.episode(i);
    patterns.insert(which_changed(a.support_x, b.support_x));
    patterns.insert(which_changed(a.query_x, b.query_x));
    CHECK(std::ranges::equal(a.support_y.values(), b.support_y.values()));
    CHECK(same(plain.episode(i), a));
  }
  CHECK(patterns.size() == 4);
  for (const std::string& pattern : patterns) {
    CHECK(std::ranges::count(pattern, 'x') > 3);
    CHECK(std::ranges::count(pattern, 'x') < 17);
  }
}

TEST_CASE("episodes: images are normalised and whitened as the normalisation says") {
  const ClassPool pool = coded_pool(4, 6, 10);
  const Normalization zca = Normalization::zca(pool.images, 0.1);
  const EpisodeSampler episodes(pool, zca, {.ways = 2, .shots = 1, .queries = 1}, Rng(1));
  const ImageChoice choice = episodes.plan(0).support[0];
  std::vector<Real> expected(4);
  zca.apply(pool.images.image(choice.position), expected.data());
  zca.whiten(expected.data(), 1);
  const Episode e = episodes.episode(0);
  for (int64_t i = 0; i < 4; ++i) CHECK(e.support_x.data()[i] == doctest::Approx(expected[static_cast<size_t>(i)]));
}

TEST_CASE("rotations as classes: a character and its turned self can meet, as two classes") {
  const EpisodeSampler episodes = sampler({.ways = 8, .shots = 1, .queries = 1, .rotations = Rotations::kClasses});
  CHECK(episodes.pool().size() == 96);
  int64_t met = 0;
  std::vector<int64_t> turns(4, 0);
  for (int64_t i = 0; i < 500; ++i) {
    const Episode e = episodes.episode(i);
    std::set<int64_t> characters;
    for (int64_t k = 0; k < 8; ++k) {
      const Decoded image = decode(e.support_x, k);
      const std::string& name = e.classes[static_cast<size_t>(e.support_y[k])];
      characters.insert(image.true_class);
      ++turns[static_cast<size_t>(image.turns)];
      CHECK(name == turned_name(name.substr(0, 7), image.turns));
      CHECK(image.true_class == class_number(name));
    }
    met += characters.size() < 8;
    CHECK(std::set<std::string>(e.classes.begin(), e.classes.end()).size() == 8);
  }
  CHECK(met > 100);
  CHECK(chi_square_excess(turns) < kFair);
}

TEST_CASE("rotations per episode: one turn per class, for support and queries alike, and never two of a character") {
  const EpisodeSampler episodes = sampler({.ways = 8, .shots = 2, .queries = 3, .rotations = Rotations::kPerEpisode});
  CHECK(episodes.pool().size() == 24);
  std::vector<int64_t> turns(24 * 4, 0);
  for (int64_t i = 0; i < 2000; ++i) {
    const EpisodePlan plan = episodes.plan(i);
    std::map<int32_t, std::set<std::pair<int64_t, int>>> shown;  // by label: which character, how turned
    for (const std::vector<ImageChoice>* part : {&plan.support, &plan.query})
      for (const ImageChoice& c : *part) shown[c.label].insert({c.position / 10, c.turns});
    std::set<int64_t> characters;
    for (const auto& [label, ways_shown] : shown) {
      CHECK(ways_shown.size() == 1);
      characters.insert(ways_shown.begin()->first);
      ++turns[static_cast<size_t>(ways_shown.begin()->first * 4 + ways_shown.begin()->second)];
    }
    CHECK(characters.size() == 8);
  }
  CHECK(chi_square_excess(turns) < kFair);
  const Episode e = episodes.episode(0);
  for (int64_t k = 0; k < 24; ++k)
    CHECK(e.classes[static_cast<size_t>(e.query_y[k])].substr(7) == turned_name("", decode(e.query_x, k).turns));
}

TEST_CASE("episodes within an alphabet: all classes of one, each alphabet as often") {
  const EpisodeSampler episodes = sampler({.ways = 6, .queries = 2, .protocol = Protocol::kAlphabet});
  std::vector<int64_t> alphabets(4, 0);
  for (int64_t i = 0; i < 4000; ++i) {
    const EpisodePlan plan = episodes.plan(i);
    std::set<std::string_view> groups;
    for (const std::string& name : plan.classes) groups.insert(group_of(name));
    CHECK(groups.size() == 1);
    ++alphabets[static_cast<size_t>(class_number(plan.classes[0]) / 6)];
  }
  CHECK(chi_square_excess(alphabets) < kFair);
}

TEST_CASE("lake's protocol: one alphabet, the support by one drawer, the queries by another, all pairs as often") {
  const EpisodeSampler episodes = sampler({.ways = 5, .shots = 1, .queries = 1, .protocol = Protocol::kLake});
  std::vector<int64_t> pairs(100, 0);
  for (int64_t i = 0; i < 9000; ++i) {
    const EpisodePlan plan = episodes.plan(i);
    std::set<int64_t> support, query, alphabets;
    for (const ImageChoice& c : plan.support) support.insert(c.position % 10), alphabets.insert(c.position / 60);
    for (const ImageChoice& c : plan.query) query.insert(c.position % 10), alphabets.insert(c.position / 60);
    CHECK(support.size() == 1);
    CHECK(query.size() == 1);
    CHECK(alphabets.size() == 1);
    ++pairs[static_cast<size_t>(*support.begin() * 10 + *query.begin())];
  }
  std::vector<int64_t> unlike;
  for (size_t p = 0; p < 100; ++p)
    if (p % 11 != 0) unlike.push_back(pairs[p]);
  CHECK(std::accumulate(unlike.begin(), unlike.end(), int64_t{0}) == 9000);  // never the same drawer
  CHECK(chi_square_excess(unlike) < kFair);
}

TEST_CASE("episodes: impossible requests are refused and say what is missing") {
  const auto refused = [](const EpisodeConfig& config, const char* message) {
    CHECK_THROWS_WITH_AS(sampler(config), doctest::Contains(message), Error);
  };
  refused({.ways = 25, .queries = 1},
          "25-way episodes need 25 classes, but coded has 24: 1 is missing; lower `ways`");
  refused({.ways = 100, .queries = 1, .rotations = Rotations::kClasses},
          "100-way episodes need 100 classes, but coded has 96: 4 are missing; lower `ways`");
  refused({.ways = 5, .shots = 5, .queries = 15},
          "5 support and 15 query images per class make 20, but class a00/c00 of coded has 10: 10 images are missing "
          "(24 classes have too few); lower `shots` or `queries`");
  refused({.ways = 8, .queries = 1, .protocol = Protocol::kAlphabet},
          "8-way episodes need 8 classes, but the alphabet \"a00\" of coded has 6: 2 are missing");
}

TEST_CASE("episodes: what cannot be turned, was turned already, or has no known drawers is refused") {
  const ClassPool pool = coded_pool(2, 6, 10);
  const auto make = [](const ClassPool& from, const EpisodeConfig& config) {
    return EpisodeSampler(from, Normalization::none(1), config, Rng(1));
  };
  CHECK_THROWS_WITH_AS(make(turned_classes(pool), {.queries = 1, .rotations = Rotations::kPerEpisode}),
                       doctest::Contains("turned already"), Error);
  auto unknown = std::make_shared<ImageSet>(pool.images.images());
  unknown->drawers.clear();
  CHECK_THROWS_WITH_AS(make(class_pool(Split("all", unknown), "pool"), {.queries = 1, .protocol = Protocol::kLake}),
                       doctest::Contains("got 0: this data does not say who drew its images"), Error);
  CHECK_THROWS_WITH_AS(make(coded_pool(2, 6, 1), {.ways = 5, .queries = 1, .protocol = Protocol::kLake}),
                       doctest::Contains("who drew every character of the alphabet \"a00\" of coded, got 1"), Error);
  auto wide = std::make_shared<ImageSet>(pool.images.images());
  wide->height = 1, wide->width = 4;
  CHECK_THROWS_WITH_AS(
      make(class_pool(Split("all", wide), "wide"), {.queries = 1, .rotations = Rotations::kPerEpisode}),
      doctest::Contains("rotations need square images, but those of wide are [1, 4, 1]"), Error);
  CHECK_THROWS_WITH_AS(make({"empty", pool.images, {}}, {}), doctest::Contains("empty has 0: 5 are missing"), Error);
  CHECK_THROWS_WITH_AS(make({"empty", pool.images, {}}, {.protocol = Protocol::kAlphabet}),
                       doctest::Contains("empty has no classes"), Error);
}

TEST_CASE("episode config: reads its object; lake's protocol insists on one image each") {
  EpisodeConfig config;
  read_json(config, R"({"ways": 20, "shots": 5, "queries": 5, "rotations": "per_episode"})", "test");
  CHECK(config.ways == 20);
  CHECK(config.rotations == Rotations::kPerEpisode);
  CHECK_THROWS_WITH_AS(read_json(config, R"({"protocol": "lake", "shots": 5, "queries": 1})", "test"),
                       doctest::Contains("one support and one query image per class"), Error);
}

TEST_CASE("episode set: the same episodes for everyone, others for another seed") {
  const ClassPool pool = coded_pool(4, 6, 10);
  const EpisodeConfig config{.ways = 5, .shots = 1, .queries = 2, .rotations = Rotations::kClasses};
  const EpisodeSet a(pool, Normalization::none(1), config, {.episodes = 3, .seed = 1});
  const EpisodeSet b(pool, Normalization::none(1), config, {.episodes = 100, .seed = 1});
  const EpisodeSet c(pool, Normalization::none(1), config, {.episodes = 3, .seed = 2});
  CHECK(same(a[2], b[2]));
  CHECK_FALSE(same(a[2], c[2]));
  CHECK_THROWS_WITH_AS(a[3], doctest::Contains("an episode from 0 to 2, got 3"), Error);
  CHECK(a.description() ==
        "3 episodes (seed 1), 5-way 1-shot, 2 queries per class, of 96 classes of coded, rotations as classes");
}

TEST_CASE("episode batch: episodes side by side, in order") {
  EpisodeSampler episodes = sampler({.ways = 3, .shots = 2, .queries = 1});
  const std::vector<Episode> three = episodes.next(3);
  const EpisodeBatch batch = stack_episodes(three);
  CHECK(batch.support_x.shape() == Shape{3, 6, 2, 2, 1});
  CHECK(batch.query_y.shape() == Shape{3, 3});
  CHECK(std::ranges::equal(batch.support_x.values().subspan(48, 24), three[2].support_x.values()));
  CHECK(std::ranges::equal(batch.support_y.values().subspan(12, 6), three[2].support_y.values()));
  const Episode other = sampler({.ways = 3, .shots = 1, .queries = 1}).next();
  CHECK_THROWS_AS(stack_episodes(std::vector<Episode>{three[0], other}), Error);
  CHECK_THROWS_AS(stack_episodes({}), Error);
}

}  // namespace fewer::testing
