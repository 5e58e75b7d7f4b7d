// The checker itself: it must find rules that are wrong at each order.
#include "tests/support/gradient_check.h"

#include <doctest/doctest.h>

#include <limits>

#include "core/autograd.h"
#include "ops/ops.h"

using namespace fewer;
using fewer::testing::gradient_mistakes;
using fewer::testing::Tensors;

namespace {

// x^3 elementwise; the first rule is off by `first`, the derivative of that rule by `second`.
Tensor cube(const Tensor& x, Real first, Real second) {
  const Tensor values = x.detach() * x.detach() * x.detach();
  const auto rule = [x, first, second](const Tensor& g) {
    const Tensor slope = record("cube_slope", x.detach() * x.detach() * (3 * first), {x}, {},
                                wrt(x, [x, second](const Tensor& h) { return h * x * (6 * second); }));
    return g * slope;
  };
  return record("cube", Tensor(values), {x}, {}, wrt(x, rule));
}

const Tensor kInput({3}, {0.5, -1.2, 2});

size_t mistakes_of_cube(Real first, Real second, int order) {
  return gradient_mistakes([&](const Tensors& x) { return Tensors{cube(x[0], first, second)}; }, {kInput},
                           {.order = order})
      .size();
}

}  // namespace

TEST_CASE("gradient check: accepts rules that are right, to order 3") {
  CHECK(mistakes_of_cube(1, 1, 3) == 0);
  const auto f = [](const Tensors& x) { return Tensors{tanh(x[0] * x[1]), exp(x[0])}; };
  CHECK(gradient_mistakes(f, {kInput, kInput}, {.order = 3}).empty());
}

TEST_CASE("gradient check: a result outside the graph is a mistake") {
  CHECK(gradient_mistakes([](const Tensors& x) { return Tensors{x[0].detach()}; }, {kInput}).size() == 1);
}

TEST_CASE("gradient check: a gradient that is not finite is a mistake") {
  const auto f = [](const Tensors& x) { return Tensors{x[0] * (std::numeric_limits<Real>::infinity())}; };
  CHECK_FALSE(gradient_mistakes(f, {kInput}, {.order = 1}).empty());
}

TEST_CASE("gradient check: finds a rule that says something else when it is recorded") {
  const auto f = [](const Tensors& x) {
    const auto rule = [](const Tensor& g) { return is_recording() ? g * Real(3.01) : g * Real(3); };
    return Tensors{record("two_faced", x[0].detach() * Real(3), {x[0]}, {}, wrt(x[0], rule))};
  };
  CHECK(gradient_mistakes(f, {kInput}, {.order = 1}).size() == 1);
}

#ifdef FEWER_DOUBLE
TEST_CASE("gradient check: finds a wrong first derivative") {
  CHECK(mistakes_of_cube(Real(1.001), Real(1.001), 1) > 0);
}

TEST_CASE("gradient check: finds a wrong second derivative behind a right first one") {
  CHECK(mistakes_of_cube(1, Real(1.001), 1) == 0);
  CHECK(mistakes_of_cube(1, Real(1.001), 2) > 0);
}

TEST_CASE("gradient check: finds a gradient that is missing for one of two inputs") {
  const auto f = [](const Tensors& x) { return Tensors{x[0] * x[1].detach()}; };
  const std::vector<std::string> mistakes = gradient_mistakes(f, {kInput, kInput}, {.order = 1});
  REQUIRE(mistakes.size() == 1);
  CHECK(mistakes[0].find("input 1") != std::string::npos);
}
#endif
