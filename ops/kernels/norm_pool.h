// Batch norm and max pooling in one pass each way, on pointers (shapes as in ops/kernels/pool.h, map as in norm.h).
#pragma once

#include "ops/kernels/norm.h"
#include "ops/kernels/pool.h"

namespace fewer::kernels {

// y = the largest map(x) of each window, the first of equals. `winner`, when not null, receives the x that gave it.
// REQUIRES: where x holds a NaN, the factors of its channel are NaN (as its own statistics are).
//   x [N, H, W, C]  ->  y, winner [N, H', W', C]
void norm_max_pool(const Real* x, Real* y, Real* winner, const NormMap& map, const PoolSizes& s);

// dx = scale g' at the places that won, plus constant + slope (x - mean) everywhere, with g' = g or 0 where the relu was
// closed. REQUIRES: s.disjoint().  dx may be x itself.
void norm_max_pool_gradient_input(const Real* x, const Real* winner, const Real* g, const Real* constant,
                                  const Real* slope, Real* dx, const NormMap& map, const PoolSizes& s);

}  // namespace fewer::kernels
