// Regression of functions drawn from a Gaussian process (Santoro et al. 2016, MANN, section 4.4), beside the
// predictions of the process itself, which no learner can beat.
//
// A function f has the covariance k(a, b) = variance * exp(-|a - b|^2 / (2 length^2)); the points x_t are uniform in a
// cube; what is seen is y_t = f(x_t) + noise. As with classes, the answer to x_t comes one step late: the input at t is
// (x_t, y_{t-1}).
//
// The covariance of y_1..y_T is K = L L^T, so y = L z with z standard normal. The same L holds the exact predictions:
// given y_1..y_{t-1}, y_t is normal with standard deviation L_tt and mean y_t - L_tt z_t.
#pragma once

#include <array>
#include <cstdint>

#include "core/describe.h"
#include "core/rng.h"
#include "core/tensor.h"

namespace fewer {

struct GaussianProcessConfig {
  int64_t points = 50;     // T, of a function
  int64_t dimensions = 1;  // D, of x
  double length = 1;       // over which f changes
  double variance = 1;     // of f
  double noise = 0.01;     // variance of what is added to f
  std::array<double, 2> x = {-5, 5};
  void describe(Visitor& v);
};

struct GaussianProcessBatch {
  Tensor x;                // [T, B, D]
  Tensor y_shown;          // [T, B, 1], y of step t-1; 0 at t = 0
  Tensor y;                // [T, B, 1], to be predicted
  Tensor exact_mean;       // [T, B], of y_t given what was seen before
  Tensor exact_deviation;  // [T, B], its standard deviation
};

class GaussianProcessSampler {
 public:
  struct State {
    int64_t index = 0;  // the next function
    bool operator==(const State&) const = default;
    void describe(Visitor& v);
  };

  GaussianProcessSampler(const GaussianProcessConfig& config, Rng rng);  // throws Error(kConfig) on bad settings

  GaussianProcessBatch next(int64_t count);                        // the next functions, side by side
  GaussianProcessBatch batch(int64_t first, int64_t count) const;  // functions by number. Safe from several threads

  State state() const { return state_; }
  void set_state(State state);  // throws when the index is negative

 private:
  GaussianProcessConfig config_;
  Rng rng_;
  State state_;
};

}  // namespace fewer
