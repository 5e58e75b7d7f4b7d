#include "core/shape.h"

#include <doctest/doctest.h>

using namespace fewer;
using doctest::Contains;

TEST_CASE("shape: rank 0 is a scalar with one element") {
  const Shape scalar;
  CHECK(scalar.rank() == 0);
  CHECK(scalar.numel() == 1);
  CHECK(scalar.str() == "[]");
}

TEST_CASE("shape: sizes, their product and their text") {
  const Shape s{8, 32, 32, 3};
  CHECK(s.rank() == 4);
  CHECK(s.numel() == 8 * 32 * 32 * 3);
  CHECK(s[3] == 3);
  CHECK(s.str() == "[8, 32, 32, 3]");
  CHECK(Shape{4, 0, 2}.numel() == 0);
}

TEST_CASE("shape: negative axes count from the end, others throw") {
  const Shape s{2, 3, 4};
  CHECK(s.size(-1) == 4);
  CHECK(s.axis(-3) == 0);
  CHECK_THROWS_WITH(s.axis(3), "axis 3 does not exist in a tensor of shape [2, 3, 4]");
  CHECK_THROWS_WITH(s.axis(-4), Contains("axis -4 does not exist"));
}

TEST_CASE("shape: with, without and inserted give changed copies") {
  const Shape s{2, 3, 4};
  CHECK(s.with(-1, 7) == Shape{2, 3, 7});
  CHECK(s.without(0) == Shape{3, 4});
  CHECK(s.inserted(0, 9) == Shape{9, 2, 3, 4});
  CHECK(s.inserted(3, 9) == Shape{2, 3, 4, 9});
  CHECK(s.inserted(-1, 9) == Shape{2, 3, 4, 9});
  CHECK(s == Shape{2, 3, 4});
}

TEST_CASE("shape: equality needs the same rank and sizes") {
  CHECK(Shape{2, 3} == Shape{2, 3});
  CHECK_FALSE(Shape{2, 3} == Shape{2, 3, 1});
  CHECK_FALSE(Shape{2, 3} == Shape{3, 2});
}

TEST_CASE("shape: too many axes and negative sizes are refused") {
  CHECK_THROWS_WITH((Shape{1, 1, 1, 1, 1, 1, 1}), Contains("at most 6 axes, got 7"));
  CHECK_THROWS_WITH((Shape{2, -1}), Contains("sizes are not negative, got -1"));
}

TEST_CASE("shape: broadcasting expands sizes of 1 and missing leading axes") {
  CHECK(broadcast_shape("add", {4, 1, 3}, {5, 1}) == Shape{4, 5, 3});
  CHECK(broadcast_shape("add", {}, {2, 3}) == Shape{2, 3});
  CHECK(broadcast_shape("add", {0, 3}, {1, 3}) == Shape{0, 3});
  CHECK_THROWS_WITH(broadcast_shape("add", {2, 3}, {4, 3}),
                    Contains("add: shapes [2, 3] and [4, 3] cannot be broadcast together"));
}
