// Holds gradient rules against central differences, to a given order.
//
//   check_gradients("mul", [](const Tensors& x) { return Tensors{mul(x[0], x[1])}; }, {a, b}, {.order = 2});
//
// The outputs are contracted with fixed random cotangents v into one number S(x) = sum <f(x), v>. For each input the
// derivative of S along a random direction u, (S(x + h u) - S(x - h u)) / 2h, must equal <dS/dx, u> as `grad` computes
// it. An order more: the same is asked of the function (x, v) -> dS/dx, which `grad` with create_graph makes
// differentiable, and so on (as check_grads of HIPS autograd does). Gradients with respect to interior tensors must
// equal those with respect to leaves, and recorded gradients those that are not: a fused kernel and the composition
// that stands in for it are held against each other.
//
// In the double build this compares digits. In the float build differences drown in rounding; there the same calls only
// run every rule and check that gradients are finite, and the same inside and outside a graph.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/tensor.h"

namespace fewer::testing {

using Tensors = std::vector<Tensor>;
using TensorFunction = std::function<Tensors(const Tensors&)>;

struct GradientCheck {
  int order = 2;
  double step = 1e-5;       // h; inputs of kinked functions stay further than this from their kinks
  double tolerance = 1e-6;  // of |difference| / (1 + |derivative|)
  uint64_t seed = 1;        // of directions and cotangents
  bool compare = sizeof(Real) == sizeof(double);  // false: only run the rules and check that gradients are finite
};

// What is wrong, one sentence each; empty when all is well. REQUIRES: f is smooth around `inputs` and pure.
std::vector<std::string> gradient_mistakes(const TensorFunction& f, const Tensors& inputs,
                                           const GradientCheck& check = {});

// Fails the running test case with every mistake, prefixed by `name`.
void check_gradients(const std::string& name, const TensorFunction& f, const Tensors& inputs,
                     const GradientCheck& check = {});

// For estimators whose gradient is not the derivative of their value: gradients of f must equal those of `reference`,
// to order 2.
void check_same_gradients(const std::string& name, const TensorFunction& f, const TensorFunction& reference,
                          const Tensors& inputs);

}  // namespace fewer::testing
