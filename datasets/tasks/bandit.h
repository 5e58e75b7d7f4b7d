// K-armed Bernoulli bandits (Duan et al. 2016, RL^2; Mishra et al. 2018, SNAIL): arm a pays 1 with probability p_a,
// else 0; a task is a draw of p_1..p_K, uniform in [0, 1]. There is nothing to observe and an episode is one pull: what
// is learned is learned within a trial of many.
#pragma once

#include <vector>

#include "datasets/tasks/environment.h"

namespace fewer {

struct BanditConfig {
  static constexpr const char* kName = "bandit";
  int64_t arms = 5;
  void describe(Visitor& v);
};

class Bandit final : public Environment {
 public:
  explicit Bandit(const BanditConfig& config);  // throws Error(kConfig) without arms

  Space observations() const override { return {}; }
  Space actions() const override { return {.size = config_.arms}; }
  int64_t horizon() const override { return 1; }
  void draw_task(Rng rng) override;
  void reset(Rng rng) override;
  void observe(std::span<Real>) const override {}
  StepResult step(std::span<const Real> action) override;

  const std::vector<double>& probabilities() const { return probabilities_; }  // [arms] of the task

 private:
  BanditConfig config_;
  std::vector<double> probabilities_;
  Rng rng_{0};
  bool running_ = false;
};

}  // namespace fewer
