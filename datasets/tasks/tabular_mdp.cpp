#include "datasets/tasks/tabular_mdp.h"

#include <algorithm>

#include "core/error.h"
#include "datasets/tasks/distributions.h"

namespace fewer {
namespace {

constexpr double kRewardMean = 1, kRewardSpread = 1;  // of r(s, a) over the tasks
constexpr double kRewardNoise = 1;                    // standard deviation of one reward around r(s, a)

// An index drawn with these probabilities, which sum to 1 but for rounding.
int64_t draw_index(std::span<const double> probabilities, Rng& rng) {
  double left = rng.uniform();
  for (size_t i = 0; i + 1 < probabilities.size(); ++i) {
    left -= probabilities[i];
    if (left < 0) return static_cast<int64_t>(i);
  }
  return std::ssize(probabilities) - 1;
}

std::span<const double> row(const std::vector<double>& table, int64_t i, int64_t width) {
  return std::span(table).subspan(static_cast<size_t>(i * width), static_cast<size_t>(width));
}

}  // namespace

int64_t MdpPlan::best_action(int64_t steps_to_go, int64_t state) const {
  const std::span<const double> choices = row(q, (steps_to_go - 1) * states + state, actions);
  return std::max_element(choices.begin(), choices.end()) - choices.begin();
}

double MdpPlan::value(int64_t steps_to_go, int64_t state) const {
  return steps_to_go == 0 ? 0 : std::ranges::max(row(q, (steps_to_go - 1) * states + state, actions));
}

MdpPlan plan_mdp(const MdpModel& model, int64_t horizon, double discount) {
  MdpPlan plan{model.states, model.actions, {}};
  for (int64_t h = 0; h < horizon; ++h) {
    std::vector<double> next;  // value of each state with h steps to go
    for (int64_t s = 0; s < model.states; ++s) next.push_back(plan.value(h, s));
    for (int64_t sa = 0; sa < model.states * model.actions; ++sa) {
      const std::span<const double> p = row(model.transition, sa, model.states);
      double ahead = 0;
      for (size_t s = 0; s < p.size(); ++s) ahead += p[s] * next[s];
      plan.q.push_back(model.reward[static_cast<size_t>(sa)] + discount * ahead);
    }
  }
  return plan;
}

void TabularMdpConfig::describe(Visitor& v) {
  v.field("states", states, {.help = "of the process", .min = 1, .max = 1000});
  v.field("actions", actions, {.help = "in each state", .min = 1, .max = 1000});
  v.field("horizon", horizon, {.help = "steps of an episode", .min = 1, .max = 1e6});
}

TabularMdp::TabularMdp(const TabularMdpConfig& config) : config_(config) {
  if (config.states < 1 || config.actions < 1 || config.horizon < 1)
    fail_config("tabular mdp: expected at least 1 state, action and step, got ", config.states, ", ", config.actions,
                " and ", config.horizon);
}

void TabularMdp::draw_task(Rng rng) {
  model_ = {config_.states, config_.actions, {}, {}};
  for (int64_t sa = 0; sa < config_.states * config_.actions; ++sa) {
    model_.reward.push_back(rng.normal(kRewardMean, kRewardSpread));
    const std::vector<double> p = draw_dirichlet(std::vector<double>(static_cast<size_t>(config_.states), 1.0), rng);
    model_.transition.insert(model_.transition.end(), p.begin(), p.end());
  }
  steps_to_go_ = 0;
}

void TabularMdp::reset(Rng rng) {
  ensure_running("tabular mdp", !model_.reward.empty());
  rng_ = rng;
  state_ = 0;
  steps_to_go_ = config_.horizon;
}

void TabularMdp::observe(std::span<Real> out) const {
  std::ranges::fill(out, Real{0});
  out[static_cast<size_t>(state_)] = 1;
}

StepResult TabularMdp::step(std::span<const Real> action) {
  ensure_running("tabular mdp", steps_to_go_ > 0);
  const int64_t sa = state_ * config_.actions + discrete_action("tabular mdp", action, config_.actions);
  const double reward = rng_.normal(model_.reward[static_cast<size_t>(sa)], kRewardNoise);
  state_ = draw_index(row(model_.transition, sa, config_.states), rng_);
  return {.reward = reward, .done = --steps_to_go_ == 0};
}

}  // namespace fewer
