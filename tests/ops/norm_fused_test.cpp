// Batch norm with a shortcut or max pooling in one op, against the same in separate ops.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "core/parallel.h"
#include "core/rng.h"
#include "ops/kernels/isa.h"
#include "ops/ops.h"
#include "tests/support/same_bits.h"

namespace fewer {
namespace {

constexpr Real kEpsilon = Real(1e-3);
constexpr FusedActivation kActivations[] = {FusedActivation::kNone, FusedActivation::kRelu};

Tensor random_tensor(const Shape& shape, uint64_t seed) {
  Rng rng(seed);
  return Tensor::normal(shape, 0, 1, rng);
}

double largest_difference(const Tensor& a, const Tensor& b) {
  REQUIRE(a.shape() == b.shape());
  double worst = 0;
  for (int64_t i = 0; i < a.numel(); ++i) worst = std::max(worst, std::abs(double(a.data()[i]) - double(b.data()[i])));
  return worst;
}

Tensor activated(const Tensor& x, FusedActivation activation) {
  return activation == FusedActivation::kRelu ? relu(x) : x;
}

// Two ways to compute y from the same inputs: equal values, and equal gradients, plain and recorded.
void check_same(const std::vector<Tensor>& inputs, const Tensor& fused, const Tensor& separate, double tolerance) {
  CHECK(largest_difference(fused, separate) < 1e-5);
  const Tensor seed = random_tensor(fused.shape(), 9);
  const std::vector<Tensor> expected = grad(separate, inputs, {.seed = seed});
  const std::vector<Tensor> plain = grad(fused, inputs, {.seed = seed});
  const std::vector<Tensor> recorded = grad(fused, inputs, {.create_graph = true, .seed = seed});
  for (size_t i = 0; i < inputs.size(); ++i) {
    CHECK(largest_difference(plain[i], expected[i]) < tolerance);
    CHECK(largest_difference(recorded[i], expected[i]) < tolerance);
  }
}

struct PoolCase {
  Shape x;
  Pool2dOptions pool;
};
const PoolCase kPoolCases[] = {
    {{2, 6, 8, 21}, {}},
    {{3, 7, 9, 64}, {}},                                                                      // a row and a column are left over
    {{2, 7, 5, 16}, {.ceil_mode = true}},                                                     // the last windows are cut
    {{2, 9, 11, 5}, {.kernel_h = 3, .kernel_w = 3, .stride_h = 3, .stride_w = 3, .pad_top = 1, .pad_left = 2}},
    {{1, 9, 13, 80}, {.kernel_h = 2, .kernel_w = 1, .stride_h = 3, .stride_w = 4}},           // gaps between windows
    {{2, 5, 5, 7}, {.kernel_h = 3, .kernel_w = 3}},                                           // overlapping: separate ops
    {{40, 4, 4, 130}, {.kernel_h = 4, .kernel_w = 4, .stride_h = 4, .stride_w = 4}},
};

}  // namespace

TEST_CASE("batch_norm_add: values and gradients are those of batch_norm, a sum and a relu") {
  for (const Shape& shape : {Shape{2, 5, 5, 3}, Shape{300, 21}, Shape{3, 40, 17, 16}, Shape{7, 130}})
    for (const FusedActivation activation : kActivations) {
      CAPTURE(shape.str());
      const int64_t channels = shape.size(-1);
      const std::vector<Tensor> in{variable(random_tensor(shape, 1)), variable(random_tensor(shape, 2)),
                                   variable(random_tensor({channels}, 3)), variable(random_tensor({channels}, 4))};
      const BatchNormResult fused = batch_norm_add(in[0], in[1], in[2], in[3], kEpsilon, activation);
      const BatchNormResult norm = batch_norm(in[0], in[2], in[3], kEpsilon);
      check_same(in, fused.y, activated(norm.y + in[1], activation), 2e-4);
      CHECK(largest_difference(fused.mean, norm.mean) == 0);
      CHECK(largest_difference(fused.variance, norm.variance) == 0);
    }
}

TEST_CASE("batch_norm_add: a shortcut that is x itself receives both gradients") {
  const Tensor x = variable(random_tensor({60, 5}, 1));
  check_same({x}, batch_norm_add(x, x, {}, {}, kEpsilon, FusedActivation::kRelu).y,
             relu(batch_norm(x, {}, {}, kEpsilon).y + x), 2e-4);
}

TEST_CASE("batch_norm_max_pool: values and gradients are those of batch_norm, a relu and max_pool2d") {
  for (const PoolCase& c : kPoolCases)
    for (const FusedActivation activation : kActivations) {
      CAPTURE(c.x.str());
      const int64_t channels = c.x.size(-1);
      const std::vector<Tensor> in{variable(random_tensor(c.x, 1)), variable(random_tensor({channels}, 2)),
                                   variable(random_tensor({channels}, 3))};
      const BatchNormResult fused = batch_norm_max_pool(in[0], in[1], in[2], kEpsilon, activation, c.pool);
      const BatchNormResult norm = batch_norm(in[0], in[1], in[2], kEpsilon, activation);
      check_same(in, fused.y, max_pool2d(norm.y, c.pool), 2e-4);
      CHECK(largest_difference(fused.mean, norm.mean) == 0);
      CHECK(largest_difference(fused.variance, norm.variance) == 0);
    }
}

TEST_CASE("batch_norm_max_pool: the first of equals wins, whatever the sign of gamma") {
  const Tensor x = variable(Tensor({1, 2, 4, 1}, {3, 3, 1, 2, 3, 0, 1, 1}));
  for (const double sign : {1.0, -1.0, 0.0}) {
    CAPTURE(sign);
    const Tensor gamma = variable(Tensor({1}, {sign})), beta = variable(Tensor({1}, {5}));
    check_same({x, gamma, beta}, batch_norm_max_pool(x, gamma, beta, kEpsilon).y,
               max_pool2d(batch_norm(x, gamma, beta, kEpsilon).y), 1e-4);
  }
}

TEST_CASE("batch_norm_max_pool: a NaN shows in its channel, behind the relu too") {
  Tensor x = random_tensor({1, 4, 4, 2}, 1);
  x.mutable_data()[6] = std::nan("");
  const Tensor y = batch_norm_max_pool(x, {}, {}, kEpsilon, FusedActivation::kRelu).y;
  CHECK(std::isnan(y.at({0, 0, 0, 0})));
  CHECK(!std::isnan(y.at({0, 0, 0, 1})));
}

TEST_CASE("batch norm with its neighbours: the same bits at any number of threads, in every instruction set") {
  const Tensor x = random_tensor({9, 23, 19, 18}, 1), r = random_tensor(x.shape(), 2);
  const Tensor gamma = random_tensor({18}, 3), beta = random_tensor({18}, 4);
  const auto all = [&] {
    const std::vector<Tensor> in{variable(x), variable(gamma), variable(beta)};
    std::vector<Real> values;
    for (const Tensor& y : {batch_norm_add(in[0], r, in[1], in[2], kEpsilon, FusedActivation::kRelu).y,
                            batch_norm_max_pool(in[0], in[1], in[2], kEpsilon, FusedActivation::kRelu).y}) {
      values.insert(values.end(), y.values().begin(), y.values().end());
      for (const Tensor& d : grad(y, in, {.seed = y.detach()}))
        values.insert(values.end(), d.values().begin(), d.values().end());
    }
    return values;
  };
  testing::check_same_bits(all);
}

TEST_CASE("batch norm with its neighbours: errors name the op and the shapes") {
  const Tensor x = Tensor::zeros({1, 3, 3, 2});
  CHECK_THROWS_WITH_AS(batch_norm_add(x, Tensor::zeros({1, 3, 3, 1}), {}, {}, kEpsilon),
                       "batch_norm_add: x [1, 3, 3, 2] and r [1, 3, 3, 1] must have one shape", Error);
  CHECK_THROWS_WITH_AS(batch_norm_add(x, x, Tensor::ones({3}), {}, kEpsilon), doctest::Contains("batch_norm_add: x"),
                       Error);
  CHECK_THROWS_WITH_AS(
      batch_norm_max_pool(x, {}, {}, kEpsilon, FusedActivation::kNone, Pool2dOptions::square(4, 4)),
      doctest::Contains("batch_norm_max_pool: a window of 4x4 does not fit into x [1, 3, 3, 2]"), Error);
}

}  // namespace fewer
