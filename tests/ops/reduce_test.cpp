// Values and corner cases of the reductions. Their gradients are rows of the gradient table.
#include <doctest/doctest.h>

#include <algorithm>
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
using Values = std::vector<Real>;

Values list(const Tensor& x) { return {x.values().begin(), x.values().end()}; }

bool contains(const Axes& axes, int axis, int rank) {
  return axes.empty() || std::any_of(axes.begin(), axes.end(), [&](int a) { return (a < 0 ? a + rank : a) == axis; });
}

// The elements that meet in each result, in row-major order of the results.
std::vector<std::vector<double>> groups(const Tensor& x, const Axes& axes) {
  int64_t results = 1;
  for (int i = 0; i < x.rank(); ++i) results *= contains(axes, i, x.rank()) ? 1 : x.size(i);
  std::vector<std::vector<double>> found(static_cast<size_t>(results));
  for (int64_t i = 0; i < x.numel(); ++i) {
    int64_t rest = i, place = 0, stride = 1;
    for (int axis = x.rank() - 1; axis >= 0; --axis) {
      if (!contains(axes, axis, x.rank())) {
        place += rest % x.size(axis) * stride;
        stride *= x.size(axis);
      }
      rest /= x.size(axis);
    }
    found[static_cast<size_t>(place)].push_back(x.data()[i]);
  }
  return found;
}

using Naive = std::function<double(const std::vector<double>&)>;

void check_reduction(const char* name, const Tensor& y, const Tensor& x, const Axes& axes, const Naive& naive,
                     double tolerance) {
  const auto parts = groups(x, axes);
  REQUIRE(y.numel() == static_cast<int64_t>(parts.size()));
  double worst = 0;
  for (size_t i = 0; i < parts.size(); ++i) worst = std::max(worst, std::abs(y.data()[i] - naive(parts[i])));
  CHECK_MESSAGE(worst <= tolerance, std::string(name)
                                        << " of " << x.shape() << " to " << y.shape() << ": off by " << worst);
}

double naive_sum(const std::vector<double>& v) {
  double s = 0;
  for (const double e : v) s += e;
  return s;
}
double naive_variance(const std::vector<double>& v) {
  const double mean = naive_sum(v) / static_cast<double>(v.size());
  double s = 0;
  for (const double e : v) s += (e - mean) * (e - mean);
  return s / static_cast<double>(v.size());
}
double naive_norm(const std::vector<double>& v, double p) {
  double s = 0;
  for (const double e : v) s += std::pow(std::abs(e), p);
  return std::pow(s, 1 / p);
}

TEST_CASE("reductions: equal the loop over indices, over any axes of any shape, on every instruction set") {
  const std::pair<Shape, std::vector<Axes>> cases[] = {
      {{}, {{}}},
      {{1}, {{}, {0}}},
      {{37}, {{}}},
      {{100003}, {{0}}},
      {{5, 33}, {{0}, {1}, {}}},
      {{4001, 3}, {{0}, {1}}},
      {{70, 10}, {{0}, {1}}},
      {{3, 5000}, {{0}, {1}}},
      {{40, 20, 19}, {{1}, {0, 2}, {-1, -2}, {0, 1}}},
      {{2, 3, 1, 4, 1, 5}, {{2}, {0, 2, 5}, {1, 4}, {0, 1, 2, 3}, {3, 5}}},
      {{1000, 64}, {{0}}},
      {{17, 1}, {{1}, {0}}}};
  Rng rng(1);
  for (const std::string& isa : kernels::available_isas()) {
    kernels::set_isa(isa);
    for (const auto& [shape, choices] : cases) {
      const Tensor x = Tensor::normal(shape, Real(0.5), 1, rng);
      for (const Axes& axes : choices) {
        check_reduction("sum", sum(x, axes), x, axes, naive_sum, 2e-2);
        check_reduction(
            "mean", mean(x, axes), x, axes, [](const auto& v) { return naive_sum(v) / static_cast<double>(v.size()); },
            1e-6);
        check_reduction(
            "max", max(x, axes), x, axes, [](const auto& v) { return *std::max_element(v.begin(), v.end()); }, 0);
        check_reduction(
            "min", min(x, axes), x, axes, [](const auto& v) { return *std::min_element(v.begin(), v.end()); }, 0);
        check_reduction("variance", variance(x, axes), x, axes, naive_variance, 1e-5);
        check_reduction("norm", norm(x, 2, axes), x, axes, [](const auto& v) { return naive_norm(v, 2); }, 1e-4);
        check_reduction("norm 3", norm(x, 3, axes), x, axes, [](const auto& v) { return naive_norm(v, 3); }, 1e-4);
      }
    }
  }
}

TEST_CASE("reductions: keep leaves axes of size 1, otherwise they vanish") {
  const Tensor x = Tensor::ones({2, 3, 4});
  CHECK(sum(x, {1}).shape() == Shape({2, 4}));
  CHECK(sum(x, {1}, true).shape() == Shape({2, 1, 4}));
  CHECK(max(x, {-1, 0}, true).shape() == Shape({1, 3, 1}));
  CHECK(mean(x).shape() == Shape());
  CHECK(mean(x, {}, true).shape() == Shape({1, 1, 1}));
  CHECK_THROWS_WITH_AS(sum(x, {3}), doctest::Contains("[2, 3, 4]"), Error);
  CHECK_THROWS_WITH_AS(sum(x, {1, -2}), doctest::Contains("twice"), Error);
}

TEST_CASE("reductions: of nothing") {
  const Tensor x = Tensor::zeros({0, 3});
  CHECK(list(sum(x, {0})) == Values{0, 0, 0});
  CHECK(sum(x).item() == 0);
  CHECK(norm(x).item() == 0);
  CHECK(sum(x, {1}).shape() == Shape({0}));
  CHECK(max(x, {1}).shape() == Shape({0}));
  CHECK_THROWS_WITH_AS(max(x, {0}), doctest::Contains("max: no elements"), Error);
  CHECK_THROWS_AS(mean(x), Error);
  CHECK_THROWS_AS(variance(x), Error);
}

TEST_CASE("reductions: the same bits with 1, 2 and 3 threads") {
  Rng rng(2);
  const Tensor x = Tensor::normal({7, 300, 61}, 0, 1, rng);
  std::vector<Values> expected;
  for (const int n : {1, 2, 3}) {
    set_threads(n);
    std::vector<Values> got;
    for (const Axes& axes : {Axes{}, Axes{0}, Axes{1}, Axes{2}, Axes{0, 1}, Axes{1, 2}, Axes{0, 2}})
      for (const Tensor& y :
           {sum(x, axes), mean(x, axes), variance(x, axes), norm(x, 2, axes), log_sum_exp(x, axes), max(x, axes)})
        got.push_back(list(y));
    if (n == 1) expected = got;
    CHECK(got == expected);
  }
}

TEST_CASE("sum: ten million tenths keep six digits, along rows and along columns") {
  const int64_t n = 10'000'000;
  CHECK(sum(Tensor::full({n}, Real(0.1))).item() == doctest::Approx(static_cast<double>(n) * Real(0.1)).epsilon(1e-6));
  const Tensor columns = sum(Tensor::full({n / 16, 16}, Real(0.1)), {0});
  CHECK(columns.data()[15] == doctest::Approx(static_cast<double>(n / 16) * Real(0.1)).epsilon(1e-6));
}

TEST_CASE("max and min: tied elements share the gradient equally") {
  const Tensor x = variable(Tensor({2, 4}, {1, 5, 5, 2, 3, 3, 3, 3}));
  CHECK(list(grad(sum(max(x, {1})), x)) ==
        Values{0, Real(0.5), Real(0.5), 0, Real(0.25), Real(0.25), Real(0.25), Real(0.25)});
  CHECK(list(grad(min(x), x)) == Values{1, 0, 0, 0, 0, 0, 0, 0});
}

TEST_CASE("variance: a large mean costs no digits") {
  const Tensor x({4}, {10001, 10002, 10003, 10004});
  CHECK(variance(x).item() == doctest::Approx(1.25));
}

TEST_CASE("norm: gradient 0 at 0, for every order and exponent, row by row") {
  for (const Real p : {Real(1), Real(1.5), Real(2), Real(3)}) {
    const Tensor x = variable(Tensor({2, 2}, {0, 0, 3, 4}));
    const Tensor g = grad(sum(norm(x, p, {1})), x, {.create_graph = true});
    CHECK(g.at({0, 0}) == 0);
    CHECK(g.at({1, 1}) > 0);
    if (p < 2) continue;  // a second derivative at 0 of |x|^p does not exist
    const Tensor second = grad(sum(square(g)), x, {.allow_unused = true});
    CHECK(second.at({0, 0}) == 0);
  }
}

TEST_CASE("norm: no overflow nor underflow inside") {
  const Real large = std::sqrt(std::numeric_limits<Real>::max()) * 2, small = 1 / large;
  CHECK(norm(Tensor({2}, {3 * large, 4 * large})).item() == doctest::Approx(5 * large));
  CHECK(norm(Tensor({2}, {3 * small, 4 * small})).item() / small == doctest::Approx(5));
  CHECK(norm(Tensor({2}, {3 * large, 4 * large}), 3).item() / large == doctest::Approx(std::cbrt(91.0)));
  CHECK(norm(Tensor({2}, {kInfinity, 1})).item() == kInfinity);
  CHECK_THROWS_AS(norm(Tensor::ones({2}), Real(0.5)), Error);
}

TEST_CASE("log_sum_exp: stable for large, small and infinite arguments") {
  CHECK(log_sum_exp(Tensor({2}, {1000, 1000})).item() == doctest::Approx(1000 + std::log(2.0)));
  CHECK(log_sum_exp(Tensor({2}, {-1000, -1000})).item() == doctest::Approx(-1000 + std::log(2.0)));
  const Tensor x = variable(Tensor({2, 2}, {-kInfinity, 0, -kInfinity, -kInfinity}));
  const Tensor y = log_sum_exp(x, {1});
  CHECK(list(y) == Values{0, -kInfinity});
  CHECK(list(grad(y, x, {.seed = Tensor::ones({2})})) == Values{0, 1, 0, 0});
}

TEST_CASE("cumulative_sum: forwards and backwards along any axis") {
  const Tensor x({2, 3}, {1, 2, 3, 4, 5, 6});
  CHECK(list(cumulative_sum(x, 1)) == Values{1, 3, 6, 4, 9, 15});
  CHECK(list(cumulative_sum(x, -1, true)) == Values{6, 5, 3, 15, 11, 6});
  CHECK(list(cumulative_sum(x, 0)) == Values{1, 2, 3, 5, 7, 9});
  CHECK(list(cumulative_sum(x, 0, true)) == Values{5, 7, 9, 4, 5, 6});
  CHECK(cumulative_sum(Tensor::zeros({0, 2}), 0).shape() == Shape({0, 2}));
}

TEST_CASE("expand and sum_to: repeat and sum the same axes; refuse shapes that do not fit") {
  const Tensor x({2, 1}, {1, 2});
  CHECK(list(expand(x, {2, 2, 3})) == Values{1, 1, 1, 2, 2, 2, 1, 1, 1, 2, 2, 2});
  CHECK(list(sum_to(expand(x, {2, 2, 3}), {2, 1})) == Values{6, 12});
  CHECK(expand(x, {2, 0}).numel() == 0);
  CHECK(list(sum_to(Tensor::zeros({0, 3}), {1, 3})) == Values{0, 0, 0});
  CHECK(sum_to(x, {2, 1}).shares_storage_with(x));
  CHECK_THROWS_WITH_AS(expand(x, {3, 3}), doctest::Contains("expand"), Error);
  CHECK_THROWS_WITH_AS(sum_to(x, {2, 2}), doctest::Contains("sum_to"), Error);
}

TEST_CASE("expand: any pattern of axes equals adding zeros of the large shape") {
  Rng rng(3);
  const Shape large{2, 3, 4, 5, 2, 3};
  for (int kept = 0; kept < 64; ++kept) {
    Shape small = large;
    for (int i = 0; i < 6; ++i)
      if (!((kept >> i) & 1)) small[i] = 1;
    const Tensor x = Tensor::normal(small, 0, 1, rng);
    CHECK(list(expand(x, large)) == list(x + Tensor::zeros(large)));
  }
}

}  // namespace
}  // namespace fewer
