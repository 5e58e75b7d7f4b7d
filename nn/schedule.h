// Schedules: the factor on the learning rate at every step of a run.
//
//   Schedule schedule(CosineConfig{.warmup = 5}, {.steps_per_epoch = 391, .total_steps = 391 * 30});
//   optimizer.step(net, grads, schedule.factor(step));
//   schedule.observe(validation_error);                  // once per epoch; only "plateau" listens
//
// Every schedule but plateau is a pure function of the step. Lengths are in epochs, whole or not, unless `unit` says
// steps.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/describe.h"

namespace fewer {

// How long a run is. REQUIRES: both at least 1.
struct RunLength {
  int64_t steps_per_epoch = 1;
  int64_t total_steps = 1;
};

enum class LengthUnit { kEpochs, kSteps };

struct ConstantConfig {
  static constexpr const char* kName = "constant";
  void describe(Visitor&) {}
};

// 1, and `gamma` times less after each milestone, or after every `every`.
struct StepConfig {
  static constexpr const char* kName = "step";
  std::vector<double> milestones = {};
  double every = 0;  // 0: the milestones decide
  double gamma = 0.1;
  LengthUnit unit = LengthUnit::kEpochs;
  void describe(Visitor& v);
};

// Half a cosine from 1 down to `final` (Loshchilov & Hutter 2017, without restarts), after a linear warm-up from 0.
struct CosineConfig {
  static constexpr const char* kName = "cosine";
  double warmup = 0;
  double final = 0;
  LengthUnit unit = LengthUnit::kEpochs;
  void describe(Visitor& v);
};

// A straight line from 1 to `final`, after a linear warm-up from 0.
struct LinearConfig {
  static constexpr const char* kName = "linear";
  double warmup = 0;
  double final = 0;
  LengthUnit unit = LengthUnit::kEpochs;
  void describe(Visitor& v);
};

// Smith 2018: cosines up from `start` to 1 and down to `final`.
struct OneCycleConfig {
  static constexpr const char* kName = "one_cycle";
  double peak = 0.3;  // share of the run that goes up
  double start = 0.04;
  double final = 4e-6;
  void describe(Visitor& v);
};

// Caffe's "inv": (1 + gamma step)^-power.
struct InverseConfig {
  static constexpr const char* kName = "inverse";
  double gamma = 1e-4;
  double power = 0.75;
  void describe(Visitor& v);
};

// gamma^epoch, constant within an epoch; or, without gamma, final^(share of the run).
struct ExponentialConfig {
  static constexpr const char* kName = "exponential";
  std::optional<double> gamma = {};
  double final = 1e-3;
  void describe(Visitor& v);
};

// `gamma` times less when the observed metric has not improved for more than `patience` observations in a row.
struct PlateauConfig {
  static constexpr const char* kName = "plateau";
  double gamma = 0.1;
  int64_t patience = 5;
  double threshold = 1e-4;  // how much better than the best counts, as a share of it
  bool maximize = false;    // the metric is better when larger
  double minimum = 0;       // the factor goes no lower
  void describe(Visitor& v);
};

using ScheduleConfig = std::variant<ConstantConfig, StepConfig, CosineConfig, LinearConfig, OneCycleConfig,
                                    InverseConfig, ExponentialConfig, PlateauConfig>;

class Schedule {
 public:
  Schedule(const ScheduleConfig& config, RunLength length);  // throws when the config does not fit the length

  double factor(int64_t step) const;  // 0 <= step; beyond the end: the last value
  bool wants_metric() const;          // whether observe() matters
  void observe(double metric);        // a validation metric, after each epoch or evaluation

  void describe(Visitor& v);  // what plateau remembers, for checkpoints

 private:
  struct Plateau {
    double factor = 1;
    std::optional<double> best;
    int64_t without_improvement = 0;
  };
  ScheduleConfig config_;
  RunLength length_;
  Plateau plateau_;
};

}  // namespace fewer
