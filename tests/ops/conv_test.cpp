#include <doctest/doctest.h>

#include <cmath>

#include "core/error.h"
#include "core/rng.h"
#include "ops/ops.h"
#include "tests/support/naive_conv.h"
#include "tests/support/naive_gemm.h"

namespace fewer {
namespace {

using testing::ConvSizes, testing::distance;

std::vector<double> doubles(const Tensor& x) { return {x.values().begin(), x.values().end()}; }
std::vector<Real> reals(const Tensor& x) { return {x.values().begin(), x.values().end()}; }

Tensor random_tensor(const Shape& shape, uint64_t seed) {
  Rng rng(seed);
  return Tensor::uniform(shape, -1, 1, rng);
}

struct Case {
  Shape x, w;
  Conv2dOptions options;
};

const Case kCases[] = {
    {{2, 7, 6, 3}, {3, 3, 3, 5}, {}},
    {{2, 7, 6, 3}, {3, 2, 3, 5}, {.stride_h = 2, .stride_w = 3, .pad_top = 1, .pad_right = 2}},  // asymmetric padding
    {{1, 9, 9, 2},
     {3, 3, 2, 4},
     {.pad_top = 2, .pad_bottom = 2, .pad_left = 2, .pad_right = 2, .dilation_h = 2, .dilation_w = 3}},
    {{2, 5, 5, 6}, {3, 3, 2, 9}, {.pad_top = 1, .pad_bottom = 1, .groups = 3}},
    {{2, 5, 5, 4}, {3, 3, 1, 12}, {.groups = 4}},  // depthwise, multiplier 3
    {{1, 2, 2, 1},
     {4, 4, 1, 1},
     {.pad_top = 1, .pad_bottom = 1, .pad_left = 1, .pad_right = 1}},  // larger than the input
    {{3, 4, 4, 5}, {1, 1, 5, 2}, {.stride_h = 3, .stride_w = 3}},      // some inputs are never read
    {{0, 4, 4, 5}, {3, 3, 5, 2}, {}},
};

ConvSizes sizes(const Case& c) {
  const Conv2dOptions& o = c.options;
  return testing::with_outputs({.batch = c.x[0],
                                .height = c.x[1],
                                .width = c.x[2],
                                .in = c.x[3],
                                .kernel_h = c.w[0],
                                .kernel_w = c.w[1],
                                .out = c.w[3],
                                .stride_h = o.stride_h,
                                .stride_w = o.stride_w,
                                .pad_top = o.pad_top,
                                .pad_bottom = o.pad_bottom,
                                .pad_left = o.pad_left,
                                .pad_right = o.pad_right,
                                .dilation_h = o.dilation_h,
                                .dilation_w = o.dilation_w,
                                .groups = o.groups});
}

}  // namespace

TEST_CASE("conv2d: values and both gradients match the definition") {
  for (const Case& c : kCases) {
    CAPTURE(c.x.str());
    CAPTURE(c.w.str());
    const Tensor x = variable(random_tensor(c.x, 1)), w = variable(random_tensor(c.w, 2));
    const Tensor y = conv2d(x, w, c.options);
    const ConvSizes s = sizes(c);
    REQUIRE(y.shape() == Shape{s.batch, s.out_height, s.out_width, s.out});
    CHECK(distance(reals(y), testing::naive_conv2d(doubles(x), doubles(w), s)) < 1e-5);
    const Tensor g = random_tensor(y.shape(), 3);
    const std::vector<Tensor> d = grad(y, std::vector<Tensor>{x, w}, {.seed = g});
    CHECK(distance(reals(d[0]), testing::naive_conv2d_grad_input(doubles(g), doubles(w), s)) < 1e-5);
    CHECK(distance(reals(d[1]), testing::naive_conv2d_grad_weight(doubles(x), doubles(g), s)) < 1e-5);
  }
}

TEST_CASE("conv2d: an epilogue is bias, addend and ReLU one after another, forward and backward") {
  for (const Case& c : kCases) {
    CAPTURE(c.x.str());
    CAPTURE(c.w.str());
    const Tensor x = variable(random_tensor(c.x, 1)), w = variable(random_tensor(c.w, 2)), b = variable(random_tensor({c.w[3]}, 3));
    const Tensor r = variable(random_tensor(conv2d(x, w, c.options).shape(), 4)), seed = random_tensor(r.shape(), 5);
    const Tensor fused = conv2d(x, w, c.options, {.bias = b, .addend = r, .activation = FusedActivation::kRelu});
    const Tensor expected = relu(conv2d(x, w, c.options) + b + r);
    CHECK(distance(reals(fused), doubles(expected)) < 1e-6);
    const std::vector<Tensor> wrt{x, w, b, r};
    const std::vector<Tensor> d = grad(fused, wrt, {.seed = seed}), expected_d = grad(expected, wrt, {.seed = seed});
    for (size_t i = 0; i < wrt.size(); ++i) CHECK(distance(reals(d[i]), doubles(expected_d[i])) < 1e-5);
  }
}

TEST_CASE("conv2d: a NaN passes the fused ReLU") {
  const Tensor y = conv2d(Tensor({1, 1, 1, 1}, {NAN}), Tensor::ones({1, 1, 1, 1}), {}, {.activation = FusedActivation::kRelu});
  CHECK(std::isnan(y.item()));
}

TEST_CASE("conv2d: a bias or an addend of another shape is refused") {
  const Tensor x = Tensor::ones({1, 4, 4, 2}), w = Tensor::ones({3, 3, 2, 5});
  CHECK_THROWS_WITH_AS(conv2d(x, w, {}, {.bias = Tensor::ones({2})}),
                       "conv2d: weight [3, 3, 2, 5] needs a bias of shape [5], got [2]", Error);
  CHECK_THROWS_WITH_AS(conv2d(x, w, {}, {.addend = Tensor::ones({5})}),
                       "conv2d: an addend must have the shape of the output, [1, 2, 2, 5], got [5]", Error);
}

TEST_CASE("conv2d: the three of the family are each other's gradients") {
  // T = <conv2d(x, w), g> = <x, grad_input(g, w)> = <w, grad_weight(x, g)> for all x, w, g
  const auto dot_of = [](const Tensor& a, const Tensor& b) {
    double total = 0;
    for (int64_t i = 0; i < a.numel(); ++i) total += double(a.data()[i]) * double(b.data()[i]);
    return total;
  };
  for (const Case& c : kCases) {
    const Tensor x = random_tensor(c.x, 1), w = random_tensor(c.w, 2);
    const Tensor y = conv2d(x, w, c.options), g = random_tensor(y.shape(), 3);
    const double expected = dot_of(y, g);
    const Tensor tg = variable(g), tw = variable(w), tx = variable(x);
    const Tensor dx = conv2d_grad_input(tg, tw, c.x, c.options), dw = conv2d_grad_weight(tx, tg, c.w, c.options);
    CHECK(dot_of(dx, x) == doctest::Approx(expected).epsilon(1e-4));
    CHECK(dot_of(dw, w) == doctest::Approx(expected).epsilon(1e-4));
    const std::vector<Tensor> by_gw = grad(dx, std::vector<Tensor>{tg, tw}, {.seed = x});
    CHECK(dot_of(by_gw[0], g) == doctest::Approx(expected).epsilon(1e-4));
    CHECK(dot_of(by_gw[1], w) == doctest::Approx(expected).epsilon(1e-4));
    const std::vector<Tensor> by_xg = grad(dw, std::vector<Tensor>{tx, tg}, {.seed = w});
    CHECK(dot_of(by_xg[0], x) == doctest::Approx(expected).epsilon(1e-4));
    CHECK(dot_of(by_xg[1], g) == doctest::Approx(expected).epsilon(1e-4));
  }
}

TEST_CASE("conv2d: errors name the op and both shapes") {
  const Tensor x = Tensor::zeros({8, 32, 32, 3});
  const auto conv = [&](const Shape& w, const Conv2dOptions& o) { return conv2d(x, Tensor::zeros(w), o); };
  CHECK_THROWS_WITH_AS(conv({3, 3, 16, 32}, {}),
                       "conv2d: weight [3, 3, 16, 32] expects 16 input channels, but x is [8, 32, 32, 3]", Error);
  CHECK_THROWS_WITH_AS(conv({33, 3, 3, 32}, {}),
                       doctest::Contains("does not fit into x [8, 32, 32, 3] padded to 32x32"), Error);
  CHECK_THROWS_WITH_AS(conv({3, 3, 1, 4}, {.groups = 3}), doctest::Contains("3 groups do not divide"), Error);
  CHECK_THROWS_WITH_AS(conv({3, 3, 3}, {}), doctest::Contains("[3, 3, 3]"), Error);
  CHECK_THROWS_WITH_AS(conv({3, 3, 3, 4}, {.stride_h = 0}), doctest::Contains("stride 0x1"), Error);
  CHECK_THROWS_WITH_AS(conv({3, 3, 3, 4}, {.pad_left = -1}), doctest::Contains("left -1"), Error);
  CHECK_THROWS_WITH_AS(conv2d_grad_input(x, Tensor::zeros({3, 3, 4, 3}), {8, 32, 32, 4}),
                       doctest::Contains("g is [8, 32, 32, 3]"), Error);
  CHECK_THROWS_WITH_AS(Conv2dOptions::same(4), doctest::Contains("even"), Error);
}

TEST_CASE("conv2d: the same bits at any number of threads") {
  const Tensor x = random_tensor({5, 13, 11, 17}, 1), w = random_tensor({3, 3, 17, 19}, 2);
  const auto all = [&] {
    const Tensor tx = variable(x), tw = variable(w), y = conv2d(tx, tw, Conv2dOptions::same(3));
    std::vector<Tensor> d = grad(y, std::vector<Tensor>{tx, tw}, {.seed = y.detach()});
    return std::vector<std::vector<Real>>{reals(y), reals(d[0]), reals(d[1])};
  };
  set_threads(1);
  const auto serial = all();
  for (const int n : {2, 3}) {
    set_threads(n);
    CHECK(all() == serial);
  }
}

TEST_CASE("conv1d_causal: an output depends on the present and the past alone") {
  const Tensor x = variable(random_tensor({1, 9, 2}, 1)), w = variable(random_tensor({3, 2, 1}, 2));
  const Tensor y = conv1d_causal(x, w, 2);
  REQUIRE(y.shape() == Shape{1, 9, 1});
  for (int64_t t = 0; t < 9; ++t) {
    double expected = 0;  // w[k-1] meets the present
    for (int64_t j = 0; j < 3; ++j)
      for (int64_t i = 0; i < 2; ++i)
        if (t - 2 * (2 - j) >= 0) expected += double(x.at({0, t - 2 * (2 - j), i})) * double(w.at({j, i, 0}));
    CHECK(y.at({0, t, 0}) == doctest::Approx(expected).epsilon(1e-5));
  }
  Tensor seed = Tensor::zeros({1, 9, 1});
  seed.mutable_data()[4] = 1;
  const Tensor d = grad(y, x, {.seed = seed});
  for (int64_t t = 0; t < 9; ++t) CHECK((d.at({0, t, 0}) != 0) == (t == 0 || t == 2 || t == 4));
  CHECK_THROWS_WITH_AS(conv1d_causal(x, Tensor::zeros({3, 4, 1})), doctest::Contains("[3, 4, 1]"), Error);
}

}  // namespace fewer
