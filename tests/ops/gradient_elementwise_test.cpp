#include <doctest/doctest.h>

#include "ops/ops.h"
#include "tests/ops/gradient_table.h"

namespace fewer::testing {
namespace {

using Unary = Tensor (*)(const Tensor&);
using Binary = Tensor (*)(const Tensor&, const Tensor&);

GradientRow unary(const char* name, Unary f, const Tensor& x) {
  return {name, "", [f](const Tensors& in) { return Tensors{f(in[0])}; }, {x}};
}

// Both operands alike, then broadcast against each other in both directions.
void add_binary(GradientRows& rows, const char* name, Binary f, Tensor (*sample)(Samples&, const Shape&), Samples& s) {
  const auto function = [f](const Tensors& in) { return Tensors{f(in[0], in[1])}; };
  rows.push_back({name, "same shapes", function, {sample(s, {2, 3}), sample(s, {2, 3})}});
  rows.push_back({name, "rows", function, {sample(s, {2, 3}), sample(s, {3})}});
  rows.push_back({name, "both broadcast", function, {sample(s, {2, 1, 3}), sample(s, {4, 1})}});
  rows.push_back({name, "a scalar", function, {sample(s, {}), sample(s, {2, 2})}});
  rows.push_back(
      {name, "one tensor twice", [f](const Tensors& in) { return Tensors{f(in[0], exp(in[0]))}; }, {sample(s, {3})}});
}

Tensor normal(Samples& s, const Shape& shape) { return s.normal(shape); }
Tensor positive(Samples& s, const Shape& shape) { return s.positive(shape); }

// A constant factor makes the gradient of an op that is constant itself visible.
TensorFunction times_first(Binary f) {
  return [f](const Tensors& in) { return Tensors{f(in[0], in[1]) * in[0]}; };
}

GradientRows arithmetic_rows() {
  Samples s(1);
  GradientRows rows;
  add_binary(rows, "add", add, normal, s);
  add_binary(rows, "sub", sub, normal, s);
  add_binary(rows, "mul", mul, normal, s);
  add_binary(rows, "div", div, positive, s);
  rows.push_back(
      {"add", "a number", [](const Tensors& in) { return Tensors{add(in[0], Real(2.5))}; }, {s.normal({2, 3})}});
  rows.push_back(
      {"mul", "a number", [](const Tensors& in) { return Tensors{mul(in[0], Real(2.5))}; }, {s.normal({2, 3})}});
  rows.push_back({"mul",
                  "an empty tensor",
                  [](const Tensors& in) { return Tensors{mul(in[0], in[1])}; },
                  {s.normal({0, 3}), s.normal({3})}});
  return rows;
}

GradientRows unary_rows() {
  Samples s(2);
  return {
      unary("neg", neg, s.normal({2, 3})),
      unary("reciprocal", reciprocal, s.positive({2, 3})),
      unary("exp", exp, s.normal({2, 3})),
      unary("log", log, s.positive({2, 3})),
      unary("log1p", log1p, s.positive({2, 3})),
      unary("sqrt", sqrt, s.positive({2, 3})),
      unary("square", square, s.normal({2, 3})),
      {"pow", "any exponent", [](const Tensors& in) { return Tensors{pow(in[0], Real(1.7))}; }, {s.positive({2, 3})}},
      {"pow", "square of anything", [](const Tensors& in) { return Tensors{pow(in[0], 2)}; }, {s.distinct({2, 3})}},
      {"pow",
       "negative exponent",
       [](const Tensors& in) { return Tensors{pow(in[0], Real(-0.5))}; },
       {s.positive({2, 3})}},
      unary("abs", abs, s.distinct({2, 3})),
      unary("sin", sin, s.normal({2, 3})),
      unary("cos", cos, s.normal({2, 3})),
      unary("tanh", tanh, s.normal({2, 3})),
      unary("sigmoid", sigmoid, s.normal({2, 3})),
      unary("relu", relu, s.distinct({3, 3})),
      {"leaky_relu", "", [](const Tensors& in) { return Tensors{leaky_relu(in[0], Real(0.2))}; }, {s.distinct({3, 3})}},
      unary("softplus", softplus, s.normal({2, 3})),
      unary("softplus", softplus, Tensor({4}, {-40, -3, 3, 40})),
      {"clamp", "", [](const Tensors& in) { return Tensors{clamp(in[0], Real(-0.5), 1)}; }, {s.distinct({5, 5})}},
      unary("hard_tanh", hard_tanh, s.distinct({5, 5})),
  };
}

GradientRows selecting_rows() {
  Samples s(3);
  const Tensor kept({2, 3}, {1, 0, 0, 1, 1, 0});
  GradientRows rows{
      {"where",
       "",
       [kept](const Tensors& in) { return Tensors{where(kept, in[0], in[1])}; },
       {s.normal({2, 3}), s.normal({2, 3})}},
      {"where",
       "broadcast",
       [kept](const Tensors& in) { return Tensors{where(kept, in[0], in[1])}; },
       {s.normal({3}), s.normal({})}},
      {"dropout",
       "a fixed mask",
       [](const Tensors& in) {
         Rng mask(5);
         return Tensors{dropout(in[0], Real(0.4), mask)};
       },
       {s.normal({4, 5})}},
  };
  const std::pair<const char*, Binary> binary[] = {{"maximum", maximum},
                                                   {"minimum", minimum},
                                                   {"greater", greater},
                                                   {"greater_equal", greater_equal},
                                                   {"equal", equal}};
  for (const auto& [name, f] : binary) {
    rows.push_back({name, "", times_first(f), {s.distinct({3, 4}), s.normal({3, 4})}});
    rows.push_back({name, "broadcast", times_first(f), {s.distinct({2, 3, 1}), s.normal({4})}});
  }
  return rows;
}

// Their gradient is not the derivative of their value.
GradientRows estimator_rows() {
  Samples s(4);
  const Tensor x = s.distinct({5, 5});  // on both sides of -1, 0 and 1
  const auto same = [](const Tensors& in) { return Tensors{mul(in[0], Real{1})}; };
  return {
      {"sign", "", [](const Tensors& in) { return Tensors{sign(in[0]) * in[0]}; }, {x}},
      {"sign_straight_through",
       "the gradient of hard_tanh",
       [](const Tensors& in) { return Tensors{sign_straight_through(in[0])}; },
       {x},
       2,
       [](const Tensors& in) { return Tensors{hard_tanh(in[0])}; }},
      {"straight_through",
       "the gradient of the identity",
       [](const Tensors& in) { return Tensors{straight_through(sign(in[0].detach()), in[0])}; },
       {x},
       2,
       same},
      {"stop_gradient",
       "a constant factor",
       [](const Tensors& in) { return Tensors{stop_gradient(in[0]) * in[0]}; },
       {x},
       2,
       [x](const Tensors& in) { return Tensors{x * in[0]}; }},
  };
}

}  // namespace

GradientRows elementwise_rows() {
  GradientRows rows;
  for (const GradientRows& part : {arithmetic_rows(), unary_rows(), selecting_rows(), estimator_rows()})
    rows.insert(rows.end(), part.begin(), part.end());
  return rows;
}

TEST_CASE("gradient table: elementwise") { check_rows(elementwise_rows()); }

}  // namespace fewer::testing
