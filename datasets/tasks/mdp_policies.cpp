#include "datasets/tasks/mdp_policies.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "datasets/tasks/distributions.h"

namespace fewer {
namespace {

constexpr int64_t kOpsrlSamples = 10;

// Total reward of one trial. begin() runs before every episode, choose(state, steps to go) names the action, and
// seen(state, action, reward, next state) is told what came of it.
template <class Begin, class Choose, class Seen>
double play(const TabularMdpConfig& config, int64_t episodes, const Rng& rng, Begin begin, Choose choose, Seen seen) {
  TabularMdp world(config);
  world.draw_task(rng.stream("task"));
  double total = 0;
  for (int64_t e = 0; e < episodes; ++e) {
    world.reset(rng.stream("episode").stream(static_cast<uint64_t>(e)));
    begin();
    bool done = false;
    for (int64_t to_go = config.horizon; !done; --to_go) {
      const int64_t state = world.state(), chosen = choose(state, to_go);
      const Real action = static_cast<Real>(chosen);
      const StepResult result = world.step({&action, 1});
      seen(state, chosen, result.reward, world.state());
      total += result.reward;
      done = result.done;
    }
  }
  return total;
}

}  // namespace

MdpPosterior::MdpPosterior(int64_t states, int64_t actions, double reward_precision, double transition_weight)
    : states_(states),
      actions_(actions),
      precision_(reward_precision),
      weight_(transition_weight),
      reward_sum_(static_cast<size_t>(states * actions), 0.0),
      seen_(static_cast<size_t>(states * actions * states), 0.0) {}

void MdpPosterior::observe(int64_t state, int64_t action, double reward, int64_t next_state) {
  const int64_t sa = state * actions_ + action;
  reward_sum_[static_cast<size_t>(sa)] += reward;
  ++seen_[static_cast<size_t>(sa * states_ + next_state)];
}

double MdpPosterior::visits(int64_t sa) const {
  const auto begin = seen_.begin() + sa * states_;
  return std::accumulate(begin, begin + states_, 0.0);
}

MdpModel MdpPosterior::mean() const {
  MdpModel model{states_, actions_, {}, {}};
  for (int64_t sa = 0; sa < states_ * actions_; ++sa) {
    const double n = visits(sa);
    model.reward.push_back(reward_sum_[static_cast<size_t>(sa)] / (precision_ + n));
    for (int64_t s = 0; s < states_; ++s)
      model.transition.push_back((weight_ + seen_[static_cast<size_t>(sa * states_ + s)]) /
                                 (weight_ * static_cast<double>(states_) + n));
  }
  return model;
}

MdpModel MdpPosterior::sample(Rng& rng) const {
  MdpModel model{states_, actions_, {}, {}};
  for (int64_t sa = 0; sa < states_ * actions_; ++sa) {
    const double precision = precision_ + visits(sa);
    model.reward.push_back(rng.normal(reward_sum_[static_cast<size_t>(sa)] / precision, 1 / std::sqrt(precision)));
    std::vector<double> weights(seen_.begin() + sa * states_, seen_.begin() + (sa + 1) * states_);
    for (double& w : weights) w += weight_;
    const std::vector<double> p = draw_dirichlet(weights, rng);
    model.transition.insert(model.transition.end(), p.begin(), p.end());
  }
  return model;
}

double play_mdp_randomly(const TabularMdpConfig& config, int64_t episodes, const Rng& rng) {
  Rng choices = rng.stream("policy");
  return play(
      config, episodes, rng, [] {}, [&](int64_t, int64_t) { return choices.below(config.actions); },
      [](int64_t, int64_t, double, int64_t) {});
}

double play_mdp(const TabularMdpConfig& config, int64_t episodes, MdpPosterior posterior, const MdpPlanner& plan,
                double epsilon, const Rng& rng) {
  Rng choices = rng.stream("policy");
  MdpPlan now;
  return play(
      config, episodes, rng, [&] { now = plan(posterior, config.horizon, choices); },
      [&](int64_t state, int64_t to_go) {
        return choices.bernoulli(epsilon) ? choices.below(config.actions) : now.best_action(to_go, state);
      },
      [&](int64_t s, int64_t a, double reward, int64_t next) { posterior.observe(s, a, reward, next); });
}

MdpPlan plan_psrl(const MdpPosterior& posterior, int64_t horizon, Rng& rng) {
  return plan_mdp(posterior.sample(rng), horizon);
}

MdpPlan plan_opsrl(const MdpPosterior& posterior, int64_t horizon, Rng& rng) {
  MdpPlan best = plan_psrl(posterior, horizon, rng);
  for (int64_t i = 1; i < kOpsrlSamples; ++i) {
    const MdpPlan other = plan_psrl(posterior, horizon, rng);
    std::ranges::transform(best.q, other.q, best.q.begin(), [](double a, double b) { return std::max(a, b); });
  }
  return best;
}

MdpPlan plan_mean(const MdpPosterior& posterior, int64_t horizon, Rng&) { return plan_mdp(posterior.mean(), horizon); }

}  // namespace fewer
