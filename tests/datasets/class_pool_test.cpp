#include "datasets/episodes/class_pool.h"

#include <doctest/doctest.h>

#include "core/error.h"
#include "datasets/episodes/image_choice.h"
#include "datasets/glyphs.h"
#include "tests/support/coded_pool.h"

namespace fewer::testing {

TEST_CASE("class pool: every class with images, by name, with its own images") {
  const ClassPool all = coded_pool(3, 4, 5);
  CHECK(all.size() == 12);
  CHECK(all.image_count() == 60);
  CHECK(all[5].name == "a01/c01");
  for (const int64_t p : all[5].positions) CHECK(all.images.label(p) == 5);
  const ClassPool one = class_pool(all.images.subset(all[7].positions, "one class"), "one");
  CHECK(one.size() == 1);
  CHECK(one[0].name == "a01/c03");
}

TEST_CASE("class pool: the order is by name, whatever the order of the data") {
  auto set = std::make_shared<ImageSet>();
  set->height = set->width = set->channels = 1;
  set->pixels = {0, 0, 0};
  set->labels = {2, 0, 1};
  set->classes = {"b", "c", "a"};
  const ClassPool pool = class_pool(Split("all", set), "pool");
  CHECK(pool[0].name == "a");
  CHECK(pool[0].positions == std::vector<int64_t>{0});
  CHECK(pool[2].name == "c");
}

TEST_CASE("class pool: classes are chosen by name; unknown and repeated names are refused") {
  const ClassPool all = coded_pool(3, 4, 5);
  const ClassPool some = chosen_classes(all, std::vector<std::string>{"a02/c00", "a00/c03"}, "some");
  CHECK(some.size() == 2);
  CHECK(some[0].name == "a00/c03");
  CHECK(some[1].positions == all[8].positions);
  CHECK_THROWS_WITH_AS(chosen_classes(all, std::vector<std::string>{"a00/c04"}, "some"),
                       doctest::Contains("got \"a00/c04\", which is none of its 12; did you mean"), Error);
  CHECK_THROWS_WITH_AS(chosen_classes(all, std::vector<std::string>{"a00/c00", "a00/c00"}, "some"),
                       doctest::Contains("expected each class of some once, got a00/c00 twice"), Error);
}

TEST_CASE("class pool: rotations as classes make four of each, which cannot be turned again") {
  const ClassPool turned = turned_classes(coded_pool(2, 3, 4));
  CHECK(turned.size() == 24);
  CHECK(turned[0].name == "a00/c00/rot000");
  CHECK(turned[3].name == "a00/c00/rot270");
  CHECK(turned[3].turns == 3);
  CHECK(turned[3].positions == turned[0].positions);
  CHECK_THROWS_WITH_AS(turned_classes(turned), doctest::Contains("turned already"), Error);
}

TEST_CASE("class pool: alphabets are what stands before the slash") {
  CHECK(group_of("Greek/character03/rot090") == "Greek");
  CHECK(group_of("7") == "");
  const std::vector<ClassGroup> groups = class_groups(coded_pool(3, 4, 2));
  CHECK(groups.size() == 3);
  CHECK(groups[1].name == "a01");
  CHECK(groups[1].classes == std::vector<int64_t>{4, 5, 6, 7});
}

TEST_CASE("class pool: the glyphs are 40 alphabets of 26 characters, image i by drawer i") {
  std::vector<int64_t> glyphs;
  for (int64_t g = 0; g < kGlyphClasses; ++g) glyphs.push_back(g);
  const ClassPool pool = class_pool(Split("glyphs", draw_glyphs(1, glyphs, 3, 2, kSmallestGlyph)), "glyphs");
  CHECK(pool.size() == 1040);
  CHECK(class_groups(pool).size() == 40);
  CHECK(class_groups(pool)[39].classes.size() == 26);
  CHECK(drawers_of(pool[1000], pool.images) == std::vector<int32_t>{3, 4});
}

TEST_CASE("quarter turns are anticlockwise, four of them are none, and channels stay together") {
  const std::vector<uint8_t> image = {1, 11, 2, 12, 3, 13, 4, 14};  // 2x2 of two channels
  const auto turned = [&](int turns) {
    std::vector<uint8_t> out(8);
    turn_quarters(image, {2, 2, 2}, turns, out.data());
    return out;
  };
  CHECK(turned(0) == image);
  CHECK(turned(1) == std::vector<uint8_t>{2, 12, 4, 14, 1, 11, 3, 13});
  CHECK(turned(2) == std::vector<uint8_t>{4, 14, 3, 13, 2, 12, 1, 11});
  CHECK(turned(3) == std::vector<uint8_t>{3, 13, 1, 11, 4, 14, 2, 12});
}

TEST_CASE("quarter turns: half a turn keeps the shape of any image, a quarter only of square ones") {
  const std::vector<uint8_t> image = {1, 2, 3, 4, 5, 6};
  std::vector<uint8_t> out(6);
  turn_quarters(image, {2, 3, 1}, 2, out.data());
  CHECK(out == std::vector<uint8_t>{6, 5, 4, 3, 2, 1});
  CHECK_THROWS_WITH_AS(turn_quarters(image, {2, 3, 1}, 1, out.data()), doctest::Contains("square image, got [2, 3, 1]"),
                       Error);
}

}  // namespace fewer::testing
