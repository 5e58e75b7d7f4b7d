// Regression of sinusoids from a few points (Finn, Abbeel, Levine 2017, MAML, section 5.1): every task is one curve
//   y = A sin(x - phase),   A, phase and x uniform in their ranges.
// Task i is a pure function of the stream and i.
#pragma once

#include <array>
#include <cstdint>
#include <numbers>
#include <vector>

#include "core/describe.h"
#include "core/rng.h"
#include "core/tensor.h"

namespace fewer {

struct SinusoidConfig {
  std::array<double, 2> amplitude = {0.1, 5};
  std::array<double, 2> phase = {0, std::numbers::pi};
  std::array<double, 2> x = {-5, 5};
  int64_t shots = 10;    // K points to adapt to
  int64_t queries = 10;  // points to be judged on
  void describe(Visitor& v);
};

struct SinusoidTask {
  double amplitude = 0, phase = 0;  // what an oracle is told
  Tensor support_x, support_y;      // [K, 1]
  Tensor query_x, query_y;          // [Q, 1]
};

class SinusoidSampler {
 public:
  struct State {
    int64_t index = 0;  // the next task to deliver
    bool operator==(const State&) const = default;
    void describe(Visitor& v);
  };

  SinusoidSampler(const SinusoidConfig& config, Rng rng);  // throws Error(kConfig) when a range is empty

  SinusoidTask next();
  std::vector<SinusoidTask> next(int64_t count);  // a meta-batch
  SinusoidTask task(int64_t index) const;         // any one. Safe from several threads

  State state() const { return state_; }
  void set_state(State state);  // throws when the index is negative

 private:
  SinusoidConfig config_;
  Rng rng_;
  State state_;
};

}  // namespace fewer
