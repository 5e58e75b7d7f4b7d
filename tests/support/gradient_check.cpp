#include "tests/support/gradient_check.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "core/autograd.h"
#include "core/rng.h"
#include "ops/ops.h"

namespace fewer::testing {
namespace {

constexpr double kRecordedTolerance = sizeof(Real) == sizeof(double) ? 1e-9 : 1e-4;  // two ways to one number

double inner_product(const Tensor& a, const Tensor& b) {
  double sum = 0;
  for (int64_t i = 0; i < a.numel(); ++i) sum += static_cast<double>(a.data()[i]) * static_cast<double>(b.data()[i]);
  return sum;
}

bool all_finite(const Tensor& x) {
  for (const Real value : x.values())
    if (!std::isfinite(value)) return false;
  return true;
}

Tensors random_like(const Tensors& tensors, Rng& rng) {
  Tensors result;
  for (const Tensor& t : tensors) result.push_back(Tensor::normal(t.shape(), 0, 1, rng));
  return result;
}

Tensor moved(const Tensor& x, const Tensor& direction, double step) {
  Tensor result = x.clone();
  Real* out = result.mutable_data();
  for (int64_t i = 0; i < x.numel(); ++i) out[i] += static_cast<Real>(step * direction.data()[i]);
  return result;
}

// S = sum <outputs, v>, as part of a graph.
Tensor contract(const Tensors& outputs, const Tensors& v) {
  Tensor total;
  for (size_t i = 0; i < outputs.size(); ++i) {
    const Tensor term = sum(mul(outputs[i], v[i]));
    total = total.defined() ? add(total, term) : term;
  }
  return total;
}

double largest_difference(const Tensor& a, const Tensor& b) {
  if (a.defined() != b.defined()) return INFINITY;
  double worst = 0;
  for (int64_t k = 0; a.defined() && k < a.numel(); ++k)
    worst = std::max(worst, std::abs(static_cast<double>(a.data()[k]) - static_cast<double>(b.data()[k])));
  return worst;
}

// The function (x, v) -> (dS/dx_i for every input that S depends on).
TensorFunction gradient_of(const TensorFunction& f, size_t input_count) {
  return [f, input_count](const Tensors& x_and_v) {
    const auto middle = x_and_v.begin() + static_cast<int64_t>(input_count);
    const Tensors inputs(x_and_v.begin(), middle), v(middle, x_and_v.end());
    Tensors result;
    for (Tensor& g : grad(contract(f(inputs), v), inputs, {.create_graph = true, .allow_unused = true}))
      if (g.defined()) result.push_back(std::move(g));
    return result;
  };
}

struct Checker {
  const GradientCheck& check;
  Rng rng;
  std::vector<std::string> mistakes;

  void run(const TensorFunction& f, const Tensors& inputs, int depth) {
    Tensors x;
    for (const Tensor& input : inputs) x.push_back(variable(input));
    const Tensors y = f(x), v = random_like(y, rng);
    if (y.empty()) return;  // the gradient of a constant: nothing depends on anything any more
    const Tensor s = contract(y, v);
    if (!s.tracked()) {
      mistakes.push_back(text("order ", depth, ": the result is not part of a graph"));
      return;
    }
    const Tensors gradients = grad(s, x, {.allow_unused = true});
    for (size_t i = 0; i < inputs.size(); ++i) compare(f, inputs, v, i, gradients[i], depth);
    compare_recorded(s, x, gradients, depth);
    if (depth == 1) compare_interior(f, x, v, gradients);
    if (depth == check.order) return;
    Tensors x_and_v = inputs;
    for (const Tensor& cotangent : v) x_and_v.push_back(cotangent);
    run(gradient_of(f, inputs.size()), x_and_v, depth + 1);
  }

  double value(const TensorFunction& f, Tensors inputs, const Tensors& v, size_t i, const Tensor& direction,
               double step) {
    inputs[i] = moved(inputs[i], direction, step);
    for (Tensor& input : inputs) input = variable(input);  // f may differentiate inside
    const Tensors y = f(inputs);
    double total = 0;
    for (size_t k = 0; k < y.size(); ++k) total += inner_product(y[k], v[k]);
    return total;
  }

  void compare(const TensorFunction& f, const Tensors& inputs, const Tensors& v, size_t i, const Tensor& gradient,
               int depth) {
    const Tensor u = Tensor::normal(inputs[i].shape(), 0, 1, rng);
    if (gradient.defined() && !all_finite(gradient))
      mistakes.push_back(text("order ", depth, ", input ", i, ": the gradient is not finite: ", to_string(gradient)));
    if (!check.compare) return;
    const double analytic = gradient.defined() ? inner_product(gradient, u) : 0;
    const double numeric =
        (value(f, inputs, v, i, u, check.step) - value(f, inputs, v, i, u, -check.step)) / (2 * check.step);
    if (!(std::abs(analytic - numeric) <= check.tolerance * (1 + std::abs(numeric))))
      mistakes.push_back(text("order ", depth, ", input ", i, " of shape ", inputs[i].shape(), ": the rule says ",
                              analytic, ", central differences say ", numeric));
  }

  // A rule may take a fused kernel when nobody records it and a composition when somebody does: the two must agree.
  void compare_recorded(const Tensor& s, const Tensors& x, const Tensors& gradients, int depth) {
    const Tensors recorded = grad(s, x, {.create_graph = true, .allow_unused = true});
    for (size_t i = 0; i < x.size(); ++i) {
      const double size = gradients[i].defined() ? std::sqrt(inner_product(gradients[i], gradients[i])) : 0;
      const double difference = largest_difference(recorded[i], gradients[i]);
      if (!(difference <= kRecordedTolerance * (1 + size)))
        mistakes.push_back(
            text("order ", depth, ", input ", i, ": a recorded gradient differs from a plain one by ", difference));
    }
  }

  // 1 * x is interior; what arrives there is what arrives at the leaf x.
  void compare_interior(const TensorFunction& f, const Tensors& x, const Tensors& v, const Tensors& gradients) {
    Tensors interior;
    for (const Tensor& leaf : x) interior.push_back(mul(leaf, Real{1}));
    const Tensors again = grad(contract(f(interior), v), interior, {.allow_unused = true});
    for (size_t i = 0; i < x.size(); ++i)
      if (largest_difference(again[i], gradients[i]) != 0)
        mistakes.push_back(text("input ", i, ": the gradient of an interior tensor differs from that of a leaf"));
  }
};

}  // namespace

std::vector<std::string> gradient_mistakes(const TensorFunction& f, const Tensors& inputs, const GradientCheck& check) {
  Checker checker{check, Rng(check.seed), {}};
  checker.run(f, inputs, 1);
  return checker.mistakes;
}

void check_gradients(const std::string& name, const TensorFunction& f, const Tensors& inputs,
                     const GradientCheck& check) {
  std::string all;
  for (const std::string& mistake : gradient_mistakes(f, inputs, check)) all += "\n  " + mistake;
  CHECK_MESSAGE(all.empty(), name << ":" << all);
}

void check_same_gradients(const std::string& name, const TensorFunction& f, const TensorFunction& reference,
                          const Tensors& inputs) {
  const auto gradients = [&](const TensorFunction& function) {
    Rng rng(1);
    Tensors x;
    for (const Tensor& input : inputs) x.push_back(variable(input));
    const Tensors y = function(x);
    for (const Tensor& cotangent : random_like(y, rng)) x.push_back(variable(cotangent));
    const Tensors first = gradient_of(function, inputs.size())(x);
    Tensors all = first;
    for (const Tensor& g : grad(contract(first, random_like(first, rng)), x, {.allow_unused = true})) all.push_back(g);
    return all;
  };
  const Tensors found = gradients(f), expected = gradients(reference);
  REQUIRE_MESSAGE(found.size() == expected.size(), name << ": depends on other inputs than its reference");
  for (size_t i = 0; i < found.size(); ++i)
    CHECK_MESSAGE(largest_difference(found[i], expected[i]) < 1e-6,
                  name << ": gradient " << i << " is not that of its reference");
}

}  // namespace fewer::testing
