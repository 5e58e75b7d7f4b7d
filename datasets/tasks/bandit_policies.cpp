#include "datasets/tasks/bandit_policies.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "datasets/tasks/distributions.h"

namespace fewer {
namespace {

constexpr int64_t kCertainPays = 2000;  // grid on (0, 1): the index is known to 1 / 2000

// The arm of the highest score, ties broken at random.
template <class Score>
int64_t best_arm(const ArmRecords& arms, Rng& rng, Score score) {
  double best = 0;
  int64_t chosen = 0, equals = 0;
  for (int64_t a = 0; a < std::ssize(arms); ++a) {
    const double here = score(arms[static_cast<size_t>(a)]);
    if (equals == 0 || here > best) {
      best = here;
      chosen = a;
      equals = 1;
    } else if (here == best && rng.below(++equals) == 0) {  // each of n equals stays with probability 1/n
      chosen = a;
    }
  }
  return chosen;
}

size_t place(int64_t pulls, int64_t paid) { return static_cast<size_t>(pulls * (pulls + 1) / 2 + paid); }

}  // namespace

int64_t random_arm(const ArmRecords& arms, Rng& rng) { return rng.below(std::ssize(arms)); }

int64_t greedy_arm(const ArmRecords& arms, Rng& rng) {
  return best_arm(arms, rng, [](const ArmRecord& arm) { return arm.mean(); });
}

int64_t epsilon_greedy_arm(const ArmRecords& arms, double epsilon, Rng& rng) {
  return rng.bernoulli(epsilon) ? random_arm(arms, rng) : greedy_arm(arms, rng);
}

int64_t thompson_arm(const ArmRecords& arms, Rng& rng) {
  return best_arm(arms, rng, [&](const ArmRecord& arm) {
    return draw_beta(1.0 + static_cast<double>(arm.paid), 1.0 + static_cast<double>(arm.failed), rng);
  });
}

int64_t ucb1_arm(const ArmRecords& arms, double scale, Rng& rng) {
  int64_t pull = 1;
  for (const ArmRecord& arm : arms) pull += arm.pulls();
  const double log_pull = std::log(static_cast<double>(pull));
  return best_arm(arms, rng, [&](const ArmRecord& arm) {
    return arm.mean() + scale * std::sqrt(2 * log_pull / (2.0 + static_cast<double>(arm.pulls())));
  });
}

// The value of a record is the better of stopping, `pay` for ever, and of one more pull. Records are visited from the
// longest to the shortest. Where stopping is better for the first time, as the pay grows, is the index.
GittinsTable::GittinsTable(int64_t max_pulls, double discount, int64_t horizon)
    : max_pulls_(max_pulls), index_(place(max_pulls + 1, 0), 1.0) {
  ENSURE(max_pulls >= 0 && discount > 0 && discount < 1, "Gittins table: expected a discount between 0 and 1 and pulls "
         "from 0, got ", discount, " and ", max_pulls);
  const int64_t longest = max_pulls + horizon;
  std::vector<double> value(static_cast<size_t>(longest + 1));  // by how many paid, for one number of pulls
  for (int64_t k = kCertainPays - 1; k > 0; --k) {
    const double pay = static_cast<double>(k) / kCertainPays, stop = pay / (1 - discount);
    for (int64_t paid = 0; paid <= longest; ++paid)
      value[static_cast<size_t>(paid)] = std::max(stop, ArmRecord{paid, longest - paid}.mean() / (1 - discount));
    for (int64_t pulls = longest - 1; pulls >= 0; --pulls)
      for (int64_t paid = 0; paid <= pulls; ++paid) {
        const size_t i = static_cast<size_t>(paid);
        const double p = ArmRecord{paid, pulls - paid}.mean();
        const double go_on = p * (1 + discount * value[i + 1]) + (1 - p) * discount * value[i];
        if (pulls <= max_pulls && go_on <= stop) index_[place(pulls, paid)] = pay;
        value[i] = std::max(stop, go_on);
      }
  }
}

double GittinsTable::index(const ArmRecord& arm) const {
  ENSURE(arm.pulls() <= max_pulls_, "Gittins table: expected at most ", max_pulls_, " pulls of an arm, got ",
         arm.pulls());
  return index_[place(arm.pulls(), arm.paid)];
}

int64_t GittinsTable::arm(const ArmRecords& arms, Rng& rng) const {
  return best_arm(arms, rng, [&](const ArmRecord& arm) { return index(arm); });
}

double play_bandit(const BanditConfig& config, int64_t pulls, const ArmPolicy& policy, const Rng& rng) {
  Bandit bandit(config);
  bandit.draw_task(rng.stream("task"));
  Rng choices = rng.stream("policy");
  ArmRecords arms(static_cast<size_t>(config.arms));
  double total = 0;
  for (int64_t i = 0; i < pulls; ++i) {
    bandit.reset(rng.stream("episode").stream(static_cast<uint64_t>(i)));
    const int64_t arm = policy(arms, choices);
    const Real action = static_cast<Real>(arm);
    const double reward = bandit.step({&action, 1}).reward;
    ++(reward > 0 ? arms[static_cast<size_t>(arm)].paid : arms[static_cast<size_t>(arm)].failed);
    total += reward;
  }
  return total;
}

}  // namespace fewer
