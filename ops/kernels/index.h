// Choosing elements by index, and adding them back.
#pragma once

#include <cstdint>

#include "core/real.h"

namespace fewer::kernels {

// A tensor seen as [outer, size, inner]; `chosen` is the number of indices.
struct RowSizes {
  int64_t outer = 1, size = 0, chosen = 0, inner = 1;
};

// REQUIRES everywhere: 0 <= index < size. The adding kernels add to what `out` holds, repeated indices in their order.

// out [outer, chosen, inner]:  out[o, i, :] = x[o, index[i], :].   x [outer, size, inner]
void gather(const Real* x, const int32_t* index, Real* out, const RowSizes& s);
// out [outer, size, inner]:  out[o, index[i], :] += rows[o, i, :].   rows [outer, chosen, inner]
void scatter_add(const Real* rows, const int32_t* index, Real* out, const RowSizes& s);
// out [outer, chosen]:  out[o, i] = x[o, index[o, i]].   x [outer, size]; inner is not used
void take_along(const Real* x, const int32_t* index, Real* out, const RowSizes& s);
// out [outer, size]:  out[o, index[o, i]] += values[o, i].   values [outer, chosen]
void add_along(const Real* values, const int32_t* index, Real* out, const RowSizes& s);

}  // namespace fewer::kernels
