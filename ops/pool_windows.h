// What pooling ops share (pool.cpp, norm_fused.cpp): their sizes, and the places of the largest elements.
#pragma once

#include <array>

#include "ops/kernels/pool.h"
#include "ops/ops.h"

namespace fewer {

using kernels::PoolSizes;

// Throws, naming `op`, when the windows do not fit x [N, H, W, C].
PoolSizes pool_sizes(const char* op, const Shape& x, const Pool2dOptions& options);
Shape pooled_shape(const PoolSizes& s);  // [N, H', W', C]
std::array<int64_t, 6> pool_attributes(const PoolSizes& s);

// Where in its plane, as h * W + w, the largest element of each window lies. [N, H', W', C], a constant.
IntTensor winners(const Tensor& x, const PoolSizes& s);
// g [N, H', W', C] at the places that won, zeros elsewhere. -> [N, H, W, C], with gradients of every order.
Tensor scatter_winners(const Tensor& g, const IntTensor& places, const PoolSizes& s);

}  // namespace fewer
