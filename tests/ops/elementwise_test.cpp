// Values and corner cases of the elementwise ops. Their gradients are rows of the gradient table.
#include <doctest/doctest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <vector>

#include "core/parallel.h"
#include "core/rng.h"
#include "ops/kernels/isa.h"
#include "ops/ops.h"

namespace fewer {
namespace {

constexpr Real kInfinity = std::numeric_limits<Real>::infinity();
const Real kNan = std::numeric_limits<Real>::quiet_NaN();

// The element of `x` that a broadcast to `shape` puts at row-major position i.
Real broadcast_at(const Tensor& x, const Shape& shape, int64_t i) {
  int64_t offset = 0, stride = 1;
  for (int axis = 1; axis <= shape.rank(); ++axis) {
    const int64_t place = i % shape.size(-axis);
    i /= shape.size(-axis);
    if (axis > x.rank()) continue;
    if (x.size(-axis) != 1) offset += place * stride;
    stride *= x.size(-axis);
  }
  return x.data()[offset];
}

void check_broadcast(const Tensor& y, const Tensor& a, const Tensor& b, const std::function<Real(Real, Real)>& f) {
  REQUIRE(y.shape() == broadcast_shape("test", a.shape(), b.shape()));
  int64_t wrong = 0;
  for (int64_t i = 0; i < y.numel(); ++i)
    wrong += y.data()[i] != f(broadcast_at(a, y.shape(), i), broadcast_at(b, y.shape(), i));
  CHECK_MESSAGE(wrong == 0, a.shape() << " with " << b.shape());
}

std::vector<Real> list(const Tensor& x) { return {x.values().begin(), x.values().end()}; }

TEST_CASE(
    "binary ops: broadcasting equals the loop over indices, for every way shapes can meet and every instruction set") {
  const std::pair<Shape, Shape> shapes[] = {{{}, {}},
                                            {{7}, {7}},
                                            {{3, 17}, {17}},
                                            {{17}, {3, 17}},
                                            {{5, 1}, {5, 33}},
                                            {{5, 33}, {5, 1}},
                                            {{4, 1}, {1, 19}},
                                            {{2, 3, 5}, {}},
                                            {{}, {2, 3, 5}},
                                            {{2, 1, 5}, {3, 1}},
                                            {{2, 3, 1, 2, 1, 3}, {1, 3, 2, 1, 4, 1}},
                                            {{0, 3}, {3}},
                                            {{1, 3}, {0, 1}},
                                            {{1}, {1, 1}},
                                            {{300, 100}, {100}},
                                            {{300, 100}, {300, 1}},
                                            {{40000}, {1}},
                                            {{3, 20000}, {20000}},
                                            {{2, 100, 3, 70}, {100, 1, 70}}};
  Rng rng(1);
  for (const std::string& isa : kernels::available_isas()) {
    kernels::set_isa(isa);
    for (const auto& [sa, sb] : shapes) {
      const Tensor a = Tensor::normal(sa, 0, 1, rng), b = Tensor::normal(sb, 0, 1, rng);
      check_broadcast(a + b, a, b, [](Real x, Real y) { return x + y; });
      check_broadcast(a - b, a, b, [](Real x, Real y) { return x - y; });
      check_broadcast(a * b, a, b, [](Real x, Real y) { return x * y; });
      check_broadcast(a / b, a, b, [](Real x, Real y) { return x / y; });
      check_broadcast(maximum(a, b), a, b, [](Real x, Real y) { return x > y ? x : y; });
      check_broadcast(greater(a, b), a, b, [](Real x, Real y) { return x > y ? Real{1} : Real{0}; });
      check_broadcast(where(greater(a, Tensor::scalar(0)), a, b), a, b, [](Real x, Real y) { return x > 0 ? x : y; });
    }
  }
}

TEST_CASE("binary ops: shapes that do not fit are named") {
  CHECK_THROWS_WITH_AS(Tensor::zeros({2, 3}) + Tensor::zeros({2}), doctest::Contains("[2, 3]"), Error);
  CHECK_THROWS_WITH_AS(mul(Tensor::zeros({4}), Tensor::zeros({5})), doctest::Contains("mul"), Error);
  CHECK_THROWS_WITH_AS(add(Tensor(), Tensor::zeros({5})), doctest::Contains("undefined"), Error);
}

TEST_CASE("elementwise: the same bits with 1, 2 and 3 threads") {
  Rng rng(2);
  const Tensor x = Tensor::normal({3, 33333}, 0, 1, rng), row = Tensor::normal({33333}, 0, 1, rng);
  std::vector<Real> expected;
  for (const int n : {1, 2, 3}) {
    set_threads(n);
    const std::vector<Real> y = list(tanh(x * row) + sigmoid(x));
    if (n == 1) expected = y;
    CHECK(y == expected);
  }
}

TEST_CASE("elementwise: operators with numbers on either side") {
  const Tensor x({3}, {1, 2, 4});
  CHECK(list(x + Real(1)) == std::vector<Real>{2, 3, 5});
  CHECK(list(Real(1) - x) == std::vector<Real>{0, -1, -3});
  CHECK(list(x / Real(2)) == std::vector<Real>{Real(0.5), 1, 2});
  CHECK(list(Real(4) / x) == std::vector<Real>{4, 2, 1});
  CHECK(list(-x) == std::vector<Real>{-1, -2, -4});
}

TEST_CASE("elementwise: piecewise functions at and around their corners") {
  const Tensor x({7}, {-2, -1, -0.5, 0, 0.5, 1, 2});
  CHECK(list(relu(x)) == std::vector<Real>{0, 0, 0, 0, Real(0.5), 1, 2});
  CHECK(list(leaky_relu(x, Real(0.5))) == std::vector<Real>{-1, Real(-0.5), Real(-0.25), 0, Real(0.5), 1, 2});
  CHECK(list(hard_tanh(x)) == std::vector<Real>{-1, -1, Real(-0.5), 0, Real(0.5), 1, 1});
  CHECK(list(clamp(x, 0, 1)) == std::vector<Real>{0, 0, 0, 0, Real(0.5), 1, 1});
  CHECK(list(sign(x)) == std::vector<Real>{-1, -1, -1, 0, 1, 1, 1});
  CHECK(list(sign_straight_through(x)) == std::vector<Real>{-1, -1, -1, 1, 1, 1, 1});
  CHECK(list(abs(x)) == std::vector<Real>{2, 1, Real(0.5), 0, Real(0.5), 1, 2});
  CHECK_THROWS_AS(clamp(x, 1, 0), Error);
  CHECK_THROWS_AS(leaky_relu(x, -1), Error);
}

TEST_CASE("elementwise: gradients at the corners are the documented ones") {
  const Tensor x = variable(Tensor({7}, {-2, -1, -0.5, 0, 0.5, 1, 2}));
  const auto gradient = [&](const Tensor& y) { return list(grad(y, x, {.seed = Tensor::ones({7})})); };
  CHECK(gradient(relu(x)) == std::vector<Real>{0, 0, 0, 0, 1, 1, 1});
  CHECK(gradient(abs(x)) == std::vector<Real>{-1, -1, -1, 0, 1, 1, 1});
  CHECK(gradient(clamp(x, -1, 1)) == std::vector<Real>{0, 1, 1, 1, 1, 1, 0});
  CHECK(gradient(sign(x)) == std::vector<Real>{0, 0, 0, 0, 0, 0, 0});
  CHECK(gradient(sign_straight_through(x)) == std::vector<Real>{0, 1, 1, 1, 1, 1, 0});
  CHECK(gradient(straight_through(Tensor::zeros({7}), x)) == std::vector<Real>(7, 1));
  CHECK(gradient(maximum(x, Tensor::zeros({7}))) == std::vector<Real>{0, 0, 0, Real(0.5), 1, 1, 1});
  CHECK(gradient(minimum(x, Tensor::zeros({7}))) == std::vector<Real>{1, 1, 1, Real(0.5), 0, 0, 0});
  CHECK(gradient(pow(x, 0)) == std::vector<Real>(7, 0));
}

TEST_CASE("elementwise: NaN is never hidden") {
  const Tensor x({1}, {kNan}), one = Tensor::ones({1});
  for (const Tensor& y :
       {relu(x), leaky_relu(x, 0), clamp(x, 0, 1), abs(x), sign(x), sign_straight_through(x), maximum(x, one),
        maximum(one, x), minimum(x, one), minimum(one, x), max(x), min(x), exp(x), tanh(x), softplus(x)})
    CHECK(std::isnan(y.item()));
}

TEST_CASE("where: what is not chosen stays out, infinite values and gradients too") {
  const Tensor x = variable(Tensor({3}, {0, 4, 9}));
  const Tensor y = where(greater(x, Tensor::scalar(0)), sqrt(x), x * Real(2));
  CHECK(list(y) == std::vector<Real>{0, 2, 3});
  CHECK(list(where(Tensor({2}, {1, 0}), Tensor({2}, {1, kNan}), Tensor({2}, {kInfinity, 2}))) ==
        std::vector<Real>{1, 2});
  const Tensor picked = variable(Tensor({2}, {1, 2}));
  const Tensor g =
      grad(where(Tensor({2}, {1, 0}), picked, Tensor::scalar(0)), picked, {.seed = Tensor({2}, {3, kInfinity})});
  CHECK(list(g) == std::vector<Real>{3, 0});
}

TEST_CASE("comparisons: constants for the gradient") {
  const Tensor x = variable(Tensor({2}, {1, 2}));
  CHECK_FALSE(greater(x, Tensor::scalar(1)).tracked());
  CHECK(list(greater_equal(x, Tensor::scalar(2))) == std::vector<Real>{0, 1});
  CHECK(list(equal(x, Tensor::scalar(2))) == std::vector<Real>{0, 1});
}

TEST_CASE("straight_through and stop_gradient: share the values they pass on") {
  const Tensor value({2}, {1, 2}), x = variable(Tensor({2}, {3, 4}));
  CHECK(straight_through(value, x).shares_storage_with(value));
  CHECK(stop_gradient(x).shares_storage_with(x));
  CHECK_FALSE(stop_gradient(x).tracked());
  CHECK_THROWS_AS(straight_through(Tensor::zeros({3}), x), Error);
}

TEST_CASE(
    "dropout: keeps 1 - p of the elements, scaled, the same at any thread count; gradient through the same mask") {
  const Tensor x = variable(Tensor::ones({100, 500}));
  std::vector<Real> expected;
  for (const int n : {1, 3}) {
    set_threads(n);
    Rng rng(4);
    const Tensor y = dropout(x, Real(0.25), rng);
    int64_t kept = 0, other = 0;
    for (const Real v : y.values()) {
      kept += v != 0;
      other += v != 0 && std::abs(v - Real(1 / 0.75)) > Real(1e-6);
    }
    CHECK(other == 0);
    CHECK(kept == doctest::Approx(37500).epsilon(0.02));
    CHECK(list(grad(y, x, {.seed = Tensor::ones({100, 500})})) == list(y));
    if (n == 1) expected = list(y);
    CHECK(list(y) == expected);
    CHECK(list(dropout(x, Real(0.25), rng)) != list(y));  // the stream moves on
  }
  Rng rng(5);
  CHECK(dropout(x, 0, rng).shares_storage_with(x));
  CHECK_THROWS_WITH_AS(dropout(x, 1, rng), doctest::Contains("dropout"), Error);
}

TEST_CASE("elementwise: fused first-order gradients equal the composed ones") {
  Rng rng(6);
  const std::pair<const char*, Tensor (*)(const Tensor&)> functions[] = {
      {"tanh", tanh}, {"sigmoid", sigmoid}, {"softplus", softplus}, {"sqrt", sqrt}};
  for (const auto& [name, f] : functions) {
    const Tensor x = variable(Tensor::uniform({77}, Real(0.1), 2, rng)), seed = Tensor::normal({77}, 0, 1, rng);
    const Tensor fused = grad(f(x), x, {.seed = seed}), composed = grad(f(x), x, {.create_graph = true, .seed = seed});
    for (int64_t i = 0; i < 77; ++i)
      CHECK_MESSAGE(fused.data()[i] == doctest::Approx(composed.data()[i]).epsilon(1e-5), name);
  }
}

}  // namespace
}  // namespace fewer
