// Pooling over windows of an image plane, on pointers.
//
//   x [N, H, W, C]  ->  y [N, H', W', C];  window (h', w') covers rows h' stride_h - pad_top ... + kernel_h - 1, and
//   columns likewise.
// Places outside the image never win a maximum nor count in a mean. REQUIRES: every window holds at least one place
// inside.
#pragma once

#include <cstdint>

#include "core/real.h"

namespace fewer::kernels {

struct PoolSizes {
  int64_t batch = 0, height = 0, width = 0, channels = 0;  // N H W C
  int64_t out_height = 0, out_width = 0;                   // H' W'
  int64_t kernel_h = 0, kernel_w = 0, stride_h = 1, stride_w = 1;
  int64_t pad_top = 0, pad_left = 0;  // below and to the right windows simply end
  bool disjoint() const { return stride_h >= kernel_h && stride_w >= kernel_w; }  // no pixel lies in two windows
};

// The largest element of each window, the first of equals; a NaN wins. `index` [N, H', W', C], when not null, receives
// the place of the winner in its plane, h * W + w. With `relu` no element is below 0, and where that closes the window
// nobody has won: the place is -1.
void max_pool2d(const Real* x, Real* y, int32_t* index, bool relu, const PoolSizes& s);
// Its adjoint, given the places: g at the places of the winners (added up where windows overlap), 0 elsewhere. And the
// adjoint of that: the elements at those places, 0 where nobody has won.
void max_pool2d_scatter(const Real* g, const int32_t* index, Real* dx, const PoolSizes& s);
void max_pool2d_gather(const Real* x, const int32_t* index, Real* y, const PoolSizes& s);

// The mean of each window; and its adjoint: each place of a window receives an equal share of g.
void average_pool2d(const Real* x, Real* y, const PoolSizes& s);
void average_pool2d_adjoint(const Real* g, Real* dx, const PoolSizes& s);

}  // namespace fewer::kernels
