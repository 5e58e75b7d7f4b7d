#include "core/linalg.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/parallel.h"
#include "core/rng.h"

using namespace fewer;
using linalg::Matrix;

namespace {

Matrix random_matrix(int64_t rows, int64_t cols, uint64_t seed) {
  Rng rng(seed);
  Matrix result(rows, cols);
  for (int64_t i = 0; i < rows * cols; ++i) result.data()[i] = rng.normal();
  return result;
}

// G G^T + I.
Matrix random_positive_definite(int64_t n, uint64_t seed) {
  const Matrix g = random_matrix(n, n, seed);
  Matrix a = multiply(g, g, {.transpose_b = true});
  for (int64_t i = 0; i < n; ++i) a(i, i) += 1;
  return a;
}

double distance(const Matrix& a, const Matrix& b) {
  REQUIRE(a.rows() == b.rows());
  REQUIRE(a.cols() == b.cols());
  double worst = 0;
  for (size_t i = 0; i < a.values().size(); ++i) worst = std::max(worst, std::abs(a.values()[i] - b.values()[i]));
  return worst;
}

double distance_from_orthonormal_columns(const Matrix& q) {
  return distance(multiply(q, q, {.transpose_a = true}), Matrix::identity(q.cols()));
}

constexpr double kClose = 1e-11;
constexpr int64_t kSizes[][2] = {{1, 1},   {1, 7},   {7, 1},   {3, 3}, {5, 3}, {3, 5},
                                 {31, 17}, {17, 31}, {64, 65}, {0, 0}, {0, 3}, {3, 0}};

}  // namespace

TEST_CASE("linalg: multiply agrees with the sum of products under every transposition") {
  const Matrix a = random_matrix(5, 3, 1), b = random_matrix(3, 7, 2);
  Matrix expected(5, 7);
  for (int64_t i = 0; i < 5; ++i)
    for (int64_t j = 0; j < 7; ++j)
      for (int64_t k = 0; k < 3; ++k) expected(i, j) += a(i, k) * b(k, j);
  const Matrix at = a.transposed(), bt = b.transposed();
  CHECK(distance(multiply(a, b), expected) < kClose);
  CHECK(distance(multiply(at, b, {.transpose_a = true}), expected) < kClose);
  CHECK(distance(multiply(a, bt, {.transpose_b = true}), expected) < kClose);
  CHECK(distance(multiply(at, bt, {.transpose_a = true, .transpose_b = true}), expected) < kClose);
  CHECK(distance(multiply(Matrix(2, 0), Matrix(0, 3)), Matrix(2, 3)) == 0);
  CHECK_THROWS_WITH(multiply(a, a), doctest::Contains("multiply: [5, 3] and [5, 3] do not fit"));
}

TEST_CASE("linalg: symmetric eigen rebuilds the matrix from ascending values") {
  for (const int64_t n : {0, 1, 2, 13, 40}) {
    const Matrix g = random_matrix(n, n, 3);
    Matrix a(n, n);
    for (int64_t i = 0; i < n; ++i)
      for (int64_t j = 0; j < n; ++j) a(i, j) = g(i, j) + g(j, i);
    const linalg::SymmetricEigen e = linalg::symmetric_eigen(a);
    CHECK(distance_from_orthonormal_columns(e.vectors) < kClose);
    CHECK(std::is_sorted(e.values.begin(), e.values.end()));
    CHECK(distance(multiply(multiply(e.vectors, Matrix::diagonal(e.values)), e.vectors, {.transpose_b = true}), a) <
          kClose);
  }
}

TEST_CASE("linalg: symmetric eigen reads the lower triangle only") {
  const linalg::SymmetricEigen e = linalg::symmetric_eigen(Matrix(2, 2, {2, 99, 1, 2}));
  CHECK(e.values[0] == doctest::Approx(1));
  CHECK(e.values[1] == doctest::Approx(3));
}

TEST_CASE("linalg: Cholesky factors, solves and knows the determinant") {
  for (const int64_t n : {0, 1, 3, 29}) {
    const Matrix a = random_positive_definite(n, 4), b = random_matrix(n, 5, 5);
    const linalg::Cholesky c(a);
    CHECK(distance(multiply(c.lower(), c.lower(), {.transpose_b = true}), a) < 1e-10);
    CHECK(distance(multiply(a, c.solve(b)), b) < 1e-10);
    CHECK(distance(multiply(c.lower(), c.solve_lower(b)), b) < 1e-10);
    double log_determinant = 0;
    for (const double value : linalg::symmetric_eigen(a).values) log_determinant += std::log(value);
    CHECK(c.log_determinant() == doctest::Approx(log_determinant));
  }
}

TEST_CASE("linalg: Cholesky has zeros above the diagonal and reads the lower triangle only") {
  const linalg::Cholesky c(Matrix(2, 2, {4, 99, 2, 5}));
  CHECK(distance(c.lower(), Matrix(2, 2, {2, 0, 1, 2})) < kClose);
}

TEST_CASE("linalg: Cholesky refuses a matrix that is not positive definite, and a ridge mends it") {
  const Matrix indefinite(2, 2, {1, 2, 2, 1});  // eigenvalues 3 and -1
  CHECK_THROWS_WITH(linalg::Cholesky{indefinite}, doctest::Contains("not positive definite"));
  CHECK_NOTHROW(linalg::Cholesky(indefinite, 1.5));
  const linalg::Cholesky grown = linalg::Cholesky::with_growing_ridge(indefinite, 0.02);
  CHECK(grown.ridge() == doctest::Approx(2));
  CHECK(distance(multiply(grown.lower(), grown.lower(), {.transpose_b = true}), Matrix(2, 2, {3, 2, 2, 3})) < kClose);
  CHECK_THROWS_WITH(linalg::Cholesky::with_growing_ridge(indefinite, 1e-9, 3),
                    doctest::Contains("even with a ridge of 1e-07"));
}

TEST_CASE("linalg: SVD rebuilds matrices of every form") {
  for (const auto& [m, n] : kSizes) {
    const Matrix a = random_matrix(m, n, 6);
    const linalg::Svd s = linalg::svd(a);
    CHECK(s.u.cols() == std::min(m, n));
    CHECK(distance_from_orthonormal_columns(s.u) < kClose);
    CHECK(distance_from_orthonormal_columns(s.vt.transposed()) < kClose);
    CHECK(std::is_sorted(s.values.rbegin(), s.values.rend()));
    CHECK(distance(multiply(multiply(s.u, Matrix::diagonal(s.values)), s.vt), a) < kClose);
  }
}

TEST_CASE("linalg: SVD shows the rank") {
  const Matrix a = multiply(random_matrix(9, 2, 7), random_matrix(2, 6, 8));
  const linalg::Svd s = linalg::svd(a);
  CHECK(s.values[1] > 1e-3);
  for (int i = 2; i < 6; ++i) CHECK(s.values[i] < 1e-12);
  CHECK(linalg::svd(Matrix(3, 2)).values[0] == 0);
}

TEST_CASE("linalg: QR rebuilds matrices of every form with a diagonal that is not negative") {
  for (const auto& [m, n] : kSizes) {
    const Matrix a = random_matrix(m, n, 9);
    const linalg::Qr f = linalg::qr(a);
    CHECK(distance_from_orthonormal_columns(f.q) < kClose);
    CHECK(distance(multiply(f.q, f.r), a) < kClose);
    for (int64_t i = 0; i < f.r.rows(); ++i) {
      CHECK(f.r(i, i) >= 0);
      for (int64_t j = 0; j < i; ++j) CHECK(f.r(i, j) == 0);
    }
  }
}

TEST_CASE("linalg: QR of a rank-deficient matrix still has orthonormal columns") {
  const Matrix a = multiply(random_matrix(8, 2, 10), random_matrix(2, 5, 11));
  const linalg::Qr f = linalg::qr(a);
  CHECK(distance_from_orthonormal_columns(f.q) < kClose);
  CHECK(distance(multiply(f.q, f.r), a) < kClose);
}

TEST_CASE("linalg: solve inverts, and names a singular matrix") {
  for (const int64_t n : {0, 1, 4, 33}) {
    const Matrix a = random_matrix(n, n, 12), x = random_matrix(n, 3, 13);
    CHECK(distance(linalg::solve(a, multiply(a, x)), x) < 1e-9);
  }
  CHECK_THROWS_WITH(linalg::solve(Matrix(2, 2, {1, 2, 2, 4}), Matrix(2, 1)),
                    doctest::Contains("solve: the matrix [2, 2] is singular"));
  CHECK_THROWS_WITH(linalg::solve(Matrix(2, 3), Matrix(2, 1)),
                    doctest::Contains("expected a square matrix, got [2, 3]"));
  CHECK_THROWS_WITH(linalg::solve(Matrix(2, 2), Matrix(3, 1)), doctest::Contains("need the same number of rows"));
}

TEST_CASE("linalg: the residual of least squares is orthogonal to the columns") {
  for (const auto& [m, n] : kSizes) {
    const Matrix a = random_matrix(m, n, 14), b = random_matrix(m, 4, 15);
    const Matrix ax = multiply(a, linalg::least_squares(a, b));
    Matrix residual = b;
    for (int64_t i = 0; i < m * 4; ++i) residual.data()[i] -= ax.data()[i];
    CHECK(distance(multiply(a, residual, {.transpose_a = true}), Matrix(n, 4)) < 1e-10);
  }
}

TEST_CASE("linalg: least squares of a rank-deficient system gives the shortest solution") {
  const Matrix x = linalg::least_squares(Matrix(2, 2, {1, 1, 1, 1}), Matrix(2, 1, {2, 4}));  // x + y = 3 fits best
  CHECK(x(0, 0) == doctest::Approx(1.5));
  CHECK(x(1, 0) == doctest::Approx(1.5));
}

TEST_CASE("linalg: least squares ignores singular values below the tolerance") {
  const Matrix x = linalg::least_squares(Matrix(2, 2, {1, 0, 0, 1e-6}), Matrix(2, 1, {1, 1}), 1e-3);
  CHECK(x(0, 0) == doctest::Approx(1));
  CHECK(x(1, 0) == 0);
}

TEST_CASE("linalg: ridge regression tends to least squares and shrinks with the ridge") {
  const Matrix a = random_matrix(20, 4, 16), b = random_matrix(20, 2, 17);
  CHECK(distance(linalg::ridge_regression(a, b, 1e-12), linalg::least_squares(a, b)) < 1e-9);
  CHECK(distance(linalg::ridge_regression(a, b, 1e12), Matrix(4, 2)) < 1e-9);
}

TEST_CASE("linalg: values that are not finite are named with their place") {
  Matrix a = Matrix::identity(3);
  a(1, 2) = std::numeric_limits<double>::quiet_NaN();
  const auto message = [](const char* where) {
    return doctest::Contains((std::string(where) + ": the matrix [3, 3] holds nan at (1, 2)").c_str());
  };
  CHECK_THROWS_WITH(linalg::symmetric_eigen(a), message("symmetric_eigen"));
  CHECK_THROWS_WITH(linalg::Cholesky{a}, message("Cholesky"));
  CHECK_THROWS_WITH(linalg::svd(a), message("svd"));
  CHECK_THROWS_WITH(linalg::qr(a), message("qr"));
  CHECK_THROWS_WITH(linalg::solve(a, Matrix(3, 1)), message("solve"));
  CHECK_THROWS_WITH(linalg::least_squares(Matrix::identity(3), a), message("least_squares"));
}

TEST_CASE("linalg: matrices come from tensors and go back") {
  const Tensor x({2, 3}, {1, 2, 3, 4, 5, 6});
  const Matrix m = Matrix::from(x);
  CHECK(m(1, 0) == 4);
  CHECK(m.transposed().tensor().at({0, 1}) == 4);
  CHECK(Matrix::from(Tensor({3}, {1, 2, 3})).rows() == 3);
  CHECK_THROWS_WITH(Matrix::from(Tensor::zeros({2, 2, 2})), doctest::Contains("rank 1 or 2, got [2, 2, 2]"));
  CHECK_THROWS_WITH(Matrix(2, 2, {1, 2, 3}), doctest::Contains("[2, 2] needs 4 values, got 3"));
}

TEST_CASE("linalg: concurrent callers get the bits of a lone one") {
  const Matrix a = random_positive_definite(70, 18);
  const Matrix expected = linalg::symmetric_eigen(a).vectors;
  set_threads(3);
  std::vector<Matrix> found(6);
  parallel_chunks(6, [&](int64_t i) { found[static_cast<size_t>(i)] = linalg::symmetric_eigen(a).vectors; });
  for (const Matrix& vectors : found) CHECK(distance(vectors, expected) == 0);
}
