// The loops over single elements, sums and classes that are compiled once per instruction set, as a table of functions.
//
// Plain structs only: both sides include this header. The functions start no threads; the drivers in
// ops/kernels/elementwise.cpp, reduce.cpp and softmax.cpp cut the work into pieces. All of them work on Real, so the
// double build has the same table: vector arithmetic of the same code, and libm where the float build has polynomials
// of its own.
#pragma once

#include <cstdint>

#include "core/real.h"

namespace fewer::kernels {

// y = f(x; p, q)
enum class Unary : int {
  kAddScalar,    // x + p
  kMulScalar,    // x * p
  kNeg,
  kReciprocal,
  kExp,
  kLog,
  kLog1p,
  kSqrt,
  kSquare,
  kPow,          // x^p
  kAbs,
  kSin,
  kCos,
  kTanh,
  kSigmoid,
  kRelu,
  kLeakyRelu,    // p * x for x < 0
  kSoftplus,
  kClamp,        // to [p, q]
  kSign,         // -1, 0, 1
  kSignNonzero,  // -1, 1; +1 at 0
  kCount
};

// y = f(a, b; p, q)
enum class Binary : int {
  kAdd,
  kSub,
  kMul,
  kDiv,
  kMax,
  kMin,
  kGreater,       // 1 or 0
  kGreaterEqual,
  kEqual,
  kShareOfMax,    // 1 where a is the larger, 1/2 where they tie, 0 elsewhere: the derivative of max(a, b) by a
  kMulScaled,     // p * a * b
  kBinaryCrossEntropy,  // log(1 + e^a) - a b: logit a, target b
  // Gradients: a is the gradient of the output. Of y = f(x) with y given as b ...
  kTanhGrad,
  kSigmoidGrad,
  kSqrtGrad,
  // ... or with x given as b.
  kSoftplusGrad,
  // Gates: a times a factor that is locally constant in b.
  kIfPositive,    // relu by its output
  kLeaky,         // 1 where b > 0, else p
  kIfInside,      // where p <= b <= q
  kIfNonzero,
  kIfZero,
  kTimesSign,
  kCount
};

// rows x columns of a broadcast: element (r, c) of an operand is at r * row_stride + c * column_stride, with a column
// stride of 1 or 0 (the same number all along the row). y is dense.
struct BinaryBlock {
  const Real* a;
  const Real* b;
  Real* y;
  int64_t rows, columns;
  int64_t a_row_stride, a_column_stride;
  int64_t b_row_stride, b_column_stride;
  Real p, q;
};

// What is accumulated along an axis. kSum and kSumSquares of long rows are accumulated in double beyond a few
// thousand elements.
enum class Fold : int { kSum, kSumSquares, kMax, kMin, kCount };

struct ElementwiseTable {
  void (*unary[static_cast<int>(Unary::kCount)])(const Real* x, Real* y, int64_t n, Real p, Real q);
  // Both of one shape, and with broadcasting.
  void (*binary[static_cast<int>(Binary::kCount)])(const Real* a, const Real* b, Real* y, int64_t n, Real p, Real q);
  void (*broadcast[static_cast<int>(Binary::kCount)])(const BinaryBlock& block);
};

struct FoldTable {
  // The fold of x[0..n).
  double (*row[static_cast<int>(Fold::kCount)])(const Real* x, int64_t n);
  // y[c] = the fold of x[r * row_stride + c] over r in [0, rows). REQUIRES: row_stride == columns where columns < 16
  void (*columns[static_cast<int>(Fold::kCount)])(const Real* x, int64_t row_stride, Real* y, int64_t rows,
                                                  int64_t columns);
};

// Rows of [rows, columns].
struct SoftmaxTable {
  void (*softmax)(const Real* x, Real* y, int64_t rows, int64_t columns);
  void (*log_softmax)(const Real* x, Real* y, int64_t rows, int64_t columns);
  // log sum_c exp(x[r, c]) = shift[r] + log_sum[r], with shift the largest x: kept apart, for the digits of what is
  // computed from it
  void (*log_sum_exp)(const Real* x, Real* shift, Real* log_sum, int64_t rows, int64_t columns);
  // d[r, c] = y[r, c] * (g[r, c] - sum over c of g y):  the gradient of softmax from its output y
  void (*softmax_grad)(const Real* g, const Real* y, Real* d, int64_t rows, int64_t columns);
  // d[r, c] = g[r, c] - exp(y[r, c]) * sum over c of g:  the gradient of log_softmax from its output y
  void (*log_softmax_grad)(const Real* g, const Real* y, Real* d, int64_t rows, int64_t columns);
  // y[r, c] = scale[r] * softmax(x)[r, c]
  void (*scaled_softmax)(const Real* x, const Real* shift, const Real* log_sum, const Real* scale, Real* y,
                         int64_t rows, int64_t columns);
  // loss[r] = -sum_c targets[r, c] log_softmax(x)[r, c]; a target of 0 counts as 0 whatever x
  void (*soft_cross_entropy)(const Real* x, const Real* targets, const Real* shift, const Real* log_sum, Real* loss,
                             int64_t rows, int64_t columns);
};

}  // namespace fewer::kernels
