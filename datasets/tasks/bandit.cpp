#include "datasets/tasks/bandit.h"

#include "core/error.h"

namespace fewer {

void BanditConfig::describe(Visitor& v) {
  v.field("arms", arms, {.help = "to choose from", .min = 1, .max = 1e6});
}

Bandit::Bandit(const BanditConfig& config) : config_(config) {
  if (config.arms < 1) fail_config("bandit: expected at least 1 arm, got ", config.arms);
}

void Bandit::draw_task(Rng rng) {
  probabilities_.clear();
  for (int64_t a = 0; a < config_.arms; ++a) probabilities_.push_back(rng.uniform());
  running_ = false;
}

void Bandit::reset(Rng rng) {
  ensure_running("bandit", !probabilities_.empty());
  rng_ = rng;
  running_ = true;
}

StepResult Bandit::step(std::span<const Real> action) {
  ensure_running("bandit", running_);
  const int64_t arm = discrete_action("bandit", action, config_.arms);
  running_ = false;
  return {.reward = rng_.bernoulli(probabilities_[static_cast<size_t>(arm)]) ? 1.0 : 0.0, .done = true};
}

}  // namespace fewer
