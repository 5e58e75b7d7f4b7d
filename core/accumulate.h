// Adding up gradients: what core itself computes with tensors.
#pragma once

#include "core/tensor.h"

namespace fewer {

// a += b, for two tensors of one shape outside any graph. Written in place when nobody else holds `a`, else into a fresh tensor.
void accumulate(Tensor& a, const Tensor& b);

}  // namespace fewer
