// Matrix: a small dense matrix of doubles, for linear algebra (core/linalg.h). Row-major, a value; sizes may be 0.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <ostream>
#include <span>
#include <vector>

#include "core/tensor.h"

namespace fewer::linalg {

class Matrix {
 public:
  Matrix() = default;
  Matrix(int64_t rows, int64_t cols, double value = 0);
  Matrix(int64_t rows, int64_t cols, std::initializer_list<double> values);  // row-major
  static Matrix identity(int64_t n);
  static Matrix diagonal(std::span<const double> values);
  static Matrix from(const Tensor& x);  // [M, N], or [N] as a column [N, 1]

  int64_t rows() const { return rows_; }
  int64_t cols() const { return cols_; }
  double& operator()(int64_t i, int64_t j) { return values_[static_cast<size_t>(i * cols_ + j)]; }
  double operator()(int64_t i, int64_t j) const { return values_[static_cast<size_t>(i * cols_ + j)]; }
  double* data() { return values_.data(); }
  const double* data() const { return values_.data(); }
  std::span<const double> values() const { return values_; }

  Matrix transposed() const;
  Matrix rows_between(int64_t begin, int64_t end) const;     // a copy
  Matrix columns_between(int64_t begin, int64_t end) const;  // a copy
  Tensor tensor() const;                                     // [rows, cols], rounded to Real

 private:
  int64_t rows_ = 0, cols_ = 0;
  std::vector<double> values_;
};

// Streams the size of a matrix into a message: "[3, 4]".
struct Size {
  const Matrix& matrix;
};
std::ostream& operator<<(std::ostream& out, const Size& size);

}  // namespace fewer::linalg
