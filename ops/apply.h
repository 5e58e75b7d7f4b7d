// Elementwise kernels on tensors, without recording: the building blocks of ops/elementwise*.cpp, ops/reduce.cpp and
// softmax.cpp.
#pragma once

#include "ops/kernels/elementwise.h"
#include "ops/ops.h"

namespace fewer {

// kernel(x; p, q), untracked. `op` names the caller in messages.
Tensor apply(const char* op, kernels::Unary kernel, const Tensor& x, Real p = 0, Real q = 0);

// kernel(a, b; p, q) with broadcasting, untracked.
Tensor apply(const char* op, kernels::Binary kernel, const Tensor& a, const Tensor& b, Real p = 0, Real q = 0);

// g times a factor that is locally constant in `reference` (a kernel of the "gates" in elementwise_table.h): the
// gradient of everything piecewise linear. Linear in g and its own adjoint, so it serves every order. `reference` is
// a constant for the gradient and broadcasts to g.
Tensor gate(kernels::Binary kernel, const Tensor& g, const Tensor& reference, Real p = 0, Real q = 0);

// Records that y is relu(x), whoever computed it: a kernel that rectifies as it stores calls this with the x that nobody
// stored. Its rule asks for the output, so a layer's input need not be kept for its activation.
Tensor record_relu(Tensor y, const Tensor& x);

}  // namespace fewer
