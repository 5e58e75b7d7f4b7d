#include "core/blas.h"

#include <cblas.h>
#include <omp.h>

namespace fewer::blas {
namespace {

CBLAS_TRANSPOSE flag(bool transpose) { return transpose ? CblasTrans : CblasNoTrans; }
blasint size(int64_t n) { return static_cast<blasint>(n); }

}  // namespace

// The flavour with its own threads obeys openblas_set_num_threads, once and for all. The OpenMP flavour takes the
// number from OpenMP at each call instead, so it is set to 1 around the call (it belongs to the calling thread alone).
OneThread::OneThread() : omp_threads_(omp_get_max_threads()) {
  static const bool held = (openblas_set_num_threads(1), true);
  static_cast<void>(held);
  if (omp_threads_ != 1) omp_set_num_threads(1);
}
OneThread::~OneThread() {
  if (omp_threads_ != 1) omp_set_num_threads(omp_threads_);
}

bool concurrent() { return openblas_get_parallel() != 0; }

void gemm(const float* a, const float* b, float* c, const Product& p) {
  const OneThread one;
  cblas_sgemm(CblasRowMajor, flag(p.transpose_a), flag(p.transpose_b), size(p.m), size(p.n), size(p.k), 1.0f, a, size(p.lda), b,
              size(p.ldb), p.accumulate ? 1.0f : 0.0f, c, size(p.ldc));
}
void gemm(const double* a, const double* b, double* c, const Product& p) {
  const OneThread one;
  cblas_dgemm(CblasRowMajor, flag(p.transpose_a), flag(p.transpose_b), size(p.m), size(p.n), size(p.k), 1.0, a, size(p.lda), b,
              size(p.ldb), p.accumulate ? 1.0 : 0.0, c, size(p.ldc));
}

void gemv(const float* a, const float* x, float* y, int64_t rows, int64_t cols, int64_t lda, bool transpose, bool accumulate) {
  const OneThread one;
  cblas_sgemv(CblasRowMajor, flag(transpose), size(rows), size(cols), 1.0f, a, size(lda), x, 1, accumulate ? 1.0f : 0.0f, y, 1);
}
void gemv(const double* a, const double* x, double* y, int64_t rows, int64_t cols, int64_t lda, bool transpose, bool accumulate) {
  const OneThread one;
  cblas_dgemv(CblasRowMajor, flag(transpose), size(rows), size(cols), 1.0, a, size(lda), x, 1, accumulate ? 1.0 : 0.0, y, 1);
}

}  // namespace fewer::blas
