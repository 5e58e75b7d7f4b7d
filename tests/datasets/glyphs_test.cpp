#include "datasets/glyphs.h"

#include <doctest/doctest.h>

#include <numeric>
#include <set>

#include "core/error.h"
#include "core/parallel.h"
#include "core/rng.h"

namespace fewer::testing {
namespace {

std::vector<int64_t> all_glyphs() {
  std::vector<int64_t> glyphs(kGlyphClasses);
  std::iota(glyphs.begin(), glyphs.end(), int64_t{0});
  return glyphs;
}

int64_t squared_distance(std::span<const uint8_t> a, std::span<const uint8_t> b) {
  int64_t sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += (int64_t{a[i]} - b[i]) * (int64_t{a[i]} - b[i]);
  return sum;
}

// One episode of 20-way 1-shot classification: how many of 20 queries have their own class's support image as the
// nearest.
int64_t nearest_neighbour_hits(const ImageSet& set, int64_t per_class, Rng& rng) {
  std::vector<std::span<const uint8_t>> support, query;
  for (const int64_t c : rng.sample(kGlyphClasses, 20)) {
    const std::vector<int64_t> images = rng.sample(per_class, 2);
    support.push_back(set.image(c * per_class + images[0]));
    query.push_back(set.image(c * per_class + images[1]));
  }
  int64_t hits = 0;
  for (size_t q = 0; q < query.size(); ++q) {
    size_t nearest = 0;
    for (size_t s = 1; s < support.size(); ++s)
      if (squared_distance(query[q], support[s]) < squared_distance(query[q], support[nearest])) nearest = s;
    hits += nearest == q;
  }
  return hits;
}

}  // namespace

TEST_CASE("glyphs: at least 1,000 classes in at least 20 alphabets, each drawn with ink inside the paper") {
  CHECK(kGlyphClasses >= 1000);
  CHECK(kGlyphAlphabets >= 20);
  const auto set = draw_glyphs(1, all_glyphs(), 0, 1, 28);
  check_image_set(*set, "glyphs");
  CHECK(std::set<std::string>(set->classes.begin(), set->classes.end()).size() == kGlyphClasses);
  CHECK(set->classes[27] == "alphabet01/character01");
  for (int64_t i = 0; i < set->size(); ++i) {
    const std::span<const uint8_t> image = set->image(i);
    const int64_t ink = std::accumulate(image.begin(), image.end(), int64_t{0}) / 255;
    CHECK(ink > 20);
    CHECK(ink < 300);
  }
}

TEST_CASE("glyphs: image i of class c is the same whatever else is drawn, at any number of threads") {
  set_threads(1);
  const auto many = draw_glyphs(3, std::vector<int64_t>{5, 300, 7}, 0, 40, 28);
  set_threads(3);
  const auto few = draw_glyphs(3, std::vector<int64_t>{300}, 30, 10, 28);
  for (int64_t i = 0; i < 10; ++i) CHECK(std::ranges::equal(few->image(i), many->image(40 + 30 + i)));
  CHECK(draw_glyphs(3, std::vector<int64_t>{5, 300, 7}, 0, 40, 28)->pixels == many->pixels);
}

TEST_CASE("glyphs: another seed invents other characters, another number another image") {
  const std::vector<int64_t> one = {11};
  const auto a = draw_glyphs(1, one, 0, 2, 28), b = draw_glyphs(2, one, 0, 1, 28);
  CHECK_FALSE(std::ranges::equal(a->image(0), b->image(0)));
  CHECK_FALSE(std::ranges::equal(a->image(0), a->image(1)));
}

TEST_CASE("glyphs: a large image shows the same drawing as a small one") {
  const std::vector<int64_t> some = {0, 40, 500, 1039};
  const auto small = draw_glyphs(1, some, 0, 1, 28), large = draw_glyphs(1, some, 0, 1, 112);
  for (int64_t i = 0; i < 4; ++i) {
    int64_t difference = 0, ink = 0;
    for (int64_t y = 0; y < 28; ++y)
      for (int64_t x = 0; x < 28; ++x) {
        int64_t block = 0;
        for (int64_t k = 0; k < 16; ++k)
          block += large->image(i)[static_cast<size_t>((4 * y + k / 4) * 112 + 4 * x + k % 4)];
        difference += std::abs(block / 16 - small->image(i)[static_cast<size_t>(y * 28 + x)]);
        ink += block / 16;
      }
    CHECK(difference * 4 < ink);
  }
}

TEST_CASE("glyphs: a nearest neighbour on pixels gets 20 to 40 % at 20-way 1-shot") {
  const int64_t per_class = 4, episodes = 300;
  const auto set = draw_glyphs(1, all_glyphs(), 0, per_class, 28);
  Rng rng(1);
  int64_t hits = 0;
  for (int64_t e = 0; e < episodes; ++e) hits += nearest_neighbour_hits(*set, per_class, rng);
  const double accuracy = static_cast<double>(hits) / static_cast<double>(20 * episodes);
  MESSAGE("20-way 1-shot accuracy of the nearest neighbour on pixels: ", accuracy);
  CHECK(accuracy > 0.20);
  CHECK(accuracy < 0.40);
}

TEST_CASE("glyphs: a class or size that does not exist is refused") {
  CHECK_THROWS_WITH_AS(draw_glyphs(1, std::vector<int64_t>{1040}, 0, 1, 28),
                       doctest::Contains("a class from 0 to 1039, got 1040"), Error);
  CHECK_THROWS_AS(draw_glyphs(1, std::vector<int64_t>{0}, 0, 1, 4), Error);
}

}  // namespace fewer::testing
