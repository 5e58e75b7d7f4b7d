// Draws from the distributions that random tasks and posteriors over them need.
#pragma once

#include <span>
#include <vector>

#include "core/rng.h"

namespace fewer {

double draw_gamma(double shape, Rng& rng);                                      // scale 1. REQUIRES: shape >= 1
double draw_beta(double a, double b, Rng& rng);                                 // REQUIRES: a, b >= 1
std::vector<double> draw_dirichlet(std::span<const double> weights, Rng& rng);  // REQUIRES: every weight >= 1

}  // namespace fewer
