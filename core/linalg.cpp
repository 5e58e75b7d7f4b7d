// LAPACK is a Fortran library: arguments by address, matrices column-major. A row-major matrix [M, N] is, byte for
// byte, the column-major matrix of its transpose [N, M]; most routines below are therefore asked about the transpose
// instead of being handed a copy, and each says how its answer reads in our terms.
#include "core/linalg.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <mutex>

#include "core/blas.h"

extern "C" {
void dsyevd_(const char* jobz, const char* uplo, const int* n, double* a, const int* lda, double* w, double* work,
             const int* lwork, int* iwork, const int* liwork, int* info);
void dpotrf_(const char* uplo, const int* n, double* a, const int* lda, int* info);
void dpotrs_(const char* uplo, const int* n, const int* nrhs, const double* a, const int* lda, double* b,
             const int* ldb, int* info);
void dtrtrs_(const char* uplo, const char* trans, const char* diag, const int* n, const int* nrhs, const double* a,
             const int* lda, double* b, const int* ldb, int* info);
void dgesdd_(const char* jobz, const int* m, const int* n, double* a, const int* lda, double* s, double* u,
             const int* ldu, double* vt, const int* ldvt, double* work, const int* lwork, int* iwork, int* info);
void dgeqrf_(const int* m, const int* n, double* a, const int* lda, double* tau, double* work, const int* lwork,
             int* info);
void dorgqr_(const int* m, const int* n, const int* k, double* a, const int* lda, const double* tau, double* work,
             const int* lwork, int* info);
void dgesv_(const int* n, const int* nrhs, double* a, const int* lda, int* pivots, double* b, const int* ldb,
            int* info);
void dgelsd_(const int* m, const int* n, const int* nrhs, double* a, const int* lda, double* b, const int* ldb,
             double* s, const double* rcond, int* rank, double* work, const int* lwork, int* iwork, int* info);
}

namespace fewer::linalg {
namespace {

// One call at a time, on one thread: the serial build of OpenBLAS is not safe otherwise, and a factorisation that
// splits itself has other bits with two threads than with one.
class LapackScope {
 public:
  LapackScope() : lock_(mutex()) {}

 private:
  static std::mutex& mutex() {
    static std::mutex one;
    return one;
  }
  std::lock_guard<std::mutex> lock_;
  blas::OneThread one_thread_;
};

int fortran(int64_t n) {
  ENSURE(n <= std::numeric_limits<int>::max(), "linalg: a size of ", n, " is beyond what LAPACK takes");
  return static_cast<int>(n);
}
int leading(int64_t n) { return std::max(1, fortran(n)); }  // LAPACK wants leading dimensions of at least 1

void ensure_finite(const char* where, const Matrix& a) {
  for (int64_t i = 0; i < a.rows(); ++i)
    for (int64_t j = 0; j < a.cols(); ++j)
      ENSURE(std::isfinite(a(i, j)), where, ": the matrix ", Size{a}, " holds ", a(i, j), " at (", i, ", ", j, ")");
}
void ensure_square(const char* where, const Matrix& a) {
  ENSURE(a.rows() == a.cols(), where, ": expected a square matrix, got ", Size{a});
  ensure_finite(where, a);
}
void ensure_rows(const char* where, const Matrix& a, const Matrix& b) {
  ENSURE(a.rows() == b.rows(), where, ": A ", Size{a}, " and B ", Size{b}, " need the same number of rows");
  ensure_finite(where, b);
}
void ensure_done(const char* routine, int info) {
  ENSURE(info == 0, routine, ": LAPACK did not converge (info ", info, "); scale the matrix or check its values");
}

// LAPACK's two-step call: `routine(work, lwork)` with lwork -1 writes the wanted size into work[0].
template <class Routine>
void with_workspace(Routine routine) {
  double wanted = 0;
  routine(&wanted, -1);
  const int size = std::max(1, static_cast<int>(wanted));
  std::vector<double> work(static_cast<size_t>(size));
  routine(work.data(), size);
}

}  // namespace

Matrix multiply(const Matrix& a, const Matrix& b, ProductOptions o) {
  const int64_t m = o.transpose_a ? a.cols() : a.rows(), k = o.transpose_a ? a.rows() : a.cols();
  const int64_t kb = o.transpose_b ? b.cols() : b.rows(), n = o.transpose_b ? b.rows() : b.cols();
  ENSURE(k == kb, "multiply: ", Size{a}, o.transpose_a ? " transposed" : "", " and ", Size{b},
         o.transpose_b ? " transposed" : "", " do not fit: inner sizes ", k, " and ", kb);
  Matrix c(m, n);
  if (m == 0 || n == 0 || k == 0) return c;
  const LapackScope scope;
  blas::gemm(a.data(), b.data(), c.data(), {m, n, k, o.transpose_a, o.transpose_b, false, a.cols(), b.cols(), n});
  return c;
}

// --- factorisations ---

SymmetricEigen symmetric_eigen(const Matrix& a) {
  ensure_square("symmetric_eigen", a);
  const int n = fortran(a.rows()), lda = leading(n);
  SymmetricEigen result{std::vector<double>(static_cast<size_t>(n)), a};
  if (n == 0) return result;
  std::vector<int> iwork(static_cast<size_t>(5 * n + 3));
  const int liwork = static_cast<int>(iwork.size());
  int info = 0;
  const LapackScope scope;
  with_workspace([&](double* work, int lwork) {  // our lower triangle is the upper one of the transpose
    dsyevd_("V", "U", &n, result.vectors.data(), &lda, result.values.data(), work, &lwork, iwork.data(), &liwork,
            &info);
  });
  ensure_done("symmetric_eigen", info);
  result.vectors = result.vectors.transposed();  // came as rows
  return result;
}

namespace {

// Factors A + ridge I in place; returns 0, or the order (from 1) of the leading minor that is not positive.
int factor_lower(Matrix& a, double ridge) {
  const int n = fortran(a.rows()), lda = leading(n);
  for (int64_t i = 0; i < n; ++i) {
    a(i, i) += ridge;
    std::fill(a.data() + i * n + i + 1, a.data() + (i + 1) * n, 0.0);
  }
  int info = 0;
  if (n == 0) return info;
  const LapackScope scope;
  dpotrf_("U", &n, a.data(), &lda, &info);
  return info;
}

}  // namespace

Cholesky::Cholesky(const Matrix& a, double ridge) : lower_(a), ridge_(ridge) {
  ensure_square("Cholesky", a);
  const int minor = factor_lower(lower_, ridge);
  ENSURE(minor == 0, "Cholesky: the matrix ", Size{a}, " is not positive definite with a ridge of ", ridge,
         " (leading minor ", minor, "); add a larger ridge");
}

Cholesky Cholesky::with_growing_ridge(const Matrix& a, double ridge, int attempts) {
  ensure_square("Cholesky", a);
  Cholesky result;
  for (int i = 0; i < attempts; ++i, ridge *= 10) {
    result.lower_ = a;
    result.ridge_ = ridge;
    if (factor_lower(result.lower_, ridge) == 0) return result;
  }
  fail("Cholesky: the matrix ", Size{a}, " is not positive definite even with a ridge of ", ridge / 10);
}

Matrix Cholesky::solve(const Matrix& b) const {
  ensure_rows("Cholesky::solve", lower_, b);
  Matrix columns = b.transposed();  // column-major B
  const int n = fortran(b.rows()), k = fortran(b.cols()), lda = leading(n);
  int info = 0;
  if (n == 0 || k == 0) return b;
  const LapackScope scope;
  dpotrs_("U", &n, &k, lower_.data(), &lda, columns.data(), &lda, &info);
  return columns.transposed();
}

Matrix Cholesky::solve_lower(const Matrix& b) const {
  ensure_rows("Cholesky::solve_lower", lower_, b);
  Matrix columns = b.transposed();
  const int n = fortran(b.rows()), k = fortran(b.cols()), lda = leading(n);
  int info = 0;
  if (n == 0 || k == 0) return b;
  const LapackScope scope;
  // L is the transpose of what LAPACK sees.
  dtrtrs_("U", "T", "N", &n, &k, lower_.data(), &lda, columns.data(), &lda, &info);
  return columns.transposed();
}

double Cholesky::log_determinant() const {
  double sum = 0;
  for (int64_t i = 0; i < lower_.rows(); ++i) sum += std::log(lower_(i, i));
  return 2 * sum;
}

Svd svd(const Matrix& a) {
  ensure_finite("svd", a);
  const int m = fortran(a.rows()), n = fortran(a.cols()), k = std::min(m, n);
  Svd result{Matrix(m, k), std::vector<double>(static_cast<size_t>(k)), Matrix(k, n)};
  if (k == 0) return result;
  // LAPACK sees A^T = V S U^T: its left vectors, column-major [N, K], are our V^T, row-major [K, N]; and likewise on
  // the right.
  Matrix scratch = a;
  std::vector<int> iwork(static_cast<size_t>(8 * k));
  int info = 0;
  const LapackScope scope;
  with_workspace([&](double* work, int lwork) {
    dgesdd_("S", &n, &m, scratch.data(), &n, result.values.data(), result.vt.data(), &n, result.u.data(), &k, work,
            &lwork, iwork.data(), &info);
  });
  ensure_done("svd", info);
  return result;
}

Qr qr(const Matrix& a) {
  ensure_finite("qr", a);
  const int m = fortran(a.rows()), n = fortran(a.cols()), k = std::min(m, n);
  Qr result{Matrix(m, k), Matrix(k, n)};
  if (k == 0) return result;
  Matrix columns = a.transposed();  // column-major A: row j here is column j of A
  std::vector<double> tau(static_cast<size_t>(k));
  int info = 0;
  const LapackScope scope;
  with_workspace(
      [&](double* work, int lwork) { dgeqrf_(&m, &n, columns.data(), &m, tau.data(), work, &lwork, &info); });
  for (int64_t i = 0; i < k; ++i)
    for (int64_t j = i; j < n; ++j) result.r(i, j) = columns(j, i);
  with_workspace(
      [&](double* work, int lwork) { dorgqr_(&m, &k, &k, columns.data(), &m, tau.data(), work, &lwork, &info); });
  result.q = columns.rows_between(0, k).transposed();
  for (int64_t i = 0; i < k; ++i) {  // LAPACK leaves the signs open
    if (result.r(i, i) >= 0) continue;
    for (int64_t j = i; j < n; ++j) result.r(i, j) = -result.r(i, j);
    for (int64_t row = 0; row < m; ++row) result.q(row, i) = -result.q(row, i);
  }
  return result;
}

// --- systems ---

Matrix solve(const Matrix& a, const Matrix& b) {
  ensure_square("solve", a);
  ensure_rows("solve", a, b);
  const int n = fortran(a.rows()), k = fortran(b.cols()), lda = leading(n);
  if (n == 0 || k == 0) return b;
  Matrix factors = a.transposed(), columns = b.transposed();  // column-major
  std::vector<int> pivots(static_cast<size_t>(n));
  int info = 0;
  const LapackScope scope;
  dgesv_(&n, &k, factors.data(), &lda, pivots.data(), columns.data(), &lda, &info);
  ENSURE(info == 0, "solve: the matrix ", Size{a}, " is singular (pivot ", info,
         " is 0); use least_squares or a ridge");
  return columns.transposed();
}

Matrix least_squares(const Matrix& a, const Matrix& b, double tolerance) {
  ensure_finite("least_squares", a);
  ensure_rows("least_squares", a, b);
  const int m = fortran(a.rows()), n = fortran(a.cols()), k = fortran(b.cols());
  if (m == 0 || n == 0 || k == 0) return Matrix(n, k);
  const int ldb = std::max(m, n);
  Matrix factors = a.transposed(), columns(k, ldb);  // column-major B [M, K], with room for X [N, K]
  for (int64_t i = 0; i < m; ++i)
    for (int64_t j = 0; j < k; ++j) columns(j, i) = b(i, j);
  std::vector<double> singular_values(static_cast<size_t>(std::min(m, n)));
  std::vector<int> iwork(static_cast<size_t>(std::min(m, n)) * 128);  // 3 * levels + 11 per row, with at most 31 levels
  int rank = 0, info = 0;
  const LapackScope scope;
  with_workspace([&](double* work, int lwork) {
    dgelsd_(&m, &n, &k, factors.data(), &m, columns.data(), &ldb, singular_values.data(), &tolerance, &rank, work,
            &lwork, iwork.data(), &info);
  });
  ensure_done("least_squares", info);
  return columns.columns_between(0, n).transposed();
}

Matrix ridge_regression(const Matrix& a, const Matrix& b, double ridge) {
  ensure_finite("ridge_regression", a);
  ensure_rows("ridge_regression", a, b);
  const Matrix gram = multiply(a, a, {.transpose_a = true});
  return Cholesky(gram, ridge).solve(multiply(a, b, {.transpose_a = true}));
}

}  // namespace fewer::linalg
