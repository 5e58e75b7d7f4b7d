#include <doctest/doctest.h>

#include <limits>

#include "core/parallel.h"
#include "core/rng.h"
#include "ops/ops.h"

namespace fewer {
namespace {

const Real kNan = std::numeric_limits<Real>::quiet_NaN();

std::vector<Real> values(const Tensor& x) { return {x.values().begin(), x.values().end()}; }
std::vector<int32_t> values(const IntTensor& x) { return {x.values().begin(), x.values().end()}; }

}  // namespace

TEST_CASE("gather: rows by index along any axis; scatter_add adds repeated ones") {
  const Tensor x({3, 2}, {1, 2, 3, 4, 5, 6});
  const IntTensor rows({4}, {2, 0, 2, 1});
  CHECK(values(gather(x, rows)) == std::vector<Real>{5, 6, 1, 2, 5, 6, 3, 4});
  CHECK(values(gather(x, IntTensor({1}, {1}), 1)) == std::vector<Real>{2, 4, 6});
  const Tensor back = scatter_add(gather(x, rows), rows, 4);
  CHECK(values(back) == std::vector<Real>{1, 2, 3, 4, 10, 12, 0, 0});
  CHECK(gather(x, IntTensor({0}, {})).shape() == Shape{0, 2});
  CHECK_THROWS_WITH_AS(gather(x, IntTensor({1}, {3})), doctest::Contains("index 3"), Error);
  CHECK_THROWS_WITH_AS(gather(x, IntTensor({1}, {-1})), doctest::Contains("index -1"), Error);
  CHECK_THROWS_WITH_AS(scatter_add(x, rows, 4), doctest::Contains("[3, 2]"), Error);
}

TEST_CASE("gather: the gradient adds what repeated rows receive") {
  const Tensor x = variable(Tensor({3, 1}, {1, 2, 3}));
  const Tensor y = gather(x, IntTensor({4}, {2, 0, 2, 2}));
  CHECK(values(grad(y, x, {.seed = Tensor({4, 1}, {1, 10, 100, 1000})})) == std::vector<Real>{10, 0, 1101});
}

TEST_CASE("scatter_add: the same bits at any number of threads") {
  Rng rng(1);
  const Tensor rows = Tensor::normal({400, 300}, 0, 1, rng);
  IntTensor index = IntTensor::uninitialized({400});
  for (int64_t i = 0; i < 400; ++i) index.mutable_data()[i] = static_cast<int32_t>(rng.below(7));
  set_threads(1);
  const std::vector<Real> serial = values(scatter_add(rows, index, 7));
  for (const int n : {2, 3}) {
    set_threads(n);
    CHECK(values(scatter_add(rows, index, 7)) == serial);
  }
  set_threads(0);
}

TEST_CASE("take_along and add_along, pick and place: adjoint pairs within each row") {
  const Tensor x = variable(Tensor({2, 3}, {1, 2, 3, 4, 5, 6}));
  const IntTensor index({2, 2}, {2, 2, 0, 1});
  const Tensor y = take_along(x, index);
  CHECK(values(y) == std::vector<Real>{3, 3, 4, 5});
  CHECK(values(grad(y, x, {.seed = Tensor({2, 2}, {1, 2, 3, 4})})) == std::vector<Real>{0, 0, 3, 3, 4, 0});
  CHECK(values(pick(x, IntTensor({2}, {1, 2}))) == std::vector<Real>{2, 6});
  CHECK(values(place(Tensor({2}, {7, 8}), IntTensor({2}, {1, 2}), 3)) == std::vector<Real>{0, 7, 0, 0, 0, 8});
  CHECK_THROWS_WITH_AS(take_along(x, IntTensor({3, 1}, {0, 0, 0})), doctest::Contains("[3, 1]"), Error);
  CHECK_THROWS_WITH_AS(pick(x, IntTensor({3}, {0, 0, 0})), doctest::Contains("[2, 3]"), Error);
  CHECK_THROWS_WITH_AS(pick(x, IntTensor({2}, {0, 3})), doctest::Contains("index 3"), Error);
}

TEST_CASE("one_hot: a 1 per label, labels out of range refused") {
  CHECK(values(one_hot(IntTensor({2}, {2, 0}), 3)) == std::vector<Real>{0, 0, 1, 1, 0, 0});
  CHECK_THROWS_WITH_AS(one_hot(IntTensor({1}, {3}), 3), doctest::Contains("0 to 2"), Error);
}

TEST_CASE("argmax and argmin: the first of equals, a NaN above every number") {
  const Tensor x({2, 4}, {1, 3, 3, 0, 2, kNan, 5, 2});
  CHECK(values(argmax(x)) == std::vector<int32_t>{1, 1});
  CHECK(values(argmin(x)) == std::vector<int32_t>{3, 0});
  CHECK(values(argmax(x, 0)) == std::vector<int32_t>{1, 1, 1, 1});
  CHECK(argmax(Tensor::zeros({0, 3})).shape() == Shape{0});
  CHECK_THROWS_WITH_AS(argmax(Tensor::zeros({3, 0})), doctest::Contains("empty"), Error);
}

TEST_CASE("argsort: stable in both directions, along any axis, NaN as the largest") {
  const Tensor x({1, 6}, {2, kNan, 1, 2, 1, 3});
  CHECK(values(argsort(x)) == std::vector<int32_t>{2, 4, 0, 3, 5, 1});
  CHECK(values(argsort(x, -1, true)) == std::vector<int32_t>{1, 5, 0, 3, 2, 4});
  CHECK(values(argsort(Tensor({3, 2}, {2, 0, 1, 5, 3, 4}), 0)) == std::vector<int32_t>{1, 0, 0, 2, 2, 1});
}

TEST_CASE("top_k: the largest first, equal ones by index, with their gradient") {
  const Tensor x = variable(Tensor({2, 4}, {1, 4, 4, 2, 7, 5, 6, 8}));
  const TopK top = top_k(x, 2);
  CHECK(values(top.values) == std::vector<Real>{4, 4, 8, 7});
  CHECK(values(top.indices) == std::vector<int32_t>{1, 2, 3, 0});
  CHECK(values(grad(top.values, x, {.seed = Tensor({2, 2}, {1, 2, 3, 4})})) ==
        std::vector<Real>{0, 1, 2, 0, 4, 0, 0, 3});
  CHECK(top_k(x, 0).values.shape() == Shape{2, 0});
  CHECK_THROWS_WITH_AS(top_k(x, 5), doctest::Contains("k = 5"), Error);
}

}  // namespace fewer
