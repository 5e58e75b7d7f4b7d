// What is known to work on Bernoulli bandits: the hand-made policies that learned ones are measured against.
//
// All begin with no opinion, Beta(1, 1) on every arm, and break ties at random.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "core/rng.h"
#include "datasets/tasks/bandit.h"

namespace fewer {

// What an arm has shown so far.
struct ArmRecord {
  int64_t paid = 0, failed = 0;
  int64_t pulls() const { return paid + failed; }
  double mean() const { return (1.0 + static_cast<double>(paid)) / (2.0 + static_cast<double>(pulls())); }
};
using ArmRecords = std::vector<ArmRecord>;

int64_t random_arm(const ArmRecords& arms, Rng& rng);
int64_t greedy_arm(const ArmRecords& arms, Rng& rng);                         // the best mean
int64_t epsilon_greedy_arm(const ArmRecords& arms, double epsilon, Rng& rng);  // random now and then
int64_t thompson_arm(const ArmRecords& arms, Rng& rng);                       // the best of one sample per posterior
// Upper confidence bound: mean + scale * sqrt(2 ln t / (2 + pulls)), t the number of this pull. (10, 5) and (100, 5)
// want a scale of 0.2; the textbook's 1 explores too much.
int64_t ucb1_arm(const ArmRecords& arms, double scale, Rng& rng);

// Gittins' index: the certain pay per pull for which one would give an arm up, when a reward t pulls ahead counts
// discount^t. Playing the highest index is optimal for endless discounted play.
//
// By calibration: for each of a grid of certain pays, dynamic programming over all records of up to `horizon` pulls, at
// the end of which the arm is taken to pay its mean for ever.
class GittinsTable {
 public:
  GittinsTable(int64_t max_pulls, double discount = 0.99, int64_t horizon = 300);
  double index(const ArmRecord& arm) const;  // throws when it was pulled more than max_pulls times
  int64_t arm(const ArmRecords& arms, Rng& rng) const;

 private:
  int64_t max_pulls_;
  std::vector<double> index_;  // by pulls, then by how many of them paid
};

// Total reward of one trial of `pulls` pulls of a fresh bandit.
using ArmPolicy = std::function<int64_t(const ArmRecords&, Rng&)>;
double play_bandit(const BanditConfig& config, int64_t pulls, const ArmPolicy& policy, const Rng& rng);

}  // namespace fewer
