// Environments: worlds in which a policy acts, step by step, for a reward.
//
// A world has tasks (which arms pay, how states follow each other, where the goal is). One is drawn and kept; within it
// the policy lives through episodes. To learn a task is to do better from episode to episode.
//
//   world.draw_task(stream.stream("task"));
//   world.reset(stream.stream("episode"));
//   while (!done) { world.observe(seen); ...choose... done = world.step(action).done; }
//
// All chance comes from the two streams: the same streams and actions give the same rewards. A policy that remembers
// across episodes (RL^2, SNAIL) meets its task through a Trial (datasets/tasks/trial.h).
#pragma once

#include <cstdint>
#include <span>

#include "core/describe.h"
#include "core/real.h"
#include "core/rng.h"

namespace fewer {

// What an observation or an action is.
struct Space {
  enum class Kind {
    kDiscrete,  // one of `size` choices. Observed as one-hot; an action is its number, as a single value
    kBox,       // `size` numbers
  };
  Kind kind = Kind::kDiscrete;
  int64_t size = 0;
  double low = 0, high = 0;  // of each number of a box
  bool operator==(const Space&) const = default;
};

struct StepResult {
  double reward = 0;
  bool done = false;  // the episode is over
};

class Environment {
 public:
  virtual ~Environment() = default;

  virtual Space observations() const = 0;
  virtual Space actions() const = 0;
  virtual int64_t horizon() const = 0;  // the most steps an episode can have

  virtual void draw_task(Rng rng) = 0;
  virtual void reset(Rng rng) = 0;                      // begins an episode; throws before there is a task
  virtual void observe(std::span<Real> out) const = 0;  // writes observations().size numbers
  // Throws when no episode is running and when the action is not one of the space (boxes clip what is too large).
  virtual StepResult step(std::span<const Real> action) = 0;
};

// For authors of environments. The number of a discrete action; throws unless it is one of `choices`.
int64_t discrete_action(const char* where, std::span<const Real> action, int64_t choices);
void ensure_running(const char* where, bool running);  // throws: "call reset() first"

}  // namespace fewer
