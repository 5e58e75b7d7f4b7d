// The table against the menu, and the tools of its rows.
#include "tests/ops/gradient_table.h"

#include <doctest/doctest.h>

#include <cmath>
#include <set>

#include "ops/ops.h"
#include "tests/support/op_coverage.h"

namespace fewer::testing {

Tensor Samples::distinct(const Shape& shape) {
  Tensor x = Tensor::uninitialized(shape);
  const std::vector<int64_t> order = rng_.permutation(x.numel());
  Real* out = x.mutable_data();
  for (int64_t i = 0; i < x.numel(); ++i)
    out[i] = Real(0.13) * static_cast<Real>(order[static_cast<size_t>(i)] - x.numel() / 2) + Real(0.045);
  return x;
}

GradientRows gradient_table() {
  GradientRows table;
  for (const auto rows : {elementwise_rows, reduce_rows, shape_rows, index_rows, product_rows, conv_rows, pool_rows,
                          norm_rows, softmax_rows, recurrent_rows}) {
    const GradientRows family = rows();
    table.insert(table.end(), family.begin(), family.end());
  }
  return table;
}

void check_rows(const GradientRows& rows) {
  for (const GradientRow& row : rows) {
    const std::string name = row.function + (row.variant.empty() ? "" : " (" + row.variant + ")");
    if (row.reference)
      check_same_gradients(name, row.f, row.reference, row.inputs);
    else
      check_gradients(name, row.f, row.inputs, {.order = row.order});
  }
}

TEST_CASE("gradient table: has a row for every op of the menu, and for nothing else") {
  std::set<std::string> in_table;
  for (const GradientRow& row : gradient_table()) in_table.insert(row.function);
  const std::set<std::string> in_menu = menu_ops();
  CHECK(in_menu.size() > 80);
  for (const std::string& name : in_menu)
    CHECK_MESSAGE(in_table.count(name) == 1, name << " of ops/ops.h has no row in the gradient table");
  for (const std::string& name : in_table)
    CHECK_MESSAGE(in_menu.count(name) == 1, name << " of the gradient table is not in ops/ops.h");
}

TEST_CASE("gradient table: conv2d, matmul, batch norm and log-softmax go to order 3") {
  for (const char* name : {"conv2d", "matmul", "batch_norm", "log_softmax"}) {
    int highest = 0;
    for (const GradientRow& row : gradient_table())
      if (row.function == name) highest = std::max(highest, row.order);
    CHECK_MESSAGE(highest == 3, name);
  }
}

TEST_CASE("op coverage: knows the ops of the table, also those only gradients use") {
  CHECK(ops_in_gradient_table().count("conv2d_grad_weight") == 1);
  CHECK(ops_in_gradient_table().count("no_such_op") == 0);
}

TEST_CASE("samples: distinct values keep their distance from each other and from kinks") {
  const Tensor x = Samples(1).distinct({5, 5});
  const std::set<Real> values(x.values().begin(), x.values().end());
  CHECK(values.size() == 25);
  for (const Real v : values) CHECK(std::abs(v - std::round(2 * v) / 2) > 0.004);
}

}  // namespace fewer::testing
