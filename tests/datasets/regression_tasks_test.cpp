// Sinusoids and Gaussian processes.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/config.h"
#include "core/error.h"
#include "core/linalg.h"
#include "datasets/tasks/gaussian_process.h"
#include "datasets/tasks/sinusoids.h"
#include "tests/support/chi_square.h"

namespace fewer::testing {
namespace {

constexpr int64_t kBins = 20;

// Which of kBins equal parts of [low, high] the value falls into.
size_t bin(double value, double low, double high) {
  return static_cast<size_t>(std::clamp<double>((value - low) / (high - low) * kBins, 0, kBins - 1));
}

double log_density(double y, double mean, double deviation) {
  const double z = (y - mean) / deviation;
  return -0.5 * z * z - std::log(deviation) - 0.5 * std::log(2 * std::numbers::pi);
}

}  // namespace

TEST_CASE("sinusoids: amplitude, phase and x are uniform in the ranges of the paper") {
  const SinusoidSampler sampler({}, Rng(1));
  std::vector<int64_t> amplitude(kBins, 0), phase(kBins, 0), x(kBins, 0);
  for (int64_t i = 0; i < 4000; ++i) {
    const SinusoidTask task = sampler.task(i);
    CHECK(task.amplitude >= 0.1);
    CHECK(task.amplitude <= 5);
    ++amplitude[bin(task.amplitude, 0.1, 5)];
    ++phase[bin(task.phase, 0, std::numbers::pi)];
    for (const Tensor* points : {&task.support_x, &task.query_x})
      for (const Real value : points->values()) ++x[bin(value, -5, 5)];
  }
  CHECK(chi_square_excess(amplitude) < kFair);
  CHECK(chi_square_excess(phase) < kFair);
  CHECK(chi_square_excess(x) < kFair);
}

TEST_CASE("sinusoids: y = A sin(x - phase), support and query apart") {
  const SinusoidTask task = SinusoidSampler({.shots = 5, .queries = 7}, Rng(2)).task(3);
  CHECK(task.support_x.shape() == Shape{5, 1});
  CHECK(task.query_y.shape() == Shape{7, 1});
  for (int64_t i = 0; i < 7; ++i)
    CHECK(task.query_y.data()[i] ==
          doctest::Approx(task.amplitude * std::sin(task.query_x.data()[i] - task.phase)).epsilon(1e-5));
  for (const Real x : task.support_x.values()) CHECK(std::ranges::count(task.query_x.values(), x) == 0);
}

TEST_CASE("sinusoids: predicting the mean function costs 3.1, as the specification found before any step") {
  // E[(A sin(x - phase) - m(x))^2] with m(x) = E[A] E[sin(x - phase)] = 2.55 * (-2/pi) cos(x).
  const SinusoidSampler sampler({}, Rng(3));
  double sum = 0;
  for (int64_t i = 0; i < 20000; ++i) {
    const SinusoidTask task = sampler.task(i);
    const double x = task.query_x.data()[0], mean = -2.55 * 2 / std::numbers::pi * std::cos(x);
    sum += (task.query_y.data()[0] - mean) * (task.query_y.data()[0] - mean);
  }
  CHECK(sum / 20000 == doctest::Approx(3.05).epsilon(0.04));
}

TEST_CASE("sinusoids: task i depends on the stream and i alone, and a saved index goes on") {
  SinusoidSampler a({}, Rng(1)), b({}, Rng(1));
  const std::vector<SinusoidTask> tasks = a.next(4);
  CHECK(b.task(3).phase == tasks[3].phase);
  CHECK(std::ranges::equal(b.task(3).query_y.values(), tasks[3].query_y.values()));
  b.set_state(a.state());
  CHECK(a.next().amplitude == b.next().amplitude);
  CHECK(SinusoidSampler({}, Rng(2)).task(0).phase != tasks[0].phase);
  CHECK_THROWS_AS(b.set_state({-1}), Error);
}

TEST_CASE("sinusoids: a range the wrong way round and tasks without points are refused") {
  CHECK_THROWS_AS(SinusoidSampler({.amplitude = {5, 0.1}}, Rng(1)), Error);
  CHECK_THROWS_AS(SinusoidSampler({.shots = 0}, Rng(1)), Error);
  SinusoidConfig config;
  CHECK_THROWS_WITH_AS(read_json(config, R"({"x": [5, -5]})", "test"), doctest::Contains("[lowest, highest]"), Error);
}

TEST_CASE("gaussian process: covariance of two points is variance * exp(-d^2 / 2 l^2), noise added on the diagonal") {
  const GaussianProcessSampler sampler({.points = 2, .length = 1.5, .variance = 2, .noise = 0.1, .x = {-1, 1}}, Rng(1));
  const GaussianProcessBatch batch = sampler.batch(0, 40000);
  double square = 0, product = 0, expected = 0;
  for (int64_t b = 0; b < 40000; ++b) {
    const double y0 = batch.y.data()[b], y1 = batch.y.data()[40000 + b];
    const double d = batch.x.data()[b] - batch.x.data()[40000 + b];
    square += y0 * y0;
    product += y0 * y1;
    expected += 2 * std::exp(-d * d / (2 * 1.5 * 1.5));
  }
  CHECK(square / 40000 == doctest::Approx(2.1).epsilon(0.03));
  CHECK(product / 40000 == doctest::Approx(expected / 40000).epsilon(0.03));
}

TEST_CASE("gaussian process: the exact predictions are those of regression on the points before") {
  const GaussianProcessConfig config{.points = 12, .dimensions = 2, .x = {-2, 2}};
  const GaussianProcessBatch batch = GaussianProcessSampler(config, Rng(4)).batch(5, 1);
  const auto kernel = [&](int64_t i, int64_t j) {
    double square = 0;
    for (int64_t d = 0; d < 2; ++d) {
      const double difference = batch.x.at({i, 0, d}) - batch.x.at({j, 0, d});
      square += difference * difference;
    }
    return std::exp(-square / 2);
  };
  for (int64_t t = 1; t < 12; ++t) {
    linalg::Matrix k(t, t), across(t, 1), y(t, 1);
    for (int64_t i = 0; i < t; ++i) {
      for (int64_t j = 0; j < t; ++j) k(i, j) = kernel(i, j) + (i == j ? config.noise : 0);
      across(i, 0) = kernel(i, t);
      y(i, 0) = batch.y.at({i, 0, 0});
    }
    const linalg::Matrix weights = linalg::solve(k, across);
    double mean = 0, variance = 1 + config.noise;
    for (int64_t i = 0; i < t; ++i) mean += weights(i, 0) * y(i, 0), variance -= weights(i, 0) * across(i, 0);
    CHECK(batch.exact_mean.at({t, 0}) == doctest::Approx(mean).epsilon(1e-3));
    CHECK(batch.exact_deviation.at({t, 0}) == doctest::Approx(std::sqrt(variance)).epsilon(1e-3));
  }
}

TEST_CASE("gaussian process: the answer comes one step late, and exact predictions get better with every point") {
  const GaussianProcessBatch batch = GaussianProcessSampler({}, Rng(5)).batch(0, 400);
  CHECK(batch.x.shape() == Shape{50, 400, 1});
  std::vector<double> likelihood(50, 0.0);
  for (int64_t t = 0; t < 50; ++t)
    for (int64_t b = 0; b < 400; ++b) {
      CHECK(batch.y_shown.at({t, b, 0}) == (t == 0 ? 0 : batch.y.at({t - 1, b, 0})));
      likelihood[static_cast<size_t>(t)] +=
          log_density(batch.y.at({t, b, 0}), batch.exact_mean.at({t, b}), batch.exact_deviation.at({t, b})) / 400;
    }
  // With nothing seen y is N(0, 1.01); with everything seen only the noise is left.
  CHECK(likelihood[0] == doctest::Approx(log_density(std::sqrt(1.01), 0, std::sqrt(1.01))).epsilon(0.05));
  CHECK(likelihood[20] > 0);
  CHECK(likelihood[49] > likelihood[20]);
  CHECK(likelihood[49] < log_density(0.1, 0, 0.1));
}

TEST_CASE("gaussian process: function i depends on the stream and i alone, and a saved index goes on") {
  GaussianProcessSampler a({.points = 6}, Rng(1)), b({.points = 6}, Rng(1));
  a.next(3);
  const GaussianProcessBatch later = a.next(2), one = b.batch(4, 1);
  for (int64_t t = 0; t < 6; ++t) CHECK(later.y.at({t, 1, 0}) == one.y.at({t, 0, 0}));
  b.set_state(a.state());
  CHECK(b.state() == GaussianProcessSampler::State{5});
  CHECK_THROWS_AS(b.set_state({-1}), Error);
  CHECK_THROWS_AS(b.next(0), Error);
  CHECK_THROWS_WITH_AS(GaussianProcessSampler({.noise = 0}, Rng(1)), doctest::Contains("noise 0"), Error);
}

}  // namespace fewer::testing
