// Dense linear algebra in double, over OpenBLAS's LAPACK.
//
// For the places where a method solves instead of descends: orthogonal initialisation (QR), ZCA (symmetric eigen),
// layer reconstruction after pruning (least squares), kernel decomposition (SVD), Gaussian processes (Cholesky). Not
// differentiable. Sizes in brackets; any of them may be 0.
//
// Every function throws when shapes do not fit or when a value is not finite, naming itself and the place. Safe to call
// from several threads; the same bits at any number of them.
#pragma once

#include <cstdint>
#include <vector>

#include "core/matrix.h"

namespace fewer::linalg {

struct ProductOptions {
  bool transpose_a = false;
  bool transpose_b = false;
};
Matrix multiply(const Matrix& a, const Matrix& b, ProductOptions options = {});  // [M, K] x [K, N] -> [M, N]

// A = V diag(values) V^T for a symmetric A [N, N]; only the lower triangle is read.
struct SymmetricEigen {
  std::vector<double> values;  // ascending
  Matrix vectors;              // [N, N], column j belongs to values[j]
};
SymmetricEigen symmetric_eigen(const Matrix& a);

// A = L L^T for a symmetric positive definite A [N, N]; only the lower triangle is read.
class Cholesky {
 public:
  // Factors A + ridge I. Throws when that is not positive definite.
  explicit Cholesky(const Matrix& a, double ridge = 0);
  // Multiplies the ridge by 10 until the factorisation succeeds, at most `attempts` times; then throws.
  static Cholesky with_growing_ridge(const Matrix& a, double ridge, int attempts = 6);

  const Matrix& lower() const { return lower_; }
  double ridge() const { return ridge_; }         // what was added to the diagonal
  Matrix solve(const Matrix& b) const;            // X with (A + ridge I) X = B [N, K]
  Matrix solve_lower(const Matrix& b) const;      // X with L X = B: whitening, predictive variances
  double log_determinant() const;                 // of A + ridge I

 private:
  Cholesky() = default;
  Matrix lower_;  // [N, N], zeros above the diagonal
  double ridge_ = 0;
};

// A = U diag(values) V^T, thin: A [M, N], K = min(M, N).
struct Svd {
  Matrix u;                    // [M, K]
  std::vector<double> values;  // descending
  Matrix vt;                   // [K, N]
};
Svd svd(const Matrix& a);

// A = Q R, thin: A [M, N], K = min(M, N). The diagonal of R is not negative, which makes the factors of a full-rank A
// unique (and Q of a random normal matrix uniformly distributed over the orthogonal ones).
struct Qr {
  Matrix q;  // [M, K], orthonormal columns
  Matrix r;  // [K, N], zeros below the diagonal
};
Qr qr(const Matrix& a);

// X with A X = B: A [N, N], B [N, K] -> [N, K]. Throws when A is singular.
Matrix solve(const Matrix& a, const Matrix& b);

// X of least |X| among those that minimise |A X - B|: A [M, N], B [M, K] -> [N, K]. Singular values below `tolerance`
// times the largest count as 0 (a negative tolerance: machine precision).
Matrix least_squares(const Matrix& a, const Matrix& b, double tolerance = -1);
// X minimising |A X - B|^2 + ridge |X|^2, by Cholesky on the normal equations. REQUIRES: ridge > 0, or A of full column
// rank.
Matrix ridge_regression(const Matrix& a, const Matrix& b, double ridge);

}  // namespace fewer::linalg
