#include <doctest/doctest.h>

#include <cmath>

#include "core/parallel.h"
#include "core/rng.h"
#include "ops/kernels/isa.h"
#include "ops/ops.h"
#include "tests/support/same_bits.h"

namespace fewer {
namespace {

constexpr Real kEpsilon = Real(1e-3);

Tensor random_tensor(const Shape& shape, uint64_t seed, Real mean = 0) {
  Rng rng(seed);
  return Tensor::normal(shape, mean, 1, rng);
}

double largest_difference(const Tensor& a, const Tensor& b) {
  REQUIRE(a.shape() == b.shape());
  double worst = 0;
  for (int64_t i = 0; i < a.numel(); ++i) worst = std::max(worst, std::abs(double(a.data()[i]) - double(b.data()[i])));
  return worst;
}

// Mean and population variance of a channel of x [R, C], in two passes of double.
struct Statistics {
  double mean = 0, variance = 0;
};
Statistics statistics(const Tensor& x, int64_t channel) {
  Statistics s;
  const int64_t channels = x.size(-1), rows = x.numel() / channels;
  for (int64_t r = 0; r < rows; ++r) s.mean += x.data()[r * channels + channel] / double(rows);
  for (int64_t r = 0; r < rows; ++r)
    s.variance += std::pow(x.data()[r * channels + channel] - s.mean, 2) / double(rows);
  return s;
}

const Shape kShapes[] = {{2, 5, 5, 3}, {300, 21}, {3, 40, 17, 16}, {7, 130}, {1, 1, 1, 4}, {40, 67}};

}  // namespace

TEST_CASE("batch_norm: statistics and values match the definition") {
  for (const Shape& shape : kShapes) {
    CAPTURE(shape.str());
    const Tensor x = random_tensor(shape, 1, 2), gamma = random_tensor({shape.size(-1)}, 2),
                 beta = random_tensor({shape.size(-1)}, 3);
    const BatchNormResult result = batch_norm(x, gamma, beta, kEpsilon);
    const Tensor relued = batch_norm(x, gamma, beta, kEpsilon, FusedActivation::kRelu).y;
    const int64_t channels = shape.size(-1);
    for (int64_t i = 0; i < x.numel(); ++i) {
      const int64_t c = i % channels;
      const Statistics s = statistics(x, c);
      if (i < channels) {
        CHECK(result.mean.data()[c] == doctest::Approx(s.mean).epsilon(1e-5));
        CHECK(std::abs(result.variance.data()[c] - s.variance) < 1e-5);
      }
      const double expected =
          (x.data()[i] - s.mean) / std::sqrt(s.variance + kEpsilon) * gamma.data()[c] + beta.data()[c];
      if (i % 37 == 0) CHECK(std::abs(result.y.data()[i] - expected) < 1e-4);
      if (i % 37 == 0) CHECK(std::abs(relued.data()[i] - std::max(expected, 0.0)) < 1e-4);
    }
  }
}

TEST_CASE("batch_norm: the variance survives a mean a thousand times larger") {
  const Tensor x = random_tensor({4096, 5}, 1, 1000);
  const Tensor variance = batch_norm(x, {}, {}, kEpsilon).variance;
  for (int64_t c = 0; c < 5; ++c) CHECK(variance.data()[c] == doctest::Approx(statistics(x, c).variance).epsilon(1e-4));
  CHECK(batch_norm(Tensor::full({100, 1}, Real(0.1)), {}, {}, kEpsilon).variance.item() == doctest::Approx(0));
}

TEST_CASE("batch_norm: the fused gradient equals the recorded one") {
  for (const Shape& shape : kShapes)
    for (const FusedActivation activation : {FusedActivation::kNone, FusedActivation::kRelu})
      for (const bool given : {false, true}) {
        CAPTURE(shape.str());
        const int64_t channels = shape.size(-1);
        const Tensor x = variable(random_tensor(shape, 1)), gamma = variable(random_tensor({channels}, 2));
        const Tensor beta = variable(random_tensor({channels}, 3)), mean = variable(random_tensor({channels}, 4));
        const Tensor variance = variable(add(square(random_tensor({channels}, 5)), Real(0.5)));
        const Tensor y = given ? batch_norm_with(x, gamma, beta, mean, variance, kEpsilon, activation)
                               : batch_norm(x, gamma, beta, kEpsilon, activation).y;
        std::vector<Tensor> inputs{x, gamma, beta};
        if (given) inputs.insert(inputs.end(), {mean, variance});
        const Tensor g = random_tensor(shape, 6);
        const std::vector<Tensor> fused = grad(y, inputs, {.seed = g});
        const std::vector<Tensor> recorded = grad(y, inputs, {.create_graph = true, .seed = g});
        for (size_t i = 0; i < inputs.size(); ++i) CHECK(largest_difference(fused[i], recorded[i]) < 2e-4);
      }
}

TEST_CASE("batch_norm: the fused relu equals a relu of its own, with its gradient") {
  const Tensor x = variable(random_tensor({50, 7}, 1)), gamma = variable(random_tensor({7}, 2)),
               beta = variable(random_tensor({7}, 3));
  const std::vector<Tensor> inputs{x, gamma, beta};
  const Tensor fused = batch_norm(x, gamma, beta, kEpsilon, FusedActivation::kRelu).y;
  const Tensor separate = relu(batch_norm(x, gamma, beta, kEpsilon).y);
  CHECK(largest_difference(fused, separate) == 0);
  const Tensor g = random_tensor({50, 7}, 4);
  const std::vector<Tensor> a = grad(fused, inputs, {.seed = g}), b = grad(separate, inputs, {.seed = g});
  for (size_t i = 0; i < 3; ++i) CHECK(largest_difference(a[i], b[i]) < 1e-5);
}

TEST_CASE("batch_norm: the same bits at any number of threads, in every instruction set") {
  const Tensor x = random_tensor({9, 23, 19, 18}, 1), gamma = random_tensor({18}, 2), beta = random_tensor({18}, 3);
  const auto all = [&] {
    const std::vector<Tensor> inputs{variable(x), variable(gamma), variable(beta)};
    const Tensor y = batch_norm(inputs[0], inputs[1], inputs[2], kEpsilon, FusedActivation::kRelu).y;
    std::vector<Real> values(y.values().begin(), y.values().end());
    for (const Tensor& d : grad(y, inputs, {.seed = x}))
      values.insert(values.end(), d.values().begin(), d.values().end());
    return values;
  };
  testing::check_same_bits(all);
}

TEST_CASE("batch_norm: a NaN in a channel stays visible, behind the relu too") {
  Tensor x = random_tensor({6, 2}, 1);
  x.mutable_data()[4] = std::nan("");
  const Tensor y = batch_norm(x, {}, {}, kEpsilon, FusedActivation::kRelu).y;
  CHECK(std::isnan(y.at({0, 0})));
  CHECK(!std::isnan(y.at({0, 1})));
}

TEST_CASE("layer_norm: each row has mean beta and deviation gamma") {
  const Tensor x = random_tensor({4, 9}, 1, 3);
  const Tensor y = layer_norm(x, Tensor::full({9}, 2), Tensor::full({9}, 5), 0);
  for (int64_t r = 0; r < 4; ++r) {
    const Statistics s = statistics(reshape(slice(y, 0, r, r + 1), {9, 1}), 0);
    CHECK(s.mean == doctest::Approx(5));
    CHECK(s.variance == doctest::Approx(4).epsilon(1e-4));
  }
}

TEST_CASE("normalisation: errors name the op and both shapes") {
  const Tensor x = Tensor::zeros({4, 3});
  CHECK_THROWS_WITH_AS(batch_norm(x, Tensor::ones({4}), {}, kEpsilon),
                       "batch_norm: x [4, 3] needs factors of shape [3], got [4]", Error);
  CHECK_THROWS_WITH_AS(batch_norm(Tensor::zeros({0, 3}), {}, {}, kEpsilon), doctest::Contains("[0, 3] has no rows"),
                       Error);
  CHECK_THROWS_WITH_AS(batch_norm_with(x, {}, {}, {}, {}, kEpsilon), doctest::Contains("undefined"), Error);
  CHECK_THROWS_WITH_AS(layer_norm(x, {}, Tensor::ones({4}), kEpsilon), doctest::Contains("[4]"), Error);
}

}  // namespace fewer
