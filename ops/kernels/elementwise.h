// Elementwise loops on pointers, over several threads when there is enough to do.
#pragma once

#include <cstdint>

#include "core/shape.h"
#include "ops/kernels/isa/elementwise_table.h"

namespace fewer::kernels {

// The tables of the chosen instruction set.
const ElementwiseTable& elementwise_table();
const FoldTable& fold_table();
const SoftmaxTable& softmax_table();

// y[i] = op(x[i]; p, q). x and y are the same memory or do not overlap.
void unary(Unary op, const Real* x, Real* y, int64_t n, Real p = 0, Real q = 0);

// y[i] = op(a[i], b[i]; p, q)
void binary(Binary op, const Real* a, const Real* b, Real* y, int64_t n, Real p = 0, Real q = 0);

// The same with broadcasting: y has the shape broadcast_shape(a_shape, b_shape).
void binary(Binary op, const Real* a, const Shape& a_shape, const Real* b, const Shape& b_shape, Real* y,
            const Shape& y_shape, Real p = 0, Real q = 0);

// y[i] = condition[i] != 0 ? a[i] : b[i]
void select(const Real* condition, const Real* a, const Real* b, Real* y, int64_t n);

}  // namespace fewer::kernels
