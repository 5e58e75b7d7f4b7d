// The gradient table: a row per op of the menu (ops/ops.h), several where it has several faces.
//
// A row is a function of tensors and inputs for it, kept away from kinks. The rows stand in one file per family; the
// test cases there hold each row against central differences, and gradient_table_test.cpp holds the table against the
// menu. To add an op, add a row.
#pragma once

#include <string>
#include <vector>

#include "core/rng.h"
#include "tests/support/gradient_check.h"

namespace fewer::testing {

struct GradientRow {
  std::string function;  // its name in ops/ops.h
  std::string variant;   // what is special about this row
  TensorFunction f;
  Tensors inputs;
  int order = 2;
  TensorFunction reference = {};  // when set: the gradient is that of this function, not the derivative of f
};
using GradientRows = std::vector<GradientRow>;

GradientRows elementwise_rows();
GradientRows reduce_rows();
GradientRows shape_rows();
GradientRows index_rows();
GradientRows product_rows();
GradientRows conv_rows();
GradientRows pool_rows();
GradientRows norm_rows();
GradientRows softmax_rows();
GradientRows recurrent_rows();

GradientRows gradient_table();  // all of them

void check_rows(const GradientRows& rows);  // within a test case

// Sample inputs, the same in every run.
class Samples {
 public:
  explicit Samples(uint64_t seed) : rng_(seed) {}
  Tensor normal(const Shape& shape) { return Tensor::normal(shape, 0, 1, rng_); }
  Tensor positive(const Shape& shape) { return Tensor::uniform(shape, Real(0.5), Real(2), rng_); }
  // Multiples of 0.13, plus 0.045: all apart, and none within 0.004 of a multiple of 0.5.
  Tensor distinct(const Shape& shape);

 private:
  Rng rng_;
};

}  // namespace fewer::testing
