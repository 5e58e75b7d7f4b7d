// Dense matrix products by OpenBLAS, held to one thread.
//
// OpenBLAS chooses its kernels by size and by thread count, so a product it splits itself has other bits with two threads
// than with one. Here it always runs on the calling thread and never splits; parallel products are cut by our own
// callers into pieces that depend on the sizes alone (ops/kernels/gemm.cpp).
//
// Matrices are row-major. A leading dimension is the distance, in elements, from one row to the next.
#pragma once

#include <cstdint>

namespace fewer::blas {

// C[m,n] = op(A)[m,k] op(B)[k,n], plus what C held when `accumulate`. op(A) is A[m,k], or the transpose of A[k,m] when
// `transpose_a`; lda is the leading dimension of A as it is stored. The same for B.
struct Product {
  int64_t m, n, k;
  bool transpose_a, transpose_b, accumulate;
  int64_t lda, ldb, ldc;
};
void gemm(const float* a, const float* b, float* c, const Product& p);
void gemm(const double* a, const double* b, double* c, const Product& p);

// y = op(A) x, plus what y held when `accumulate`. A is stored as [rows, cols].
void gemv(const float* a, const float* x, float* y, int64_t rows, int64_t cols, int64_t lda, bool transpose, bool accumulate);
void gemv(const double* a, const double* x, double* y, int64_t rows, int64_t cols, int64_t lda, bool transpose, bool accumulate);

// While one lives, OpenBLAS runs on the calling thread only. The functions above hold one; whoever calls LAPACK holds one too. Costs
// some nanoseconds.
class OneThread {
 public:
  OneThread();
  ~OneThread();
  OneThread(const OneThread&) = delete;
  OneThread& operator=(const OneThread&) = delete;

 private:
  int omp_threads_;
};

// Whether several threads may call at the same time. The serial build of OpenBLAS is not safe that way (it shares one
// buffer and gives wrong sums), so pieces of a product then run one after another.
bool concurrent();

}  // namespace fewer::blas
