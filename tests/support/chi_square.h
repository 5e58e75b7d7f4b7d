// Pearson's chi-square: are these counts plausible draws of categories with these expectations?
#pragma once

#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

namespace fewer::testing {

// How many standard deviations the statistic lies above what is usual. It has n - 1 degrees of freedom; its cube root
// is nearly normal (Wilson and Hilferty 1931). Fair draws give about 0, and more than kFair once in 300,000 times.
inline double chi_square_excess(std::span<const int64_t> counts, std::span<const double> expected) {
  double statistic = 0;
  for (size_t i = 0; i < counts.size(); ++i) {
    const double difference = static_cast<double>(counts[i]) - expected[i];
    statistic += difference * difference / expected[i];
  }
  const double freedom = static_cast<double>(counts.size()) - 1, variance = 2 / (9 * freedom);
  return (std::cbrt(statistic / freedom) - (1 - variance)) / std::sqrt(variance);
}

// The same for categories that should be equally frequent.
inline double chi_square_excess(std::span<const int64_t> counts) {
  double total = 0;
  for (const int64_t count : counts) total += static_cast<double>(count);
  return chi_square_excess(counts, std::vector<double>(counts.size(), total / static_cast<double>(counts.size())));
}

inline constexpr double kFair = 4.5;

}  // namespace fewer::testing
