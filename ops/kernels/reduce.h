// Folding axes away, repeating along axes, and running sums, on pointers.
#pragma once

#include <cstdint>

#include "core/shape.h"
#include "ops/kernels/isa/elementwise_table.h"

namespace fewer::kernels {

// A set of axes: bit i stands for axis i.
using AxisSet = uint32_t;

// y = x[x_shape] folded over `axes`; y holds the remaining axes in order. The order of the additions depends on the
// sizes alone.
// REQUIRES: for kMax and kMin, no folded axis of size 0 (the sum of nothing is 0).
void fold(Fold fold, const Real* x, const Shape& x_shape, AxisSet axes, Real* y);

// The other way round: y[y_shape] repeats x, which holds the axes of y that are not in `axes`, along `axes`.
void repeat(const Real* x, Real* y, const Shape& y_shape, AxisSet axes);

// y[o, t, i] = sum of x[o, s, i] over s <= t (s >= t when `reverse`), for x and y [outer, length, inner].
void cumulative_sum(const Real* x, Real* y, int64_t outer, int64_t length, int64_t inner, bool reverse);

}  // namespace fewer::kernels
