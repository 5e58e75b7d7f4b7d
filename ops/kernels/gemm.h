// Matrix products of any size and shape, on pointers. Row-major.
//
// The bits of a result depend on the sizes, the instruction set (ops/kernels/isa.h) and the BLAS alone, never on the
// number of threads.
#pragma once

#include <cstdint>

#include "ops/kernels/epilogue.h"

namespace fewer::kernels {

// C[m,n] = op(A)[m,k] op(B)[k,n], plus what C held when `accumulate`.
// op(A) is A[m,k], or the transpose of A[k,m] when `transpose_a`; likewise B[k,n] or B[n,k].
// A leading dimension is the distance from one stored row to the next; 0 stands for the width of the row (no gaps).
// Any size may be 0: k = 0 gives zeros (or leaves C as it is when accumulating).
struct GemmSizes {
  int64_t m = 0, n = 0, k = 0;
  bool transpose_a = false, transpose_b = false;
  bool accumulate = false;
  int64_t lda = 0, ldb = 0, ldc = 0;
};

// Then the epilogue, if any. REQUIRES: C overlaps neither A nor B.
void gemm(const float* a, const float* b, float* c, const GemmSizes& sizes, const Epilogue<float>& end = {});
void gemm(const double* a, const double* b, double* c, const GemmSizes& sizes, const Epilogue<double>& end = {});

// `batch` products of the same sizes; matrix i of A starts at a + i * stride_a, and so on. A stride of 0 shares the matrix (A, B).
void gemm_batched(const float* a, const float* b, float* c, const GemmSizes& sizes, int64_t batch, int64_t stride_a,
                  int64_t stride_b, int64_t stride_c);
void gemm_batched(const double* a, const double* b, double* c, const GemmSizes& sizes, int64_t batch, int64_t stride_a,
                  int64_t stride_b, int64_t stride_c);

}  // namespace fewer::kernels
