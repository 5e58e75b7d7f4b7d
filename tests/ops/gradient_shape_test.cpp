#include <doctest/doctest.h>

#include "ops/ops.h"
#include "tests/ops/gradient_table.h"

namespace fewer::testing {
namespace {

// Squares, so that second derivatives are not zero.
Tensors squares(Tensors tensors) {
  for (Tensor& t : tensors) t = square(t);
  return tensors;
}

GradientRow row(const char* name, const char* variant, std::function<Tensors(const Tensors&)> f, Tensors inputs) {
  return {name, variant, [f](const Tensors& in) { return squares(f(in)); }, std::move(inputs)};
}

GradientRows moving_rows() {
  Samples s(20);
  return {
      row("reshape", "",
          [](const Tensors& in) {
            return Tensors{reshape(in[0], Shape{4, 3})};
          },
          {s.normal({2, 6})}),
      row("reshape", "inferred",
          [](const Tensors& in) {
            return Tensors{reshape(in[0], {3, -1})};
          },
          {s.normal({2, 6})}),
      row("flatten", "", [](const Tensors& in) { return Tensors{flatten(in[0])}; }, {s.normal({2, 3, 2, 2})}),
      row("transpose", "", [](const Tensors& in) { return Tensors{transpose(in[0])}; }, {s.normal({2, 3, 4})}),
      row("transpose", "axes 0 and 2", [](const Tensors& in) { return Tensors{transpose(in[0], 0, 2)}; },
          {s.normal({2, 3, 4})}),
      row("permute", "",
          [](const Tensors& in) {
            return Tensors{permute(in[0], {2, 0, 3, 1})};
          },
          {s.normal({2, 3, 4, 2})}),
      row("reverse", "", [](const Tensors& in) { return Tensors{reverse(in[0], 1)}; }, {s.normal({2, 3, 2})}),
      row("slice", "", [](const Tensors& in) { return Tensors{slice(in[0], 1, 1, 4)}; }, {s.normal({2, 5, 3})}),
      row("slice", "step 2", [](const Tensors& in) { return Tensors{slice(in[0], -1, 0, 5, 2)}; }, {s.normal({2, 5})}),
      row("slice", "step 3 that ends early", [](const Tensors& in) { return Tensors{slice(in[0], 0, 1, 6, 3)}; },
          {s.normal({7, 2})}),
      row("unslice", "", [](const Tensors& in) { return Tensors{unslice(in[0], 1, 1, 6)}; }, {s.normal({2, 3, 2})}),
      row("unslice", "step 2", [](const Tensors& in) { return Tensors{unslice(in[0], -1, 1, 7, 2)}; },
          {s.normal({2, 3})}),
      row("pad", "",
          [](const Tensors& in) {
            return Tensors{pad(in[0], 1, {2, 1}, Real(0.7))};
          },
          {s.normal({2, 3, 2})}),
      row("pad_reflect", "",
          [](const Tensors& in) {
            return Tensors{pad_reflect(in[0], 1, {2, 3})};
          },
          {s.normal({2, 4, 2})}),
  };
}

GradientRows joining_rows() {
  Samples s(21);
  return {
      row("concat", "",
          [](const Tensors& in) {
            return Tensors{concat({in[0], in[1], in[0]}, 1)};
          },
          {s.normal({2, 3}), s.normal({2, 1})}),
      row("concat", "first axis",
          [](const Tensors& in) {
            return Tensors{concat({in[0], in[1]}, 0)};
          },
          {s.normal({1, 3}), s.normal({2, 3})}),
      row("stack", "", [](const Tensors& in) { return Tensors{stack(in)}; }, {s.normal({2, 3}), s.normal({2, 3})}),
      row("stack", "last axis", [](const Tensors& in) { return Tensors{stack(in, -1)}; },
          {s.normal({2, 3}), s.normal({2, 3})}),
      row("unstack", "", [](const Tensors& in) { return unstack(in[0]); }, {s.normal({3, 2})}),
      row("unstack", "axis 1, one output unused",
          [](const Tensors& in) {
            std::vector<Tensor> parts = unstack(in[0], 1);
            parts.pop_back();
            return parts;
          },
          {s.normal({2, 3, 2})}),
      row("split", "sizes",
          [](const Tensors& in) {
            return split(in[0], std::vector<int64_t>{2, 1, 3}, 0);
          },
          {s.normal({6, 2})}),
      row("split", "equal parts", [](const Tensors& in) { return split(in[0], 2, -1); }, {s.normal({2, 4})}),
  };
}

}  // namespace

GradientRows shape_rows() {
  GradientRows rows = moving_rows();
  for (const GradientRow& joining : joining_rows()) rows.push_back(joining);
  return rows;
}

GradientRows index_rows() {
  Samples s(22);
  const IntTensor repeated({4}, {2, 0, 2, 1}), labels({3}, {1, 0, 3}), table({2, 2}, {1, 2, 0, 2});
  const IntTensor within({2, 3}, {3, 0, 3, 1, 1, 2});
  return {
      row("gather", "", [=](const Tensors& in) { return Tensors{gather(in[0], repeated)}; }, {s.normal({3, 2})}),
      row("gather", "axis 1", [=](const Tensors& in) { return Tensors{gather(in[0], repeated, 1)}; },
          {s.normal({2, 3, 2})}),
      row("scatter_add", "", [=](const Tensors& in) { return Tensors{scatter_add(in[0], repeated, 5)}; },
          {s.normal({4, 2})}),
      row("scatter_add", "axis 1", [=](const Tensors& in) { return Tensors{scatter_add(in[0], repeated, 3, 1)}; },
          {s.normal({2, 4})}),
      row("take_along", "", [=](const Tensors& in) { return Tensors{take_along(in[0], within)}; }, {s.normal({2, 4})}),
      row("add_along", "", [=](const Tensors& in) { return Tensors{add_along(in[0], within, 5)}; }, {s.normal({2, 3})}),
      row("pick", "", [=](const Tensors& in) { return Tensors{pick(in[0], labels)}; }, {s.normal({3, 4})}),
      row("pick", "two leading axes", [=](const Tensors& in) { return Tensors{pick(in[0], table)}; },
          {s.normal({2, 2, 3})}),
      row("place", "", [=](const Tensors& in) { return Tensors{place(in[0], labels, 4)}; }, {s.normal({3})}),
      row("one_hot", "as a factor", [=](const Tensors& in) { return Tensors{one_hot(labels, 4) * in[0]}; },
          {s.normal({3, 4})}),
      row("top_k", "", [](const Tensors& in) { return Tensors{top_k(in[0], 2).values}; }, {s.distinct({3, 5})}),
  };
}

TEST_CASE("gradient table: shapes") { check_rows(shape_rows()); }
TEST_CASE("gradient table: indices") { check_rows(index_rows()); }

}  // namespace fewer::testing
