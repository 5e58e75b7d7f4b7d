// What is known to work on random tabular processes: hand-made policies that learned ones are measured against. Each
// keeps counts of what it saw, makes a model from them before every episode, plans the whole episode with it and
// follows the plan.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "core/rng.h"
#include "datasets/tasks/tabular_mdp.h"

namespace fewer {

// What was seen of a process, and what may be concluded: rewards of (s, a) are N(r, 1) with a prior N(0, 1/precision)
// on r, transitions have a prior Dirichlet(weight, ..., weight).
class MdpPosterior {
 public:
  MdpPosterior(int64_t states, int64_t actions, double reward_precision = 1, double transition_weight = 1);
  void observe(int64_t state, int64_t action, double reward, int64_t next_state);
  MdpModel sample(Rng& rng) const;  // one that may be true. REQUIRES: transition_weight >= 1
  MdpModel mean() const;            // the expected one

 private:
  double visits(int64_t sa) const;

  int64_t states_, actions_;
  double precision_, weight_;
  std::vector<double> reward_sum_;  // [S, A]
  std::vector<double> seen_;        // [S, A, S], how often
};

// Random actions.
double play_mdp_randomly(const TabularMdpConfig& config, int64_t episodes, const Rng& rng);

// Total reward of one trial. Before every episode `plan` makes a plan from what was seen; with probability `epsilon` an
// action is random instead.
using MdpPlanner = std::function<MdpPlan(const MdpPosterior&, int64_t horizon, Rng&)>;
double play_mdp(const TabularMdpConfig& config, int64_t episodes, MdpPosterior posterior, const MdpPlanner& plan,
                double epsilon, const Rng& rng);

// Posterior sampling (PSRL, Osband et al. 2013): act in every episode as if one sample were true.
MdpPlan plan_psrl(const MdpPosterior& posterior, int64_t horizon, Rng& rng);
// Optimistic posterior sampling (OPSRL): the best value of each (s, a) among the plans of ten samples.
MdpPlan plan_opsrl(const MdpPosterior& posterior, int64_t horizon, Rng& rng);
// As if the expected model were true.
MdpPlan plan_mean(const MdpPosterior& posterior, int64_t horizon, Rng& rng);

}  // namespace fewer
