#include <doctest/doctest.h>

#include <numeric>

#include "core/parallel.h"
#include "core/rng.h"
#include "ops/ops.h"

namespace fewer {
namespace {

// 0, 1, 2, ... in the given shape: an element's value tells where it came from.
Tensor counting(const Shape& shape) {
  Tensor x = Tensor::uninitialized(shape);
  std::iota(x.mutable_data(), x.mutable_data() + x.numel(), Real(0));
  return x;
}

bool equal_values(const Tensor& a, const Tensor& b) {
  return a.shape() == b.shape() && std::equal(a.values().begin(), a.values().end(), b.values().begin());
}

// sum(a b): with it <f(x), g> = <x, f'(g)> tells whether f' is the adjoint of the linear f.
double inner_product(const Tensor& a, const Tensor& b) {
  REQUIRE(a.shape() == b.shape());
  double total = 0;
  for (int64_t i = 0; i < a.numel(); ++i) total += double(a.data()[i]) * double(b.data()[i]);
  return total;
}

// The gradient of a linear op of one input must be its adjoint.
template <class Op>
void check_adjoint(const Shape& shape, Op op) {
  Rng rng(7);
  const Tensor x = variable(Tensor::normal(shape, 0, 1, rng));
  const Tensor y = op(x);
  const Tensor g = Tensor::normal(y.shape(), 0, 1, rng);
  const Tensor dx = grad(y, x, {.seed = g});
  CHECK(inner_product(y, g) == doctest::Approx(inner_product(x, dx)).epsilon(1e-4));
}

// Element i of an index into `shape`, by a definition that knows nothing of strides.
int64_t position(const Shape& shape, std::initializer_list<int64_t> index) {
  int64_t at = 0;
  int axis = 0;
  for (const int64_t i : index) at = at * shape[axis++] + i;
  return at;
}

}  // namespace

TEST_CASE("reshape: shares storage, infers one size, refuses what does not fit") {
  const Tensor x = counting({2, 3, 4});
  CHECK(reshape(x, {6, -1}).shape() == Shape{6, 4});
  CHECK(reshape(x, Shape{24}).shares_storage_with(x));
  CHECK(flatten(x).shape() == Shape{2, 12});
  CHECK(flatten(x, 3).shape() == Shape{2, 3, 4, 1});
  CHECK_THROWS_WITH_AS(reshape(x, Shape{5, 5}), doctest::Contains("[2, 3, 4]"), Error);
  CHECK_THROWS_WITH_AS(reshape(x, {7, -1}), doctest::Contains("[2, 3, 4]"), Error);
  CHECK_THROWS_WITH_AS(reshape(x, {-1, -1}), doctest::Contains("at most one"), Error);
  check_adjoint({2, 3}, [](const Tensor& t) { return reshape(t, {3, 2}); });
}

TEST_CASE("permute: axis i of the result is axis order[i] of x") {
  const Shape shape{3, 5, 2, 4};
  const Tensor x = counting(shape), y = permute(x, {2, 0, 3, 1});
  REQUIRE(y.shape() == Shape{2, 3, 4, 5});
  for (int64_t a = 0; a < 3; ++a)
    for (int64_t b = 0; b < 5; ++b)
      for (int64_t c = 0; c < 2; ++c)
        for (int64_t d = 0; d < 4; ++d) CHECK(y.at({c, a, d, b}) == x.data()[position(shape, {a, b, c, d})]);
  check_adjoint(shape, [](const Tensor& t) { return permute(t, {2, 0, 3, 1}); });
  CHECK_THROWS_WITH_AS(permute(x, {0, 0, 1, 2}), doctest::Contains("twice"), Error);
  CHECK_THROWS_WITH_AS(permute(x, {0, 1}), doctest::Contains("[3, 5, 2, 4]"), Error);
}

TEST_CASE("transpose: odd sizes beyond one tile, batched, at any number of threads") {
  for (const Shape& shape : {Shape{67, 131}, Shape{3, 70, 45}, Shape{1, 5}, Shape{0, 4}}) {
    const Tensor x = counting(shape);
    for (const int n : {1, 2, 3}) {
      set_threads(n);
      const Tensor y = transpose(x);
      const int64_t rows = shape.size(-2), columns = shape.size(-1);
      REQUIRE(y.size(-1) == rows);
      bool same = true;
      for (int64_t i = 0; i < x.numel(); ++i) {
        const int64_t matrix = i / (rows * columns), r = i / columns % rows, c = i % columns;
        same &= y.data()[(matrix * columns + c) * rows + r] == x.data()[i];
      }
      CHECK(same);
    }
    set_threads(0);
  }
}

TEST_CASE("slice: begin, end and step along any axis; unslice is its adjoint") {
  const Tensor x = counting({2, 7, 3});
  const Tensor y = slice(x, 1, 1, 6, 2);
  REQUIRE(y.shape() == Shape{2, 3, 3});
  for (int64_t n = 0; n < 2; ++n)
    for (int64_t i = 0; i < 3; ++i)
      for (int64_t c = 0; c < 3; ++c) CHECK(y.at({n, i, c}) == x.at({n, 1 + 2 * i, c}));
  CHECK(slice(x, -1, 3, 3).shape() == Shape{2, 7, 0});
  const Tensor z = unslice(y, 1, 1, 7, 2);
  REQUIRE(z.shape() == Shape{2, 7, 3});
  CHECK(z.at({1, 3, 2}) == x.at({1, 3, 2}));
  CHECK(z.at({1, 2, 2}) == 0);
  CHECK(z.at({1, 6, 2}) == 0);
  CHECK(unslice(Tensor::zeros({2, 0}), 1, 1, 3).shape() == Shape{2, 3});
  check_adjoint({2, 7, 3}, [](const Tensor& t) { return slice(t, 1, 1, 6, 2); });
  check_adjoint({2, 3, 3}, [](const Tensor& t) { return unslice(t, 1, 1, 7, 2); });
  CHECK_THROWS_WITH_AS(slice(x, 1, 2, 8), doctest::Contains("axis 1 of [2, 7, 3]"), Error);
  CHECK_THROWS_WITH_AS(slice(x, 1, 3, 2), doctest::Contains("begin <= end"), Error);
}

TEST_CASE("concat and split undo each other along every axis") {
  const Tensor x = counting({3, 4, 5});
  for (int axis = 0; axis < 3; ++axis) {
    const std::vector<int64_t> sizes{1, 0, x.size(axis) - 1};
    const std::vector<Tensor> parts = split(x, sizes, axis);
    CHECK(parts[1].numel() == 0);
    CHECK(equal_values(parts[2], slice(x, axis, 1, x.size(axis))));
    CHECK(equal_values(concat(parts, axis), x));
  }
  CHECK(split(x, 2, 1)[1].shape() == Shape{3, 2, 5});
  check_adjoint({3, 4}, [](const Tensor& t) { return concat({t, slice(t, 1, 1, 3), t}, -1); });
  check_adjoint({3, 4}, [](const Tensor& t) { return split(t, 2, 1)[1]; });
  CHECK_THROWS_WITH_AS(concat({x, counting({3, 3, 5})}, 0), doctest::Contains("[3, 3, 5]"), Error);
  CHECK_THROWS_WITH_AS(split(x, 3, 1), doctest::Contains("equal parts"), Error);
}

TEST_CASE("stack and unstack undo each other along every axis") {
  const Tensor x = counting({3, 2, 4});
  for (int axis = 0; axis < 3; ++axis) CHECK(equal_values(stack(unstack(x, axis), axis), x));
  CHECK(equal_values(stack(std::vector<Tensor>{counting({2}), counting({2})}, -1), Tensor({2, 2}, {0, 0, 1, 1})));
  check_adjoint({3, 2}, [](const Tensor& t) { return unstack(t, 0)[2]; });
  check_adjoint({3, 2}, [](const Tensor& t) { return stack(std::vector<Tensor>{t, t}, 1); });
  CHECK_THROWS_WITH_AS(stack(std::vector<Tensor>{counting({2}), counting({3})}), doctest::Contains("[3]"), Error);
}

TEST_CASE("pad: a constant on each side; pad_reflect mirrors without repeating the border") {
  const Tensor x = counting({2, 3});
  CHECK(equal_values(pad(x, 1, {1, 2}, 9), Tensor({2, 6}, {9, 0, 1, 2, 9, 9, 9, 3, 4, 5, 9, 9})));
  CHECK(equal_values(pad(x, 0, {0, 1}), Tensor({3, 3}, {0, 1, 2, 3, 4, 5, 0, 0, 0})));
  CHECK(equal_values(pad_reflect(x, 1, {2, 1}), Tensor({2, 6}, {2, 1, 0, 1, 2, 1, 5, 4, 3, 4, 5, 4})));
  check_adjoint({2, 3, 4}, [](const Tensor& t) { return pad(t, 1, {1, 2}); });
  check_adjoint({2, 3, 4}, [](const Tensor& t) { return pad_reflect(t, 1, {2, 1}); });
  CHECK_THROWS_WITH_AS(pad(x, 1, {-1, 0}), doctest::Contains("[2, 3]"), Error);
  CHECK_THROWS_WITH_AS(pad_reflect(x, 1, {3, 0}), doctest::Contains("[0, 3)"), Error);
}

TEST_CASE("reverse: mirrors one axis and is its own inverse") {
  const Tensor x = counting({2, 3, 2});
  CHECK(equal_values(reverse(x, 1), Tensor({2, 3, 2}, {4, 5, 2, 3, 0, 1, 10, 11, 8, 9, 6, 7})));
  for (int axis = 0; axis < 3; ++axis) CHECK(equal_values(reverse(reverse(x, axis), axis), x));
  check_adjoint({2, 3}, [](const Tensor& t) { return reverse(t, 1); });
}

}  // namespace fewer
