// A trial: several episodes of one task in a row, which a policy with a memory lives through without forgetting.
//
// Reinforcement learning as a sequence (Duan et al. 2016, RL^2; Mishra et al. 2018, SNAIL): at every step the policy is
// told the observation, what it did before, what that paid and whether an episode has just ended. Its memory is cleared
// when a trial begins and not between the episodes of a trial, so it can find the task out and then use it.
//
//   Trial trial(make_environment(BanditConfig{.arms = 5}), 10);
//   trial.begin(stream.stream(i));                       // trial i is a pure function of the stream, i and the actions
//   while (!trial.done()) { ...trial.input()...; trial.step(action); }
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <variant>
#include <vector>

#include "datasets/tasks/bandit.h"
#include "datasets/tasks/environment.h"
#include "datasets/tasks/navigation.h"
#include "datasets/tasks/tabular_mdp.h"

namespace fewer {

using EnvironmentConfig = std::variant<BanditConfig, TabularMdpConfig, NavigationConfig>;
std::unique_ptr<Environment> make_environment(const EnvironmentConfig& config);

class Trial {
 public:
  // Throws Error(kConfig) unless there is at least one episode.
  Trial(std::unique_ptr<Environment> world, int64_t episodes);

  void begin(const Rng& rng);  // a new task, its first episode
  // Acts. After the last step of an episode the next one has begun already, unless it was the trial's last.
  StepResult step(std::span<const Real> action);

  // What the policy sees: the observation, the action before (one-hot when discrete), its reward, and 1 when an episode
  // begins. At the start of a trial there was no action and no reward: zeros.
  std::span<const Real> input() const { return input_; }
  int64_t input_size() const { return static_cast<int64_t>(input_.size()); }

  bool done() const { return episode_ == episodes_; }  // true before begin(), too
  int64_t episode() const { return episode_; }         // the one running, from 0
  int64_t max_steps() const { return episodes_ * world_->horizon(); }
  const Environment& world() const { return *world_; }

 private:
  void start_episode();
  void look();
  void show_action(std::span<const Real> action);

  std::unique_ptr<Environment> world_;
  int64_t episodes_;
  int64_t episode_;
  Rng rng_{0};
  std::vector<Real> input_;
};

}  // namespace fewer
