#include "core/matrix.h"

#include <algorithm>

namespace fewer::linalg {

Matrix::Matrix(int64_t rows, int64_t cols, double value) : rows_(rows), cols_(cols) {
  ENSURE(rows >= 0 && cols >= 0, "Matrix: sizes are not negative, got [", rows, ", ", cols, "]");
  values_.assign(static_cast<size_t>(rows * cols), value);
}

Matrix::Matrix(int64_t rows, int64_t cols, std::initializer_list<double> values) : Matrix(rows, cols) {
  ENSURE(values.size() == values_.size(), "Matrix: [", rows, ", ", cols, "] needs ", values_.size(), " values, got ",
         values.size());
  std::copy(values.begin(), values.end(), values_.begin());
}

Matrix Matrix::identity(int64_t n) {
  Matrix result(n, n);
  for (int64_t i = 0; i < n; ++i) result(i, i) = 1;
  return result;
}

Matrix Matrix::diagonal(std::span<const double> values) {
  const int64_t n = static_cast<int64_t>(values.size());
  Matrix result(n, n);
  for (int64_t i = 0; i < n; ++i) result(i, i) = values[static_cast<size_t>(i)];
  return result;
}

Matrix Matrix::from(const Tensor& x) {
  ENSURE(x.rank() == 1 || x.rank() == 2, "Matrix::from: expected a tensor of rank 1 or 2, got ", x.shape());
  Matrix result(x.shape()[0], x.rank() == 2 ? x.shape()[1] : 1);
  std::copy(x.values().begin(), x.values().end(), result.values_.begin());
  return result;
}

Matrix Matrix::transposed() const {
  Matrix result(cols_, rows_);
  for (int64_t i = 0; i < rows_; ++i)
    for (int64_t j = 0; j < cols_; ++j) result(j, i) = (*this)(i, j);
  return result;
}

Matrix Matrix::rows_between(int64_t begin, int64_t end) const {
  ENSURE(0 <= begin && begin <= end && end <= rows_, "Matrix: rows ", begin, " to ", end, " of ", Size{*this});
  Matrix result(end - begin, cols_);
  std::copy(values_.begin() + begin * cols_, values_.begin() + end * cols_, result.values_.begin());
  return result;
}

Matrix Matrix::columns_between(int64_t begin, int64_t end) const {
  ENSURE(0 <= begin && begin <= end && end <= cols_, "Matrix: columns ", begin, " to ", end, " of ", Size{*this});
  Matrix result(rows_, end - begin);
  for (int64_t i = 0; i < rows_; ++i)
    for (int64_t j = begin; j < end; ++j) result(i, j - begin) = (*this)(i, j);
  return result;
}

Tensor Matrix::tensor() const {
  Tensor result = Tensor::uninitialized({rows_, cols_});
  std::transform(values_.begin(), values_.end(), result.mutable_data(), [](double v) { return static_cast<Real>(v); });
  return result;
}

std::ostream& operator<<(std::ostream& out, const Size& size) {
  return out << '[' << size.matrix.rows() << ", " << size.matrix.cols() << ']';
}

}  // namespace fewer::linalg
