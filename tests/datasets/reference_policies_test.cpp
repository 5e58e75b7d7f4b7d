// The hand-made policies against the figures of the papers' tables and of the specification's simulations.
#include <doctest/doctest.h>

#include <cmath>

#include "core/error.h"
#include "datasets/tasks/bandit_policies.h"
#include "datasets/tasks/mdp_policies.h"
#include "tests/support/chi_square.h"

namespace fewer::testing {
namespace {

// Mean reward of `trials` trials of `pulls` pulls of five arms.
double mean_bandit(int64_t trials, int64_t pulls, const ArmPolicy& policy) {
  double sum = 0;
  for (int64_t i = 0; i < trials; ++i)
    sum += play_bandit({.arms = 5}, pulls, policy, Rng(1).stream(static_cast<uint64_t>(i)));
  return sum / static_cast<double>(trials);
}

constexpr TabularMdpConfig kMdp;  // 10 states, 5 actions, 10 steps

double mean_mdp(int64_t trials, const MdpPosterior& prior, const MdpPlanner& plan, double epsilon) {
  double sum = 0;
  for (int64_t i = 0; i < trials; ++i)
    sum += play_mdp(kMdp, 10, prior, plan, epsilon, Rng(1).stream(static_cast<uint64_t>(i)));
  return sum / static_cast<double>(trials);
}

}  // namespace

// Over the trials a reward of 10 pulls has a standard deviation of about 2: 0.02 in the mean of 10,000.
TEST_CASE("bandit of 10 pulls and 5 arms: the published rewards of the hand-made policies") {
  const GittinsTable gittins(10);
  const auto within = [](double mean, double published) { return std::abs(mean - published) < 0.08; };
  CHECK(within(mean_bandit(10000, 10, random_arm), 5.0));
  CHECK(within(mean_bandit(10000, 10, greedy_arm), 6.64));
  CHECK(within(mean_bandit(10000, 10, thompson_arm), 5.82));
  CHECK(within(mean_bandit(10000, 10, [](const ArmRecords& a, Rng& r) { return ucb1_arm(a, 0.2, r); }), 6.64));
  CHECK(within(mean_bandit(10000, 10, [](const ArmRecords& a, Rng& r) { return ucb1_arm(a, 1, r); }), 5.8));
  CHECK(within(mean_bandit(10000, 10, [&](const ArmRecords& a, Rng& r) { return gittins.arm(a, r); }), 6.59));
}

// Standard deviation about 16: 0.4 in the mean of 1,500.
TEST_CASE("bandit of 100 pulls and 5 arms: the published rewards of the hand-made policies") {
  const GittinsTable gittins(100, 0.99, 150);
  const auto within = [](double mean, double published) { return std::abs(mean - published) < 1.3; };
  CHECK(within(mean_bandit(1500, 100, greedy_arm), 75.7));
  CHECK(within(mean_bandit(1500, 100, thompson_arm), 74.75));
  CHECK(within(mean_bandit(1500, 100, [](const ArmRecords& a, Rng& r) { return ucb1_arm(a, 0.2, r); }), 78.2));
  CHECK(within(mean_bandit(1500, 100, [&](const ArmRecords& a, Rng& r) { return gittins.arm(a, r); }), 78.8));
}

TEST_CASE("policies of bandits: ties are broken at random, epsilon 1 is random play") {
  Rng rng(1);
  const ArmRecords arms = {{1, 0}, {0, 1}, {1, 0}, {1, 0}};
  std::vector<int64_t> greedy(4, 0), random(4, 0);
  for (int i = 0; i < 12000; ++i) {
    ++greedy[static_cast<size_t>(greedy_arm(arms, rng))];
    ++random[static_cast<size_t>(epsilon_greedy_arm(arms, 1, rng))];
  }
  CHECK(greedy[1] == 0);
  greedy.erase(greedy.begin() + 1);
  CHECK(chi_square_excess(greedy) < kFair);
  CHECK(chi_square_excess(random) < kFair);
}

// Gittins, Glazebrook and Weber 2011, "Multi-armed Bandit Allocation Indices": the table for discount 0.99.
TEST_CASE("gittins index: published values, more for an arm that is less known") {
  const GittinsTable table(20);
  CHECK(table.index({0, 0}) == doctest::Approx(0.8699).epsilon(0.002));
  CHECK(table.index({0, 1}) == doctest::Approx(0.7005).epsilon(0.002));
  CHECK(table.index({1, 0}) == doctest::Approx(0.9102).epsilon(0.002));
  CHECK(table.index({1, 1}) > ArmRecord{1, 1}.mean());
  CHECK(table.index({1, 1}) > table.index({10, 10}));
  CHECK_THROWS_WITH_AS(table.index({20, 1}), doctest::Contains("at most 20 pulls of an arm, got 21"), Error);
}

TEST_CASE("tabular process: random play pays 1 per step, the best plan 21.85 per episode") {
  double random = 0, best = 0, discounted = 0;
  TabularMdp world(kMdp);
  for (uint64_t i = 0; i < 1000; ++i) {
    random += play_mdp_randomly(kMdp, 10, Rng(1).stream(i)) / 1000;
    world.draw_task(Rng(1).stream(i));
    best += plan_mdp(world.model(), kMdp.horizon).value(kMdp.horizon, 0) / 1000;
    discounted += plan_mdp(world.model(), kMdp.horizon, 0.99).value(kMdp.horizon, 0) / 1000;
  }
  CHECK(random == doctest::Approx(100).epsilon(0.02));
  CHECK(best == doctest::Approx(21.85).epsilon(0.02));
  CHECK(discounted == doctest::Approx(20.89).epsilon(0.02));
}

// Over the tasks a trial of 10 episodes has a standard deviation of about 26: 1.5 in the mean of 300.
TEST_CASE("tabular process, 10 episodes: posterior sampling and its kin earn what the specification measured") {
  const auto within = [](double mean, double published) { return std::abs(mean - published) < 4; };
  const MdpPosterior prior(10, 5);
  CHECK(within(mean_mdp(300, prior, plan_psrl, 0), 137.9));
  CHECK(within(mean_mdp(300, prior, plan_opsrl, 0), 143.3));
  CHECK(within(mean_mdp(300, MdpPosterior(10, 5, 1e-4, 1e-4), plan_mean, 0.1), 131.0));
}

TEST_CASE("posterior of a process: the mean of what was seen, certain after much of it") {
  MdpPosterior posterior(2, 1);
  for (int i = 0; i < 9999; ++i) posterior.observe(0, 0, 3, i % 4 == 0 ? 0 : 1);
  const MdpModel mean = posterior.mean();
  CHECK(mean.reward[0] == doctest::Approx(2.9997));
  CHECK(mean.reward[1] == 0);  // never seen: the prior
  CHECK(mean.transition[1] == doctest::Approx(0.75).epsilon(0.001));
  CHECK(mean.transition[2] == 0.5);
  Rng rng(1);
  const MdpModel sample = posterior.sample(rng);
  CHECK(sample.reward[0] == doctest::Approx(3).epsilon(0.02));
  CHECK(sample.transition[1] == doctest::Approx(0.75).epsilon(0.03));
}

}  // namespace fewer::testing
