// Pearson's chi-square: are these counts plausible draws of categories with these expectations?
#pragma once

#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

namespace fewer::testing {

// How many standard deviations the statistic lies above its mean: it has n - 1 degrees of freedom, hence mean n - 1 and
// variance 2 (n - 1). Fair draws give about 0; beyond 5 they are not fair.
inline double chi_square_excess(std::span<const int64_t> counts, std::span<const double> expected) {
  double statistic = 0;
  for (size_t i = 0; i < counts.size(); ++i) {
    const double difference = static_cast<double>(counts[i]) - expected[i];
    statistic += difference * difference / expected[i];
  }
  const double freedom = static_cast<double>(counts.size()) - 1;
  return (statistic - freedom) / std::sqrt(2 * freedom);
}

// The same for categories that should be equally frequent.
inline double chi_square_excess(std::span<const int64_t> counts) {
  double total = 0;
  for (const int64_t count : counts) total += static_cast<double>(count);
  return chi_square_excess(counts, std::vector<double>(counts.size(), total / static_cast<double>(counts.size())));
}

inline constexpr double kFair = 5;

}  // namespace fewer::testing
