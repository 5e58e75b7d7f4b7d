#include "datasets/tasks/distributions.h"

#include <cmath>

namespace fewer {

// Marsaglia and Tsang 2000, "A Simple Method for Generating Gamma Variables": a cubed normal, accepted almost always.
double draw_gamma(double shape, Rng& rng) {
  const double d = shape - 1.0 / 3, c = 1 / std::sqrt(9 * d);
  while (true) {
    const double x = rng.normal(), root = 1 + c * x;
    if (root <= 0) continue;
    const double v = root * root * root;
    if (std::log(1 - rng.uniform()) < x * x / 2 + d - d * v + d * std::log(v)) return d * v;
  }
}

double draw_beta(double a, double b, Rng& rng) {
  const double x = draw_gamma(a, rng), y = draw_gamma(b, rng);
  return x / (x + y);
}

std::vector<double> draw_dirichlet(std::span<const double> weights, Rng& rng) {
  std::vector<double> shares;
  double sum = 0;
  for (const double weight : weights) sum += shares.emplace_back(draw_gamma(weight, rng));
  for (double& share : shares) share /= sum;
  return shares;
}

}  // namespace fewer
