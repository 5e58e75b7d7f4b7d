#include "datasets/tasks/gaussian_process.h"

#include <cmath>

#include "core/error.h"
#include "core/linalg.h"

namespace fewer {
namespace {

using linalg::Matrix;

// Points uniform in the cube, [T, D].
Matrix draw_points(const GaussianProcessConfig& config, Rng& rng) {
  Matrix x(config.points, config.dimensions);
  for (int64_t t = 0; t < x.rows(); ++t)
    for (int64_t d = 0; d < x.cols(); ++d) x(t, d) = rng.uniform(config.x[0], config.x[1]);
  return x;
}

// Of f at the rows of x, without noise [T, T].
Matrix covariance(const Matrix& x, const GaussianProcessConfig& config) {
  Matrix k(x.rows(), x.rows());
  for (int64_t i = 0; i < x.rows(); ++i)
    for (int64_t j = 0; j <= i; ++j) {
      double square = 0;
      for (int64_t d = 0; d < x.cols(); ++d) square += (x(i, d) - x(j, d)) * (x(i, d) - x(j, d));
      k(i, j) = k(j, i) = config.variance * std::exp(-square / (2 * config.length * config.length));
    }
  return k;
}

// Writes function number b of the batch.
void write_function(const GaussianProcessConfig& config, Rng rng, int64_t b, GaussianProcessBatch& batch) {
  const Matrix x = draw_points(config, rng);
  const linalg::Cholesky factor(covariance(x, config), config.noise);
  const int64_t count = batch.x.size(1);
  std::vector<double> z;
  double before = 0;
  for (int64_t t = 0; t < config.points; ++t) {
    z.push_back(rng.normal());
    double mean = 0;
    for (int64_t s = 0; s < t; ++s) mean += factor.lower()(t, s) * z[static_cast<size_t>(s)];
    const double deviation = factor.lower()(t, t), y = mean + deviation * z.back();
    const int64_t here = t * count + b;
    for (int64_t d = 0; d < config.dimensions; ++d)
      batch.x.mutable_data()[here * config.dimensions + d] = static_cast<Real>(x(t, d));
    batch.y_shown.mutable_data()[here] = static_cast<Real>(before);
    batch.y.mutable_data()[here] = static_cast<Real>(y);
    batch.exact_mean.mutable_data()[here] = static_cast<Real>(mean);
    batch.exact_deviation.mutable_data()[here] = static_cast<Real>(deviation);
    before = y;
  }
}

}  // namespace

void GaussianProcessConfig::describe(Visitor& v) {
  v.field("points", points, {.help = "of a function", .min = 1, .max = 2000});
  v.field("dimensions", dimensions, {.help = "of x", .min = 1, .max = 100});
  v.field("length", length, {.help = "over which the function changes", .above = 0, .max = 1e6});
  v.field("variance", variance, {.help = "of the function", .above = 0, .max = 1e6});
  v.field("noise", noise, {.help = "variance of the noise on what is seen", .above = 0, .max = 1e6});
  v.field("x", x, {.help = "where points lie, in each dimension", .min = -1e6, .max = 1e6});
  v.check(x[0] <= x[1], "a range is [lowest, highest]", {"x"});
}

void GaussianProcessSampler::State::describe(Visitor& v) {
  v.field("index", index, {.help = "the next function", .min = 0});
}

GaussianProcessSampler::GaussianProcessSampler(const GaussianProcessConfig& config, Rng rng)
    : config_(config), rng_(rng) {
  if (config.points < 1 || config.dimensions < 1 || !(config.length > 0 && config.variance > 0 && config.noise > 0) ||
      config.x[0] > config.x[1])
    fail_config("gaussian process: expected at least 1 point and 1 dimension, length, variance and noise above 0 and a "
                "range [lowest, highest], got ", config.points, " points, ", config.dimensions, " dimensions, length ",
                config.length, ", variance ", config.variance, ", noise ", config.noise, ", x from ", config.x[0],
                " to ", config.x[1]);
}

void GaussianProcessSampler::set_state(State state) {
  ENSURE(state.index >= 0, "gaussian process: expected an index from 0, got ", state.index);
  state_ = state;
}

GaussianProcessBatch GaussianProcessSampler::next(int64_t count) {
  GaussianProcessBatch result = batch(state_.index, count);
  state_.index += count;
  return result;
}

GaussianProcessBatch GaussianProcessSampler::batch(int64_t first, int64_t count) const {
  ENSURE(first >= 0 && count > 0, "gaussian process: expected at least 1 function, got ", count, " from number ",
         first);
  const int64_t steps = config_.points;
  GaussianProcessBatch result{.x = Tensor::uninitialized({steps, count, config_.dimensions}),
                              .y_shown = Tensor::uninitialized({steps, count, 1}),
                              .y = Tensor::uninitialized({steps, count, 1}),
                              .exact_mean = Tensor::uninitialized({steps, count}),
                              .exact_deviation = Tensor::uninitialized({steps, count})};
  for (int64_t b = 0; b < count; ++b)
    write_function(config_, rng_.stream(static_cast<uint64_t>(first + b)), b, result);
  return result;
}

}  // namespace fewer
