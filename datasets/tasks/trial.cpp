#include "datasets/tasks/trial.h"

#include <algorithm>

#include "core/error.h"

namespace fewer {
namespace {

std::unique_ptr<Environment> make(const BanditConfig& config) { return std::make_unique<Bandit>(config); }
std::unique_ptr<Environment> make(const TabularMdpConfig& config) { return std::make_unique<TabularMdp>(config); }
std::unique_ptr<Environment> make(const NavigationConfig& config) { return std::make_unique<Navigation>(config); }

}  // namespace

std::unique_ptr<Environment> make_environment(const EnvironmentConfig& config) {
  return std::visit([](const auto& kind) { return make(kind); }, config);
}

Trial::Trial(std::unique_ptr<Environment> world, int64_t episodes)
    : world_(std::move(world)), episodes_(episodes), episode_(episodes) {
  if (episodes < 1) fail_config("trial: expected at least 1 episode, got ", episodes);
  input_.assign(static_cast<size_t>(world_->observations().size + world_->actions().size + 2), 0);
}

void Trial::begin(const Rng& rng) {
  rng_ = rng;
  episode_ = 0;
  std::ranges::fill(input_, Real{0});
  world_->draw_task(rng.stream("task"));
  start_episode();
}

void Trial::start_episode() {
  world_->reset(rng_.stream("episode").stream(static_cast<uint64_t>(episode_)));
  input_.back() = 1;
  look();
}

void Trial::look() { world_->observe(std::span(input_).first(static_cast<size_t>(world_->observations().size))); }

StepResult Trial::step(std::span<const Real> action) {
  ENSURE(!done(), "trial: expected a running trial, but its ", episodes_, " episodes are over: call begin()");
  const StepResult result = world_->step(action);
  show_action(action);
  input_[input_.size() - 2] = static_cast<Real>(result.reward);
  input_.back() = 0;
  look();
  if (result.done && ++episode_ < episodes_) start_episode();
  return result;
}

void Trial::show_action(std::span<const Real> action) {
  const Space space = world_->actions();
  const std::span<Real> place =
      std::span(input_).subspan(static_cast<size_t>(world_->observations().size), static_cast<size_t>(space.size));
  if (space.kind == Space::Kind::kBox) {
    std::ranges::copy(action, place.begin());
    return;
  }
  std::ranges::fill(place, Real{0});
  place[static_cast<size_t>(action[0])] = 1;
}

}  // namespace fewer
