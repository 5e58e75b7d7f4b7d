#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "core/config.h"
#include "core/error.h"
#include "datasets/tasks/distributions.h"
#include "datasets/tasks/trial.h"
#include "tests/support/chi_square.h"

namespace fewer::testing {
namespace {

Real number(int64_t action) { return static_cast<Real>(action); }
StepResult act(Environment& world, int64_t action) {
  const Real a = number(action);
  return world.step({&a, 1});
}
StepResult act(Trial& trial, int64_t action) {
  const Real a = number(action);
  return trial.step({&a, 1});
}

// Rewards of one trial when the actions are 0, 1, ... in turn.
std::vector<double> rewards(const EnvironmentConfig& config, int64_t episodes, const Rng& rng) {
  Trial trial(make_environment(config), episodes);
  const Space space = trial.world().actions();
  trial.begin(rng);
  std::vector<double> all;
  for (int64_t t = 0; !trial.done(); ++t)
    if (space.kind == Space::Kind::kDiscrete) {
      all.push_back(act(trial, t % space.size).reward);
    } else {
      const std::vector<Real> action = {number(t % 2), Real(0.5)};
      all.push_back(trial.step(action).reward);
    }
  return all;
}

struct Moments {
  double mean = 0, variance = 0;
};
template <class Draw>
Moments moments(int64_t n, Draw draw) {
  double sum = 0, square = 0;
  for (int64_t i = 0; i < n; ++i) {
    const double value = draw();
    sum += value;
    square += value * value;
  }
  const double mean = sum / static_cast<double>(n);
  return {mean, square / static_cast<double>(n) - mean * mean};
}

}  // namespace

TEST_CASE("gamma, beta and Dirichlet draws have the mean and variance of their distribution") {
  Rng rng(1);
  for (const double shape : {1.0, 2.5, 40.0}) {
    const Moments gamma = moments(50000, [&] { return draw_gamma(shape, rng); });
    CHECK(gamma.mean == doctest::Approx(shape).epsilon(0.02));
    CHECK(gamma.variance == doctest::Approx(shape).epsilon(0.05));
  }
  const Moments beta = moments(50000, [&] { return draw_beta(2, 5, rng); });
  CHECK(beta.mean == doctest::Approx(2.0 / 7).epsilon(0.02));
  CHECK(beta.variance == doctest::Approx(10.0 / (49 * 8)).epsilon(0.04));
  const std::vector<double> weights = {1, 2, 5};
  const Moments share = moments(50000, [&] { return draw_dirichlet(weights, rng)[2]; });
  CHECK(share.mean == doctest::Approx(5.0 / 8).epsilon(0.02));
  CHECK(share.variance == doctest::Approx(15.0 / (64 * 9)).epsilon(0.04));
}

TEST_CASE("gamma draws of shape 1 are exponential") {
  Rng rng(2);
  std::vector<int64_t> bins(20, 0);
  for (int i = 0; i < 40000; ++i) ++bins[static_cast<size_t>(20 * (1 - std::exp(-draw_gamma(1, rng))))];
  CHECK(chi_square_excess(bins) < kFair);
}

TEST_CASE("bandit: probabilities are uniform, each arm pays as often as its own says") {
  Bandit bandit({.arms = 4});
  std::vector<int64_t> bins(20, 0);
  for (uint64_t i = 0; i < 5000; ++i) {
    bandit.draw_task(Rng(1).stream(i));
    for (const double p : bandit.probabilities()) ++bins[static_cast<size_t>(20 * p)];
  }
  CHECK(chi_square_excess(bins) < kFair);
  for (int64_t arm = 0; arm < 4; ++arm) {
    double paid = 0;
    for (uint64_t pull = 0; pull < 20000; ++pull) {
      bandit.reset(Rng(2).stream(pull));
      paid += act(bandit, arm).reward;
    }
    CHECK(paid / 20000 == doctest::Approx(bandit.probabilities()[static_cast<size_t>(arm)]).epsilon(0.03));
  }
}

TEST_CASE("tabular process: rewards N(1, 1) over tasks and N(r, 1) within one, transitions Dirichlet(1)") {
  TabularMdp world({});
  std::vector<double> means, shares;
  for (uint64_t i = 0; i < 200; ++i) {
    world.draw_task(Rng(1).stream(i));
    means.insert(means.end(), world.model().reward.begin(), world.model().reward.end());
    shares.insert(shares.end(), world.model().transition.begin(), world.model().transition.end());
  }
  size_t next = 0;
  const Moments reward = moments(std::ssize(means), [&] { return means[next++]; });
  CHECK(reward.mean == doctest::Approx(1).epsilon(0.03));
  CHECK(reward.variance == doctest::Approx(1).epsilon(0.05));
  next = 0;
  const Moments share = moments(std::ssize(shares), [&] { return shares[next++]; });
  CHECK(share.mean == doctest::Approx(0.1).epsilon(1e-9));  // each row sums to 1
  CHECK(share.variance == doctest::Approx(0.09 / 11).epsilon(0.03));  // of Beta(1, 9)
  uint64_t episode = 0;
  const Moments noise = moments(20000, [&] {
    world.reset(Rng(2).stream(episode++));
    return act(world, 3).reward - world.model().reward[3];
  });
  CHECK(noise.mean == doctest::Approx(0).epsilon(0.03));
  CHECK(noise.variance == doctest::Approx(1).epsilon(0.04));
}

TEST_CASE("tabular process: starts in state 0, follows its table, shows its state one-hot, ends after 10 steps") {
  TabularMdp world({.states = 6, .actions = 2});
  world.draw_task(Rng(5));
  std::vector<int64_t> after(6, 0);
  std::vector<double> expected;
  for (int64_t s = 0; s < 6; ++s) expected.push_back(20000 * world.model().transition[static_cast<size_t>(6 + s)]);
  for (uint64_t i = 0; i < 20000; ++i) {
    world.reset(Rng(6).stream(i));
    CHECK(world.state() == 0);
    act(world, 1);
    ++after[static_cast<size_t>(world.state())];
  }
  CHECK(chi_square_excess(after, expected) < kFair);
  std::vector<Real> seen(6);
  world.observe(seen);
  for (int64_t s = 0; s < 6; ++s) CHECK(seen[static_cast<size_t>(s)] == (s == world.state() ? 1 : 0));
  for (int64_t t = 1; t < 9; ++t) CHECK_FALSE(act(world, 0).done);
  CHECK(act(world, 0).done);
  CHECK_THROWS_WITH_AS(act(world, 0), doctest::Contains("no episode is running"), Error);
}

TEST_CASE("planning: a process worked by hand") {
  // State 0: action 0 pays 1 and stays, action 1 pays nothing and leads to state 1, where both pay 3 and stay.
  const MdpModel model{2, 2, {1, 0, 3, 3}, {1, 0, 0, 1, 0, 1, 0, 1}};
  const MdpPlan plan = plan_mdp(model, 3);
  CHECK(plan.value(1, 0) == 1);  // one step to go: take the 1
  CHECK(plan.best_action(1, 0) == 0);
  CHECK(plan.value(2, 0) == 3);  // two: leave at once
  CHECK(plan.best_action(2, 0) == 1);
  CHECK(plan.value(3, 0) == 6);
  CHECK(plan.value(3, 1) == 9);
  CHECK(plan_mdp(model, 3, 0.5).value(3, 0) == doctest::Approx(2.25));  // 0 + 3/2 + 3/4; staying pays 1 + 3/4 at most
}

TEST_CASE("navigation: goals are uniform, the action 1 is a stride of 0.1, farther ones are clipped") {
  Navigation world({});
  std::vector<int64_t> bins(100, 0);
  for (uint64_t i = 0; i < 10000; ++i) {
    world.draw_task(Rng(1).stream(i));
    const auto [x, y] = world.goal();
    ++bins[static_cast<size_t>(10 * std::floor(10 * (x + 0.5)) + std::floor(10 * (y + 0.5)))];
  }
  CHECK(chi_square_excess(bins) < kFair);
  world.reset(Rng(1));
  world.step(std::vector<Real>{Real(0.5), Real(-7)});
  CHECK(world.place()[0] == doctest::Approx(0.05));
  CHECK(world.place()[1] == doctest::Approx(-0.1));
  std::vector<Real> seen(2);
  world.observe(seen);
  CHECK(seen[1] == doctest::Approx(-0.1));
  CHECK_THROWS_AS(world.step(std::vector<Real>{Real(NAN), 0}), Error);
  CHECK_THROWS_AS(world.step(std::vector<Real>{0}), Error);
}

TEST_CASE("navigation: the reward is minus the distance left; it ends at the goal or after 100 steps") {
  Navigation world({});
  world.draw_task(Rng(3));
  world.reset(Rng(3));
  const auto [gx, gy] = world.goal();
  const std::vector<Real> stay = {0, 0};
  StepResult last;
  for (int64_t t = 0; t < 100; ++t) {
    CHECK_FALSE(last.done);
    last = world.step(stay);
    CHECK(last.reward == doctest::Approx(-std::hypot(gx, gy)));
  }
  CHECK(last.done);
  world.reset(Rng(3));
  int64_t steps = 0;
  do {
    const auto [x, y] = world.place();
    last = world.step(std::vector<Real>{static_cast<Real>((gx - x) / 0.1), static_cast<Real>((gy - y) / 0.1)});
    ++steps;
  } while (!last.done);
  CHECK(steps == static_cast<int64_t>(std::ceil(10 * std::max(std::abs(gx), std::abs(gy)))));
  CHECK(last.reward == doctest::Approx(0).epsilon(1e-6));
}

TEST_CASE("navigation: staying at the start returns about -38, as the specification says") {
  // 100 times the mean distance of a point of the unit square from its middle, (sqrt 2 + ln(1 + sqrt 2)) / 6.
  Navigation world({});
  double sum = 0;
  for (uint64_t i = 0; i < 20000; ++i) {
    world.draw_task(Rng(1).stream(i));
    sum += 100 * std::hypot(world.goal()[0], world.goal()[1]);
  }
  CHECK(sum / 20000 == doctest::Approx(38.26).epsilon(0.01));
}

TEST_CASE("trial: the policy sees observation, action before, its reward, and where episodes begin") {
  Trial trial(make_environment(TabularMdpConfig{.states = 3, .actions = 2, .horizon = 4}), 2);
  CHECK(trial.done());
  CHECK(trial.max_steps() == 8);
  trial.begin(Rng(1));
  CHECK(trial.input_size() == 3 + 2 + 2);
  CHECK(std::ranges::equal(trial.input(), std::vector<Real>{1, 0, 0, 0, 0, 0, 1}));  // nothing done yet
  for (int64_t t = 0; t < 8; ++t) {
    CHECK(trial.episode() == t / 4);
    const StepResult result = act(trial, t % 2);
    const std::span<const Real> input = trial.input();
    CHECK(input[3] == (t % 2 == 0 ? 1 : 0));
    CHECK(input[4] == (t % 2 == 1 ? 1 : 0));
    CHECK(input[5] == doctest::Approx(result.reward));
    CHECK(input[6] == (t == 3 ? 1 : 0));  // what follows the fourth step is the start of the second episode
    if (t == 3) CHECK(input[0] == 1);
    CHECK(result.done == (t % 4 == 3));
    CHECK(input[0] + input[1] + input[2] == 1);
  }
  CHECK(trial.done());
  CHECK_THROWS_WITH_AS(act(trial, 0), doctest::Contains("its 2 episodes are over: call begin()"), Error);
}

TEST_CASE("trial: a task is kept through its episodes and changes with the trial") {
  Trial trial(make_environment(BanditConfig{.arms = 3}), 5);
  const Bandit& bandit = dynamic_cast<const Bandit&>(trial.world());
  trial.begin(Rng(1));
  const std::vector<double> first = bandit.probabilities();
  for (int64_t i = 0; i < 5; ++i) act(trial, 0);
  CHECK(bandit.probabilities() == first);
  trial.begin(Rng(2));
  CHECK(bandit.probabilities() != first);
  CHECK(trial.input_size() == 3 + 2);
}

TEST_CASE("trial: every episode has chances of its own") {
  Trial trial(make_environment(BanditConfig{.arms = 1}), 5000);
  trial.begin(Rng(3));
  const double probability = dynamic_cast<const Bandit&>(trial.world()).probabilities()[0];
  double paid = 0;
  while (!trial.done()) paid += act(trial, 0).reward;
  CHECK(paid / 5000 == doctest::Approx(probability).epsilon(0.05));
}

TEST_CASE("trial: a box action is shown as its numbers") {
  Trial trial(make_environment(NavigationConfig{}), 1);
  trial.begin(Rng(1));
  trial.step(std::vector<Real>{Real(0.5), Real(-0.25)});
  CHECK(trial.input()[0] == doctest::Approx(0.05));
  CHECK(trial.input()[2] == Real(0.5));
  CHECK(trial.input()[3] == Real(-0.25));
}

TEST_CASE("trial: a pure function of the stream and the actions, in every world") {
  const EnvironmentConfig worlds[] = {BanditConfig{}, TabularMdpConfig{}, NavigationConfig{}};
  for (const EnvironmentConfig& config : worlds) {
    const std::vector<double> once = rewards(config, 6, Rng(1));
    CHECK(rewards(config, 6, Rng(1)) == once);
    CHECK(rewards(config, 6, Rng(2)) != once);
    CHECK(std::vector(once.begin(), once.begin() + 3) != std::vector(3, once[0]));
  }
}

TEST_CASE("environments: actions outside the space, steps without an episode and senseless sizes are refused") {
  Bandit bandit({.arms = 3});
  CHECK_THROWS_WITH_AS(bandit.reset(Rng(1)), doctest::Contains("draw_task()"), Error);
  bandit.draw_task(Rng(1));
  CHECK_THROWS_WITH_AS(act(bandit, 0), doctest::Contains("no episode is running"), Error);
  bandit.reset(Rng(1));
  CHECK_THROWS_WITH_AS(act(bandit, 3), doctest::Contains("an action from 0 to 2, got 3"), Error);
  CHECK_THROWS_AS(act(bandit, -1), Error);
  const Real half = Real(0.5), nothing = Real(NAN);
  CHECK_THROWS_AS(bandit.step({&half, 1}), Error);
  CHECK_THROWS_AS(bandit.step({&nothing, 1}), Error);
  CHECK_THROWS_AS(bandit.step({}), Error);
  CHECK_THROWS_AS(Bandit({.arms = 0}), Error);
  CHECK_THROWS_AS(TabularMdp({.states = 0}), Error);
  CHECK_THROWS_WITH_AS(Navigation({.horizon = 4}), doctest::Contains("4 steps of 0.1 do not reach goals"), Error);
  CHECK_THROWS_AS(Trial(make_environment(BanditConfig{}), 0), Error);
  NavigationConfig config;
  CHECK_THROWS_WITH_AS(read_json(config, R"({"horizon": 4})", "test"), doctest::Contains("goals out of reach"), Error);
}

}  // namespace fewer::testing
