#include "core/autograd.h"

#include <doctest/doctest.h>

#include <cmath>

#include "ops/ops.h"

using namespace fewer;
using doctest::Approx;
using doctest::Contains;

namespace {

Tensor leaf(double value) { return variable(Tensor::scalar(static_cast<Real>(value))); }

// 3x by a rule of its own, optionally wrong.
Tensor triple(const Tensor& x, const Shape& shape_of_gradient) {
  Tensor y = Tensor::full(x.shape(), 3 * x.data()[0]);
  return record("triple", std::move(y), {x}, {},
                wrt(x, [shape_of_gradient](const Tensor&) { return Tensor::full(shape_of_gradient, 3); }));
}

// (x, y) -> (x + y, x y), one joint rule; `seen` reports what it was asked for.
std::vector<Tensor> sum_and_product(const Tensor& x, const Tensor& y, std::vector<bool>* seen = nullptr) {
  const Tensor a = x.detach(), b = y.detach();
  const auto rule = [x, y, seen](std::span<const Tensor> g, Needed needed) {
    if (seen) seen->assign(needed.begin(), needed.end());
    return std::vector<Tensor>{needed[0] ? g[0] + g[1] * y : Tensor(), needed[1] ? g[0] + g[1] * x : Tensor()};
  };
  return record("sum_and_product", std::vector{a + b, a * b}, {}, wrt_all({x, y}, rule));
}

}  // namespace

TEST_CASE("grad: the gradient of a product") {
  const Tensor x = leaf(3), y = leaf(5);
  const std::vector<Tensor> g = grad(x * y, std::vector{x, y});
  CHECK(g[0].item() == 5);
  CHECK(g[1].item() == 3);
  CHECK_FALSE(g[0].tracked());
}

TEST_CASE("grad: derivatives of any order") {
  const Tensor x = leaf(2);
  Tensor y = x * x * x * x * x;
  const double expected[] = {80, 160, 240, 240, 120};  // of x^5 at 2
  for (const double value : expected) {
    y = grad(y, x, {.create_graph = true});
    CHECK(y.item() == Approx(value));
  }
}

TEST_CASE("grad: the third derivative of a composition") {
  const Tensor x = leaf(0.3);
  Tensor y = tanh(x * x);
  for (int i = 0; i < 3; ++i) y = grad(y, x, {.create_graph = true});
  const double u = std::tanh(0.09), s = 1 - u * u;            // tanh and its derivative at x^2
  const double second = -2 * u * s, third = s * (6 * u * u - 2);
  CHECK(y.item() == Approx(12 * 0.3 * second + 8 * 0.027 * third).epsilon(1e-4));  // 12 x f''(x^2) + 8 x^3 f'''(x^2)
}

TEST_CASE("grad: a shared subexpression collects the gradients of all its uses") {
  const Tensor x = leaf(3);
  const Tensor square = x * x;
  CHECK(grad(square * square + square, x).item() == Approx(4 * 27 + 6));
}

TEST_CASE("grad: 2^60 paths through shared nodes cost 60 rules") {
  Tensor x = leaf(1), y = x;
  for (int i = 0; i < 60; ++i) y = y + y;
  CHECK(grad(y, x).item() == std::exp2(60));
}

TEST_CASE("grad: what is added to a gradient that was handed on unchanged stays with its tensor") {
  const Tensor a = variable(Tensor({2}, {1, 2})), c = variable(Tensor({2}, {5, 7})), seed({2}, {1, 10});
  const Tensor sum = a + c, loss = a * Real(3) + sum;  // the gradient of `loss` goes on to `sum`, `a` and `c`
  const Tensor wrt[] = {loss, sum, a, c};
  const std::vector<Tensor> g = grad(loss, wrt, {.seed = seed});
  const auto is_seed_times = [&](const Tensor& t, Real factor) { return t.at({0}) == factor && t.at({1}) == 10 * factor; };
  CHECK(is_seed_times(g[0], 1));
  CHECK(is_seed_times(g[1], 1));
  CHECK(is_seed_times(g[2], 4));
  CHECK(is_seed_times(g[3], 1));
  CHECK(is_seed_times(seed, 1));
}

TEST_CASE("grad: an input used twice by one op collects both rules") {
  const Tensor x = leaf(4);
  CHECK(grad(x * x, x).item() == 8);
  CHECK(grad(x - x, x).item() == 0);
}

TEST_CASE("grad: interior tensors are as good as leaves") {
  const Tensor x = leaf(3);
  const Tensor h = x * x, loss = h * h;
  const std::vector<Tensor> g = grad(loss, std::vector{h, x});
  CHECK(g[0].item() == 18);
  CHECK(g[1].item() == 108);
  CHECK(grad(loss, h).item() == 18);
}

TEST_CASE("grad: the loss itself and repeated tensors may be in wrt") {
  const Tensor x = leaf(3);
  const Tensor loss = x * x;
  const std::vector<Tensor> g = grad(loss, std::vector{loss, x, x});
  CHECK(g[0].item() == 1);
  CHECK(g[1].item() == 6);
  CHECK(g[2].item() == 6);
}

TEST_CASE("grad: a seed makes a vector-Jacobian product") {
  const Tensor x = variable(Tensor({3}, {1, 2, 3}));
  const Tensor g = grad(x * x, x, {.seed = Tensor({3}, {1, 10, 100})});
  CHECK(g.at({0}) == 2);
  CHECK(g.at({1}) == 40);
  CHECK(g.at({2}) == 600);
  CHECK_THROWS_WITH(grad(x * x, x), Contains("a loss of shape [3] needs a seed of that shape"));
  CHECK_THROWS_WITH(grad(x * x, x, {.seed = Tensor::ones({2})}), Contains("needs a seed"));
}

TEST_CASE("grad: a recorded gradient is differentiable in its seed, which makes a Jacobian-vector product") {
  const Tensor x = variable(Tensor({2}, {3, 4})), seed = variable(Tensor::ones({2}));
  const Tensor vjp = grad(x * x, x, {.create_graph = true, .seed = seed});
  const Tensor jvp = grad(vjp, seed, {.seed = Tensor({2}, {1, 10})});
  CHECK(jvp.at({0}) == 6);
  CHECK(jvp.at({1}) == 80);
}

TEST_CASE("grad: a Hessian-vector product") {
  const Tensor x = variable(Tensor({2}, {1, 2})), v({2}, {1, 10});
  const Tensor g = grad(sum(x * x * x), x, {.create_graph = true});
  const Tensor hv = grad(sum(g * v), x);
  CHECK(hv.at({0}) == Approx(6));
  CHECK(hv.at({1}) == Approx(120));
}

TEST_CASE("grad: the result is part of a graph only with create_graph") {
  const Tensor x = leaf(2);
  CHECK_FALSE(grad(x * x, x).tracked());
  CHECK(grad(x * x, x, {.create_graph = true}).tracked());
  CHECK_FALSE(grad(x + x, x, {.create_graph = true}).tracked());  // a constant
}

TEST_CASE("grad: an unreachable wrt throws and names its position, unless unused is allowed") {
  const Tensor x = leaf(1), y = leaf(1), constant = Tensor::scalar(1);
  CHECK_THROWS_WITH(grad(x * x, std::vector{x, y}), Contains("the loss does not depend on wrt[1] (shape [])"));
  CHECK_THROWS_WITH(grad(x * x, std::vector{constant, x}), Contains("wrt[0] (shape [], not tracked)"));
  const std::vector<Tensor> g = grad(x * x, std::vector{x, y, constant}, {.allow_unused = true});
  CHECK(g[0].defined());
  CHECK_FALSE(g[1].defined());
  CHECK_FALSE(g[2].defined());
}

TEST_CASE("grad: a loss outside any graph throws") {
  const Tensor x = leaf(1);
  CHECK_THROWS_WITH(grad(Tensor::scalar(1), x), Contains("does not depend on anything tracked"));
  CHECK_THROWS_WITH(grad(x.detach() * x.detach(), x), Contains("does not depend on anything tracked"));
}

TEST_CASE("grad: the graph can be differentiated again while a handle lives") {
  const Tensor x = leaf(3);
  const Tensor loss = x * x;
  CHECK(grad(loss, x).item() == 6);
  CHECK(grad(loss, x).item() == 6);
}

TEST_CASE("no grad: ops record nothing while it lives, scopes nest") {
  const Tensor x = leaf(2);
  {
    const NoGrad outer;
    {
      const NoGrad inner;
      CHECK_FALSE((x * x).tracked());
    }
    CHECK_FALSE(is_recording());
    CHECK_FALSE((x * x).tracked());
  }
  CHECK(is_recording());
  CHECK((x * x).tracked());
}

TEST_CASE("no grad: create_graph records even within it") {
  const Tensor x = leaf(2);
  const Tensor y = x * x * x;
  const NoGrad pause;
  const Tensor g = grad(y, x, {.create_graph = true});
  CHECK_FALSE(is_recording());
  CHECK(grad(g, x).item() == Approx(12));
}

TEST_CASE("record: a gradient of the wrong shape names the op") {
  const Tensor x = variable(Tensor::ones({3}));
  CHECK_THROWS_WITH(grad(sum(triple(x, {2})), x),
                    "triple: the rule of an input of shape [3] returned a gradient of shape [2]");
  CHECK(grad(sum(triple(x, {3})), x).at({1}) == 3);
}

TEST_CASE("record: a tracked input without a rule throws") {
  const Tensor x = leaf(1), w = leaf(1);
  const auto forgetful = [&](const Tensor& input) {
    return record("forgetful", Tensor::scalar(0), {x, input}, {}, wrt(x, [](const Tensor& g) { return g; }));
  };
  CHECK_THROWS_WITH(forgetful(w), Contains("forgetful: a tracked input (one of 0, 1) has no gradient rule"));
  CHECK_NOTHROW(forgetful(w.detach()));
  const NoGrad pause;
  CHECK_NOTHROW(forgetful(w));
}

TEST_CASE("record: a rule may receive the output") {
  const Tensor x = leaf(0.5);
  Tensor y = Tensor::scalar(std::exp(Real(0.5)));
  y = record("my_exp", std::move(y), {x}, {}, wrt(x, [](const Tensor& g, const Tensor& out) { return g * out; }));
  const Tensor first = grad(y, x, {.create_graph = true});
  CHECK(first.item() == Approx(std::exp(0.5)));
  CHECK(grad(first, x).item() == Approx(std::exp(0.5)));  // the output it received is part of the graph
}

TEST_CASE("record: the rule of a constant input is dropped with what it captured") {
  const Tensor x = leaf(1), frozen = Tensor::scalar(2), captured = Tensor::ones({5});
  const Tensor y = record("two", Tensor::scalar(2), {x, frozen}, {}, wrt(x, [](const Tensor& g) { return g; }),
                          wrt(frozen, [captured](const Tensor& g) { return g; }));
  CHECK(captured.unique_storage());
}

TEST_CASE("record: a joint rule serves several outputs; those nobody used arrive as zeros") {
  const Tensor x = leaf(3), y = leaf(5);
  const std::vector<Tensor> out = sum_and_product(x, y);
  CHECK(grad(out[0], x).item() == 1);
  CHECK(grad(out[1], x).item() == 5);
  CHECK(grad(out[0] * out[1], std::vector{x, y})[1].item() == Approx(15 + 8 * 3));
}

TEST_CASE("record: a joint rule learns which gradients are needed") {
  const Tensor x = leaf(3), y = leaf(5);
  std::vector<bool> needed;
  const std::vector<Tensor> out = sum_and_product(x, y, &needed);
  grad(out[1], y);
  CHECK(needed == std::vector<bool>{false, true});
  sum_and_product(x.detach(), y.detach());
}

TEST_CASE("record: one output of several is a wrt of its own") {
  const Tensor x = leaf(3), y = leaf(5);
  const std::vector<Tensor> out = sum_and_product(x, y);
  const std::vector<Tensor> g = grad(out[0] * out[1], std::vector{out[1], out[0]});
  CHECK(g[0].item() == 8);
  CHECK(g[1].item() == 15);
}

TEST_CASE("grad: a rule may differentiate another graph") {
  const Tensor x = leaf(3), other = leaf(5);
  const Tensor square = other * other;
  const auto rule = [other, square](const Tensor& g) { return g * grad(square, other); };  // 10
  const Tensor y = record("inner", Tensor::scalar(30), {x}, {}, wrt(x, rule));
  CHECK(grad(y, x).item() == 10);
}

TEST_CASE("grad: a rule that differentiates the graph it is part of throws") {
  const Tensor x = leaf(3);
  const Tensor h = x * x;
  const Tensor y =
      record("ouroboros", Tensor::scalar(1), {h}, {}, wrt(h, [h, x](const Tensor&) { return grad(h, x); }));
  CHECK_THROWS_WITH(grad(y, x), Contains("a gradient rule differentiates the graph it is part of"));
  CHECK(grad(h, x).item() == 6);  // and the graph is still sound
}

TEST_CASE("grad: a rule that throws leaves engine and graph usable") {
  const Tensor x = leaf(3);
  const Tensor h = x * x;
  const Tensor y =
      record("broken", Tensor::scalar(1), {h}, {}, wrt(h, [](const Tensor&) -> Tensor { fail("broken rule"); }));
  CHECK_THROWS_WITH(grad(y, x), "broken rule");
  CHECK(is_recording());
  CHECK(grad(h, x).item() == 6);
}
