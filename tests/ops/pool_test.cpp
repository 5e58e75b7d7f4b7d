#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "core/parallel.h"
#include "core/rng.h"
#include "ops/kernels/isa.h"
#include "ops/ops.h"
#include "tests/support/same_bits.h"

namespace fewer {
namespace {

Tensor random_tensor(const Shape& shape, uint64_t seed) {
  Rng rng(seed);
  return Tensor::uniform(shape, -1, 1, rng);
}

// Pooling and its gradient by the definition, element by element.
struct Pooled {
  std::vector<double> y, dx;
};
Pooled naive_pool(const Tensor& x, const Tensor& g, const Pool2dOptions& o, bool is_max) {
  const int64_t height = x.size(1), width = x.size(2), channels = x.size(3);
  Pooled result{std::vector<double>(static_cast<size_t>(g.numel())),
                std::vector<double>(static_cast<size_t>(x.numel()))};
  for (int64_t i = 0; i < g.numel(); ++i) {
    const int64_t c = i % channels, w0 = i / channels % g.size(2), h0 = i / channels / g.size(2) % g.size(1);
    const int64_t n = i / channels / g.size(2) / g.size(1);
    std::vector<int64_t> places;  // of the window, inside the image
    for (int64_t h = h0 * o.stride_h - o.pad_top; h < h0 * o.stride_h - o.pad_top + o.kernel_h; ++h)
      for (int64_t w = w0 * o.stride_w - o.pad_left; w < w0 * o.stride_w - o.pad_left + o.kernel_w; ++w)
        if (h >= 0 && h < height && w >= 0 && w < width)
          places.push_back(((n * height + h) * width + w) * channels + c);
    REQUIRE(!places.empty());
    if (is_max) {
      int64_t best = places[0];
      for (const int64_t p : places)
        if (x.data()[p] > x.data()[best]) best = p;
      result.y[i] = x.data()[best];
      result.dx[best] += g.data()[i];
    } else {
      for (const int64_t p : places) {
        result.y[i] += x.data()[p] / static_cast<double>(places.size());
        result.dx[p] += g.data()[i] / static_cast<double>(places.size());
      }
    }
  }
  return result;
}

void check_close(const Tensor& actual, const std::vector<double>& expected) {
  REQUIRE(actual.numel() == static_cast<int64_t>(expected.size()));
  double worst = 0;
  for (int64_t i = 0; i < actual.numel(); ++i) worst = std::max(worst, std::abs(actual.data()[i] - expected[i]));
  CHECK(worst < 1e-5);
}

struct Case {
  Shape x, y;  // y without N and C
  Pool2dOptions options;
};

const Case kCases[] = {
    {{2, 6, 8, 21}, {3, 4}, {}},
    {{2, 7, 5, 3}, {3, 2}, {}},                                                           // rest dropped
    {{2, 7, 5, 3}, {4, 3}, {.ceil_mode = true}},                                          // rest kept
    {{1, 7, 7, 17}, {3, 3}, {.kernel_h = 3, .kernel_w = 3}},                              // overlapping
    {{1, 8, 8, 5}, {4, 4}, {.kernel_h = 3, .kernel_w = 3, .pad_top = 1, .pad_left = 1}},  // asymmetric padding
    {{2, 5, 4, 2},
     {5, 2},
     {.kernel_h = 2, .kernel_w = 3, .stride_h = 1, .stride_w = 2, .pad_bottom = 1, .pad_right = 1}},
    {{1, 1, 1, 4}, {1, 1}, {.ceil_mode = true}},  // kernel larger than the input
    {{1, 5, 5, 16}, {2, 2}, {.kernel_h = 1, .kernel_w = 1, .stride_h = 4, .stride_w = 3}},  // gaps between windows
    // ceil mode: a window that would start in the right padding is left out (3 + 2*1 - 2 = 3 steps of 2, rounded up: 3
    // windows)
    {{1, 3, 3, 1},
     {2, 2},
     {.kernel_h = 2, .kernel_w = 2, .pad_top = 1, .pad_bottom = 1, .pad_left = 1, .pad_right = 1, .ceil_mode = true}},
    {{0, 4, 4, 3}, {2, 2}, {}},
    {{2, 4, 4, 0}, {2, 2}, {}},
};

}  // namespace

TEST_CASE("pooling: values and gradients match the definition") {
  for (const Case& c : kCases)
    for (const bool is_max : {true, false}) {
      CAPTURE(c.x.str());
      const Tensor x = variable(random_tensor(c.x, 1));
      const Tensor y = is_max ? max_pool2d(x, c.options) : average_pool2d(x, c.options);
      REQUIRE(y.shape() == Shape{c.x[0], c.y[0], c.y[1], c.x[3]});
      const Tensor g = random_tensor(y.shape(), 2);
      const Pooled expected = naive_pool(x, g, c.options, is_max);
      check_close(y, expected.y);
      check_close(grad(y, x, {.seed = g}), expected.dx);
    }
}

TEST_CASE("max_pool2d: the first of equals wins, and a NaN wins over everything") {
  const Tensor x = variable(Tensor({1, 2, 2, 1}, {1, 1, 1, 1}));
  const Tensor d = grad(max_pool2d(x), x);
  CHECK(d.at({0, 0, 0, 0}) == 1);
  CHECK(d.at({0, 1, 1, 0}) == 0);
  const double nan = std::numeric_limits<double>::quiet_NaN();
  CHECK(std::isnan(max_pool2d(Tensor({1, 2, 2, 1}, {1, nan, 3, 2})).item()));
  CHECK(std::isnan(max_pool2d(Tensor({1, 2, 2, 1}, {nan, 1, 3, 2})).item()));
}

TEST_CASE("max_pool2d: a fused ReLU is the ReLU before it, values and both gradients, on every instruction set") {
  const std::string isa = kernels::isa_name();
  for (const std::string& name : kernels::available_isas()) {
    kernels::set_isa(name);
    for (const Case& c : kCases) {
      CAPTURE(c.x.str());
      const Tensor x = variable(random_tensor(c.x, 1) - Real(0.5));  // a window in three is closed
      const auto values_and_gradients = [&](const Tensor& y) {
        const Tensor d = grad(sum(square(y)), x, {.create_graph = true});
        return std::vector<Tensor>{y, d, grad(sum(mul(d, random_tensor(c.x, 3))), x)};
      };
      const std::vector<Tensor> fused = values_and_gradients(max_pool2d(x, c.options, FusedActivation::kRelu));
      const std::vector<Tensor> apart = values_and_gradients(max_pool2d(relu(x), c.options));
      for (size_t i = 0; i < fused.size(); ++i)
        CHECK(std::equal(fused[i].values().begin(), fused[i].values().end(), apart[i].values().begin(), apart[i].values().end()));
    }
  }
  kernels::set_isa(isa);
  CHECK(std::isnan(max_pool2d(Tensor({1, 2, 2, 1}, {1, NAN, 3, 2}), {}, FusedActivation::kRelu).item()));
}

TEST_CASE("max_pool2d: the second gradient reads from the places that won") {
  const Tensor x = variable(Tensor({1, 2, 2, 1}, {1, 4, 3, 2}));
  const Tensor first = grad(sum(square(max_pool2d(x))), x, {.create_graph = true});  // 2 max at the place of the max
  const Tensor second = grad(sum(first), x);
  CHECK(first.at({0, 0, 1, 0}) == 8);
  CHECK(second.at({0, 0, 1, 0}) == 2);
  CHECK(second.at({0, 1, 0, 0}) == 0);
}

TEST_CASE("pooling: the same bits at any number of threads, and in every instruction set") {
  const Tensor x = random_tensor({3, 33, 31, 19}, 1);
  const Pool2dOptions o{.kernel_h = 3, .kernel_w = 3, .pad_top = 1, .pad_bottom = 1, .pad_left = 1, .pad_right = 1};
  const auto all = [&] {
    std::vector<Real> values;
    const auto rectified_max = [](const Tensor& t, const Pool2dOptions& options) {
      return max_pool2d(t, options, FusedActivation::kRelu);
    };
    using Pool = Tensor (*)(const Tensor&, const Pool2dOptions&);
    for (const Pool pool : {Pool(rectified_max), Pool(average_pool2d)}) {
      const Tensor tx = variable(x), y = pool(tx, o), d = grad(y, tx, {.seed = y.detach()});
      values.insert(values.end(), y.values().begin(), y.values().end());
      values.insert(values.end(), d.values().begin(), d.values().end());
    }
    return values;
  };
  testing::check_same_bits(all);
}

TEST_CASE("global pooling: over the whole plane") {
  const Tensor x = variable(Tensor({1, 2, 2, 2}, {1, 8, 2, 7, 3, 6, 6, 5}));
  const Tensor mean = global_average_pool(x), max = global_max_pool(x);
  REQUIRE(mean.shape() == Shape{1, 2});
  CHECK(mean.at({0, 0}) == 3);
  CHECK(mean.at({0, 1}) == doctest::Approx(6.5));
  CHECK(max.at({0, 0}) == 6);
  CHECK(max.at({0, 1}) == 8);
}

TEST_CASE("pooling: errors name the op, the window and the shape") {
  const Tensor x = Tensor::zeros({1, 3, 3, 2});
  CHECK_THROWS_WITH_AS(max_pool2d(x, Pool2dOptions::square(4, 2)),
                       doctest::Contains("max_pool2d: a window of 4x4 does not fit into x [1, 3, 3, 2]"), Error);
  CHECK_THROWS_WITH_AS(average_pool2d(x, {.pad_top = 2}), doctest::Contains("top 2"), Error);
  CHECK_THROWS_WITH_AS(max_pool2d(x, {.stride_h = 0}), doctest::Contains("stride 0x2"), Error);
  CHECK_THROWS_WITH_AS(max_pool2d(Tensor::zeros({3, 3})), doctest::Contains("[3, 3]"), Error);
  CHECK_THROWS_WITH_AS(average_pool2d_adjoint(x, {1, 4, 4, 2}),
                       doctest::Contains("[1, 2, 2, 2], but g is [1, 3, 3, 2]"), Error);
}

}  // namespace fewer
