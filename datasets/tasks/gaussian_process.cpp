#include "datasets/tasks/gaussian_process.h"

#include <cmath>
#include <span>
#include <vector>

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

// y and its exact predictions, step after step.
struct Function {
  std::vector<double> y, mean, deviation;  // [T]
};

Function draw_function(const Matrix& x, const GaussianProcessConfig& config, Rng& rng) {
  const linalg::Cholesky factor(covariance(x, config), config.noise);
  Function f;
  std::vector<double> z;
  for (int64_t t = 0; t < x.rows(); ++t) {
    double mean = 0;
    for (int64_t s = 0; s < t; ++s) mean += factor.lower()(t, s) * z[static_cast<size_t>(s)];
    f.mean.push_back(mean);
    f.deviation.push_back(factor.lower()(t, t));
    f.y.push_back(mean + f.deviation.back() * z.emplace_back(rng.normal()));
  }
  return f;
}

// Writes a column of a batch [T, B, ...], one value or `width` values per step.
void write_column(Tensor& to, int64_t column, std::span<const double> values, int64_t width = 1) {
  const int64_t columns = to.size(1), steps = to.size(0);
  for (int64_t t = 0; t < steps; ++t)
    for (int64_t i = 0; i < width; ++i)
      to.mutable_data()[(t * columns + column) * width + i] =
          static_cast<Real>(values[static_cast<size_t>(t * width + i)]);
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
  for (int64_t b = 0; b < count; ++b) {
    Rng rng = rng_.stream(static_cast<uint64_t>(first + b));
    const Matrix x = draw_points(config_, rng);
    Function f = draw_function(x, config_, rng);
    write_column(result.x, b, x.values(), config_.dimensions);
    write_column(result.y, b, f.y);
    write_column(result.exact_mean, b, f.mean);
    write_column(result.exact_deviation, b, f.deviation);
    f.y.insert(f.y.begin(), 0);
    write_column(result.y_shown, b, f.y);
  }
  return result;
}

}  // namespace fewer
