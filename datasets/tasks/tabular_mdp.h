// Random tabular Markov decision processes (Osband et al. 2013; Duan et al. 2016, RL^2; Mishra et al. 2018, SNAIL).
//
// S states, A actions, a fixed number of steps per episode from state 0. A task is a draw of
//   mean rewards  r(s, a) ~ N(1, 1),   transitions  P(. | s, a) ~ Dirichlet(1, ..., 1);
// a step in state s with action a pays N(r(s, a), 1).
#pragma once

#include <vector>

#include "datasets/tasks/environment.h"

namespace fewer {

// What there is to know of a task, and what a planner plans with.
struct MdpModel {
  int64_t states = 0, actions = 0;
  std::vector<double> reward;      // [S, A], means
  std::vector<double> transition;  // [S, A, S], rows sum to 1
};

// Dynamic programming over the last `horizon` steps of an episode: q[h, s, a] is the most reward, in the mean, that can
// still be had with h+1 steps to go when a is chosen now; later rewards count `discount` times less per step.
struct MdpPlan {
  int64_t states = 0, actions = 0;
  std::vector<double> q;  // [horizon, S, A]
  int64_t best_action(int64_t steps_to_go, int64_t state) const;  // the first of equals. REQUIRES: steps_to_go >= 1
  double value(int64_t steps_to_go, int64_t state) const;         // of the best action
};
MdpPlan plan_mdp(const MdpModel& model, int64_t horizon, double discount = 1);

struct TabularMdpConfig {
  static constexpr const char* kName = "tabular_mdp";
  int64_t states = 10;
  int64_t actions = 5;
  int64_t horizon = 10;  // steps of an episode
  void describe(Visitor& v);
};

class TabularMdp final : public Environment {
 public:
  explicit TabularMdp(const TabularMdpConfig& config);  // throws Error(kConfig) on sizes below 1

  Space observations() const override { return {.size = config_.states}; }
  Space actions() const override { return {.size = config_.actions}; }
  int64_t horizon() const override { return config_.horizon; }
  void draw_task(Rng rng) override;
  void reset(Rng rng) override;
  void observe(std::span<Real> out) const override;  // one-hot [states]
  StepResult step(std::span<const Real> action) override;

  int64_t state() const { return state_; }
  const MdpModel& model() const { return model_; }  // of the task

 private:
  TabularMdpConfig config_;
  MdpModel model_;
  Rng rng_{0};
  int64_t state_ = 0;
  int64_t steps_to_go_ = 0;
};

}  // namespace fewer
