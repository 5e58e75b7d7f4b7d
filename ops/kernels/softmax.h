// Softmax, log-softmax and cross entropy over rows of [rows, columns], on pointers.
#pragma once

#include <cstdint>

#include "core/real.h"

namespace fewer::kernels {

struct RowSizes {
  int64_t rows, columns;
};

void softmax(const Real* x, Real* y, RowSizes sizes);
void log_softmax(const Real* x, Real* y, RowSizes sizes);
// Gradients of the two from the gradient g of the output and the output y.
void softmax_grad(const Real* g, const Real* y, Real* d, RowSizes sizes);
void log_softmax_grad(const Real* g, const Real* y, Real* d, RowSizes sizes);

// The losses keep for their gradients the log-sum-exp of every row in two parts, `sums` [2, rows]: first the largest
// element of each row, then the log of the sum of exponentials of differences to it.

// loss[r] = -log softmax(x)[r, labels[r]]; fills `sums`. REQUIRES: labels in [0, columns)
void cross_entropy(const Real* x, const int32_t* labels, Real* loss, Real* sums, RowSizes sizes);
// d[r, c] = g[r] (softmax(x)[r, c] - [c == labels[r]])
void cross_entropy_grad(const Real* x, const int32_t* labels, const Real* sums, const Real* g, Real* d, RowSizes sizes);

// loss[r] = -sum_c targets[r, c] log softmax(x)[r, c]; fills `sums`.
void soft_cross_entropy(const Real* x, const Real* targets, Real* loss, Real* sums, RowSizes sizes);
// d[r, c] = g[r] (softmax(x)[r, c] sum_k targets[r, k] - targets[r, c])
void soft_cross_entropy_grad(const Real* x, const Real* targets, const Real* sums, const Real* g, Real* d,
                             RowSizes sizes);

}  // namespace fewer::kernels
