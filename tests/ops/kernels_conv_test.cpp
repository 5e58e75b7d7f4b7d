#include <doctest/doctest.h>

#include "tests/support/naive_conv.h"
#include "tests/support/naive_gemm.h"

using namespace fewer;
using namespace fewer::testing;

namespace {

// Every feature alone and in company, at sizes that fit neither tiles nor vectors.
const ConvSizes kCases[] = {
    {.batch = 1, .height = 1, .width = 1, .in = 1, .kernel_h = 1, .kernel_w = 1, .out = 1},
    {.batch = 2, .height = 9, .width = 7, .in = 3, .kernel_h = 3, .kernel_w = 3, .out = 5, .pad_top = 1, .pad_bottom = 1, .pad_left = 1, .pad_right = 1},
    {.batch = 3, .height = 12, .width = 12, .in = 1, .kernel_h = 5, .kernel_w = 5, .out = 20},
    {.batch = 2, .height = 8, .width = 8, .in = 16, .kernel_h = 3, .kernel_w = 3, .out = 33, .pad_top = 1, .pad_bottom = 1, .pad_left = 1, .pad_right = 1},
    {.batch = 2, .height = 11, .width = 10, .in = 6, .kernel_h = 3, .kernel_w = 3, .out = 10, .stride_h = 2, .stride_w = 2, .pad_top = 1, .pad_bottom = 1, .pad_left = 1, .pad_right = 1},
    {.batch = 2, .height = 13, .width = 9, .in = 4, .kernel_h = 2, .kernel_w = 4, .out = 7, .stride_h = 3, .stride_w = 2, .pad_top = 2, .pad_left = 1, .pad_right = 3},
    {.batch = 2, .height = 14, .width = 15, .in = 5, .kernel_h = 3, .kernel_w = 3, .out = 9, .pad_top = 2, .pad_bottom = 1, .pad_right = 2, .dilation_h = 2, .dilation_w = 3},
    {.batch = 1, .height = 17, .width = 16, .in = 4, .kernel_h = 4, .kernel_w = 3, .out = 6, .stride_h = 2, .stride_w = 3, .pad_top = 3, .pad_left = 2, .dilation_h = 2, .dilation_w = 2},
    {.batch = 2, .height = 10, .width = 10, .in = 12, .kernel_h = 3, .kernel_w = 3, .out = 18, .stride_h = 2, .pad_top = 1, .pad_left = 1, .pad_right = 1, .groups = 3},
    {.batch = 2, .height = 9, .width = 9, .in = 19, .kernel_h = 3, .kernel_w = 3, .out = 19, .pad_top = 1, .pad_bottom = 1, .pad_left = 1, .pad_right = 1, .groups = 19},
    {.batch = 2, .height = 9, .width = 8, .in = 7, .kernel_h = 3, .kernel_w = 2, .out = 21, .stride_h = 2, .stride_w = 2, .pad_top = 1, .pad_right = 1, .dilation_h = 2, .groups = 7},
    {.batch = 20, .height = 2, .width = 2, .in = 40, .kernel_h = 3, .kernel_w = 3, .out = 50, .pad_top = 1, .pad_bottom = 1, .pad_left = 1, .pad_right = 1},
    {.batch = 19, .height = 4, .width = 4, .in = 24, .kernel_h = 3, .kernel_w = 3, .out = 35, .pad_top = 1, .pad_bottom = 1, .pad_left = 1, .pad_right = 1},
    {.batch = 4, .height = 6, .width = 5, .in = 18, .kernel_h = 1, .kernel_w = 1, .out = 37},
    {.batch = 3, .height = 7, .width = 7, .in = 18, .kernel_h = 1, .kernel_w = 1, .out = 20, .stride_h = 2, .stride_w = 2},
    {.batch = 1, .height = 40, .width = 70, .in = 8, .kernel_h = 3, .kernel_w = 3, .out = 12, .pad_top = 1, .pad_bottom = 1, .pad_left = 1, .pad_right = 1},
    {.batch = 1, .height = 3, .width = 2, .in = 2, .kernel_h = 3, .kernel_w = 3, .out = 3, .pad_top = 5, .pad_bottom = 4, .pad_left = 6, .pad_right = 2},
    {.batch = 1, .height = 1, .width = 40, .in = 10, .kernel_h = 1, .kernel_w = 2, .out = 12, .pad_left = 4, .dilation_w = 4},
    {.batch = 3, .height = 19, .width = 15, .in = 2, .kernel_h = 5, .kernel_w = 7, .out = 24, .stride_h = 2, .stride_w = 3, .pad_top = 2, .pad_left = 3, .pad_right = 1, .dilation_h = 2},
    {.batch = 2, .height = 9, .width = 9, .in = 20, .kernel_h = 5, .kernel_w = 5, .out = 30, .pad_bottom = 1, .pad_right = 2},
    {.batch = 0, .height = 5, .width = 5, .in = 2, .kernel_h = 3, .kernel_w = 3, .out = 3},
    {.batch = 3, .height = 13, .width = 14, .in = 17, .kernel_h = 3, .kernel_w = 3, .out = 34, .pad_top = 1, .pad_bottom = 1, .pad_left = 1, .pad_right = 1},
};

struct Results {
  std::vector<double> y, dx, dw;
};

Results naive(const ConvSizes& s, const Results& in) {  // in: g, x, w in the places of their gradients
  return {naive_conv2d(in.dx, in.dw, s), naive_conv2d_grad_input(in.y, in.dw, s), naive_conv2d_grad_weight(in.dx, in.y, s)};
}

template <class T>
struct Run {
  std::vector<T> y, dx, dw;
  bool operator==(const Run&) const = default;
};

template <class T>
Run<T> run(const ConvSizes& s, const Results& in) {
  const std::vector<T> x = as<T>(in.dx), w = as<T>(in.dw), g = as<T>(in.y);
  Run<T> r = {std::vector<T>(g.size(), T(NAN)), std::vector<T>(x.size(), T(NAN)), std::vector<T>(w.size(), T(NAN))};
  kernels::conv2d(x.data(), w.data(), r.y.data(), s);
  kernels::conv2d_grad_input(g.data(), w.data(), r.dx.data(), s);
  kernels::conv2d_grad_weight(x.data(), g.data(), r.dw.data(), s);
  return r;
}

// The convolution with each part of an epilogue, each held against the plain sum `y` of the same kernel.
template <class T>
void check_epilogues(const ConvSizes& s, const Results& in, const std::vector<T>& y) {
  const std::vector<T> x = as<T>(in.dx), w = as<T>(in.dw), bias = as<T>(random_values(s.out, 4)), addend = as<T>(random_values(output_size(s), 5));
  for (const bool with_bias : {false, true})
    for (const bool with_addend : {false, true})
      for (const bool relu : {false, true}) {
        std::vector<double> expected(y.begin(), y.end());
        for (size_t i = 0; i < expected.size(); ++i) {
          expected[i] += (with_bias ? bias[i % bias.size()] : 0) + (with_addend ? addend[i] : 0);
          if (relu) expected[i] = std::max(expected[i], 0.0);
        }
        INFO("bias ", with_bias, ", addend ", with_addend, ", relu ", relu);
        std::vector<T> result(y.size(), T(NAN));
        kernels::conv2d(x.data(), w.data(), result.data(), s,
                        {.bias = with_bias ? bias.data() : nullptr, .addend = with_addend ? addend.data() : nullptr, .relu = relu});
        CHECK(distance(result, expected) <= rounding_bound<T>(s.kernel_h * s.kernel_w * s.in / s.groups));
      }
}

// The gradient of a bias, and that asking for it leaves dw as it is.
template <class T>
void check_bias_gradient(const ConvSizes& s, const Results& in, const std::vector<T>& dw) {
  const std::vector<T> x = as<T>(in.dx), g = as<T>(in.y);
  std::vector<double> expected(s.out);
  for (size_t i = 0; i < g.size(); ++i) expected[i % s.out] += g[i];
  std::vector<T> with_bias(dw.size(), T(NAN)), dbias(s.out, T(NAN));
  kernels::conv2d_grad_weight(x.data(), g.data(), with_bias.data(), s, dbias.data());
  CHECK(with_bias == dw);
  CHECK(distance(dbias, expected) <= rounding_bound<T>(s.batch * s.out_height * s.out_width));
}

template <class Check>
void for_each_case(Check check) {
  for (size_t i = 0; i < std::size(kCases); ++i) {
    const ConvSizes s = with_outputs(kCases[i]);
    INFO("case ", i);
    check(s, Results{random_values(output_size(s), 1), random_values(input_size(s), 2), random_values(weight_size(s), 3)});
  }
}

template <class T>
void check_close(const Run<T>& r, const Results& expected, const ConvSizes& s, double factor) {
  const int64_t taps = s.kernel_h * s.kernel_w;
  CHECK(distance(r.y, expected.y) <= factor * rounding_bound<T>(taps * s.in / s.groups));
  CHECK(distance(r.dx, expected.dx) <= factor * rounding_bound<T>(taps * s.out / s.groups));
  CHECK(distance(r.dw, expected.dw) <= factor * rounding_bound<T>(s.batch * s.out_height * s.out_width));
}

class KeepAlgorithm {
 public:
  ~KeepAlgorithm() { kernels::set_conv_algorithm(algorithm_); }

 private:
  kernels::ConvAlgorithm algorithm_ = kernels::conv_algorithm();
};

}  // namespace

TEST_CASE("conv2d: the direct sums equal nested loops on every instruction set, float and double") {
  const KeepSettings keep;
  const KeepAlgorithm keep_algorithm;
  kernels::set_conv_algorithm(kernels::ConvAlgorithm::kDirect);
  for_each_case([](const ConvSizes& s, const Results& in) {
    const Results expected = naive(s, in);
    for (const std::string& isa : kernels::available_isas()) {
      kernels::set_isa(isa);
      INFO("isa ", isa);
      check_close(run<float>(s, in), expected, s, 1);
      check_close(run<double>(s, in), expected, s, 1);
    }
  });
}

TEST_CASE("conv2d: bias, addend and ReLU of an epilogue are those of passes of their own; so is the gradient of the bias") {
  const KeepSettings keep;
  for_each_case([](const ConvSizes& s, const Results& in) {
    for (const std::string& isa : kernels::available_isas()) {
      kernels::set_isa(isa);
      INFO("isa ", isa);
      const Run<float> floats = run<float>(s, in);
      check_epilogues(s, in, floats.y);
      check_bias_gradient(s, in, floats.dw);
      const Run<double> doubles = run<double>(s, in);
      check_epilogues(s, in, doubles.y);
      check_bias_gradient(s, in, doubles.dw);
    }
  });
}

TEST_CASE("conv2d: the bits do not depend on the number of threads") {
  const KeepSettings keep;
  for_each_case([](const ConvSizes& s, const Results& in) {
    set_threads(1);
    const Run<float> one = run<float>(s, in);
    for (const int n : {2, 3}) {
      set_threads(n);
      CHECK(run<float>(s, in) == one);
    }
  });
}

TEST_CASE("conv2d: Winograd stays within 10 times the rounding bound of the direct sum") {
  const KeepSettings keep;
  const ConvSizes cases[] = {
      {.batch = 1, .height = 28, .width = 28, .in = 16, .kernel_h = 3, .kernel_w = 3, .out = 16, .pad_top = 1, .pad_bottom = 1, .pad_left = 1, .pad_right = 1},
      {.batch = 17, .height = 4, .width = 4, .in = 24, .kernel_h = 3, .kernel_w = 3, .out = 35, .pad_top = 1, .pad_bottom = 1, .pad_left = 1, .pad_right = 1},
      {.batch = 5, .height = 7, .width = 7, .in = 20, .kernel_h = 3, .kernel_w = 3, .out = 66, .pad_top = 1, .pad_bottom = 1, .pad_left = 1, .pad_right = 1},
      {.batch = 3, .height = 11, .width = 15, .in = 32, .kernel_h = 3, .kernel_w = 3, .out = 48},
      {.batch = 2, .height = 21, .width = 10, .in = 17, .kernel_h = 3, .kernel_w = 3, .out = 19, .pad_top = 2, .pad_left = 1},
      {.batch = 9, .height = 5, .width = 13, .in = 18, .kernel_h = 3, .kernel_w = 3, .out = 34, .pad_top = 1, .pad_bottom = 1, .pad_left = 1, .pad_right = 1},  // tiles of 5, of 4 and 5
      {.batch = 40, .height = 2, .width = 3, .in = 16, .kernel_h = 3, .kernel_w = 3, .out = 20, .pad_top = 1, .pad_bottom = 1, .pad_left = 1, .pad_right = 1},  // of 2 and of 3
      {.batch = 2, .height = 14, .width = 32, .in = 16, .kernel_h = 3, .kernel_w = 3, .out = 32, .pad_top = 1, .pad_bottom = 1, .pad_left = 1, .pad_right = 1},  // of 6 and 4
      {.batch = 16, .height = 8, .width = 8, .in = 160, .kernel_h = 3, .kernel_w = 3, .out = 200, .pad_top = 1, .pad_bottom = 1, .pad_left = 1, .pad_right = 1},
  };
  for (size_t i = 0; i < std::size(cases); ++i) {
    const ConvSizes s = with_outputs(cases[i]);
    INFO("case ", i);
    const Results in{random_values(output_size(s), 1), random_values(input_size(s), 2), random_values(weight_size(s), 3)};
    const Results expected = naive(s, in);
    for (const std::string& isa : kernels::available_isas()) {
      kernels::set_isa(isa);
      set_threads(1);
      const Run<float> one = run<float>(s, in);
      check_close(one, expected, s, 10);
      check_epilogues(s, in, one.y);
      check_bias_gradient(s, in, one.dw);
      set_threads(3);
      CHECK(run<float>(s, in) == one);
    }
  }
}

TEST_CASE("conv2d: kDirect turns Winograd off") {
  const KeepAlgorithm keep;
  const ConvSizes s = with_outputs({.batch = 1, .height = 16, .width = 16, .in = 16, .kernel_h = 3, .kernel_w = 3, .out = 16});
  const Results in{random_values(output_size(s), 1), random_values(input_size(s), 2), random_values(weight_size(s), 3)};
  kernels::set_conv_algorithm(kernels::ConvAlgorithm::kAuto);
  const Run<float> automatic = run<float>(s, in);
  kernels::set_conv_algorithm(kernels::ConvAlgorithm::kDirect);
  const Run<float> direct = run<float>(s, in);
  CHECK(automatic.y != direct.y);
  CHECK(automatic.dw != direct.dw);
  check_close(direct, naive(s, in), s, 1);
}
