// Walking to a point in the plane (Finn, Abbeel, Levine 2017, MAML, section 5.3): a task is a goal, uniform in a square
// around the start; the reward of a step is minus the distance that is left after it; the episode ends at the goal or
// after `horizon` steps. The policy sees where it is, not where the goal is.
#pragma once

#include <array>

#include "datasets/tasks/environment.h"

namespace fewer {

struct NavigationConfig {
  static constexpr const char* kName = "navigation";
  double reach = 0.5;       // goals lie in [-reach, reach]^2
  double stride = 0.1;      // farthest step along each axis: the action 1
  double tolerance = 0.01;  // at the goal when nearer than this along both axes
  int64_t horizon = 100;    // steps of an episode at most
  void describe(Visitor& v);
};

class Navigation final : public Environment {
 public:
  explicit Navigation(const NavigationConfig& config);  // throws Error(kConfig) when a goal cannot be reached

  Space observations() const override;  // the place, 2 numbers
  Space actions() const override { return {Space::Kind::kBox, 2, -1, 1}; }  // velocity in strides; clipped to the box
  int64_t horizon() const override { return config_.horizon; }
  void draw_task(Rng rng) override;
  void reset(Rng rng) override;
  void observe(std::span<Real> out) const override;
  StepResult step(std::span<const Real> action) override;  // throws on NaN

  const std::array<double, 2>& goal() const { return goal_; }
  const std::array<double, 2>& place() const { return place_; }

 private:
  NavigationConfig config_;
  std::array<double, 2> goal_ = {}, place_ = {};
  int64_t steps_to_go_ = 0;
};

}  // namespace fewer
