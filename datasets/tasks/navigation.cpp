#include "datasets/tasks/navigation.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"

namespace fewer {

void NavigationConfig::describe(Visitor& v) {
  v.field("reach", reach, {.help = "goals lie so far from the start along each axis at most", .above = 0, .max = 1e6});
  v.field("stride", stride, {.help = "farthest step along each axis", .above = 0, .max = 1e6});
  v.field("tolerance", tolerance, {.help = "so near, along both axes, is at the goal", .min = 0, .max = 1e6});
  v.field("horizon", horizon, {.help = "steps of an episode at most", .min = 1, .max = 1e6});
  v.check(stride * static_cast<double>(horizon) >= reach, "goals out of reach: more or longer steps are needed",
          {"reach", "stride", "horizon"});
}

Navigation::Navigation(const NavigationConfig& config) : config_(config) {
  if (!(config.stride * static_cast<double>(config.horizon) >= config.reach) || config.reach <= 0)
    fail_config("navigation: ", config.horizon, " steps of ", config.stride, " do not reach goals ", config.reach,
                " away");
}

Space Navigation::observations() const {
  const double farthest = config_.stride * static_cast<double>(config_.horizon);
  return {Space::Kind::kBox, 2, -farthest, farthest};
}

void Navigation::draw_task(Rng rng) {
  for (double& coordinate : goal_) coordinate = rng.uniform(-config_.reach, config_.reach);
  steps_to_go_ = 0;
}

void Navigation::reset(Rng) {
  place_ = {};
  steps_to_go_ = config_.horizon;
}

void Navigation::observe(std::span<Real> out) const {
  std::transform(place_.begin(), place_.end(), out.begin(), [](double v) { return static_cast<Real>(v); });
}

StepResult Navigation::step(std::span<const Real> action) {
  ensure_running("navigation", steps_to_go_ > 0);
  ENSURE(action.size() == 2 && !std::isnan(action[0]) && !std::isnan(action[1]),
         "navigation: expected an action of 2 numbers");
  for (size_t i = 0; i < 2; ++i) place_[i] += config_.stride * std::clamp(static_cast<double>(action[i]), -1.0, 1.0);
  const double dx = place_[0] - goal_[0], dy = place_[1] - goal_[1];
  const bool arrived = std::abs(dx) < config_.tolerance && std::abs(dy) < config_.tolerance;
  steps_to_go_ = arrived ? 0 : steps_to_go_ - 1;
  return {.reward = -std::hypot(dx, dy), .done = steps_to_go_ == 0};
}

}  // namespace fewer
