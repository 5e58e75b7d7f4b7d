#include <doctest/doctest.h>

#include "ops/ops.h"
#include "tests/ops/gradient_table.h"

namespace fewer::testing {
namespace {

struct ConvCase {
  const char* variant;
  Shape x, w;
  Conv2dOptions options;
  int order = 2;
};

const std::vector<ConvCase>& conv_cases() {
  static const std::vector<ConvCase> cases{
      {"3x3, padded", {2, 4, 5, 2}, {3, 3, 2, 3}, {.pad_top = 1, .pad_bottom = 1, .pad_left = 1, .pad_right = 1}, 3},
      {"1x1", {2, 2, 3, 3}, {1, 1, 3, 2}, {}},
      {"stride 2, one-sided padding",
       {1, 5, 6, 2},
       {3, 2, 2, 2},
       {.stride_h = 2, .stride_w = 3, .pad_top = 1, .pad_right = 2}},
      {"dilated", {1, 6, 7, 1}, {2, 3, 1, 2}, {.pad_left = 1, .dilation_h = 3, .dilation_w = 2}},
      {"two groups", {2, 3, 3, 4}, {2, 2, 2, 6}, {.groups = 2}},
      {"depthwise with multiplier 2", {1, 4, 4, 3}, {3, 3, 1, 6}, {.pad_top = 1, .groups = 3}},
      {"deep 3x3", {1, 6, 6, 8}, {3, 3, 8, 8}, {.pad_top = 1, .pad_bottom = 1, .pad_left = 1, .pad_right = 1}},
      {"stride that leaves a border unseen", {1, 6, 6, 1}, {3, 3, 1, 1}, {.stride_h = 2, .stride_w = 2}},
  };
  return cases;
}

}  // namespace

GradientRows product_rows() {
  Samples s(30);
  GradientRows rows;
  for (const bool ta : {false, true})
    for (const bool tb : {false, true})
      rows.push_back({"matmul", text("transpose_a ", ta, ", transpose_b ", tb),
                      [=](const Tensors& in) { return Tensors{matmul(in[0], in[1], {ta, tb})}; },
                      {s.normal(ta ? Shape{4, 2} : Shape{2, 4}), s.normal(tb ? Shape{3, 4} : Shape{4, 3})}, 3});
  const auto plain = [](const Tensors& in) { return Tensors{matmul(in[0], in[1])}; };
  rows.push_back({"matmul", "batched", plain, {s.normal({2, 3, 2, 4}), s.normal({2, 3, 4, 3})}});
  rows.push_back({"matmul", "shared on the right", plain, {s.normal({3, 2, 4}), s.normal({4, 3})}});
  rows.push_back({"matmul", "shared on the left", plain, {s.normal({2, 4}), s.normal({3, 4, 2})}});
  rows.push_back({"matmul",
                  "batched, both transposed",
                  [](const Tensors& in) {
                    return Tensors{matmul(in[0], in[1], {true, true})};
                  },
                  {s.normal({2, 4, 2}), s.normal({2, 3, 4})}});
  rows.push_back({"linear", "", [](const Tensors& in) { return Tensors{linear(in[0], in[1], in[2])}; },
                  {s.normal({2, 3, 4}), s.normal({4, 2}), s.normal({2})}});
  rows.push_back({"linear",
                  "no bias",
                  [](const Tensors& in) { return Tensors{linear(in[0], in[1], {})}; },
                  {s.normal({3, 4}), s.normal({4, 2})}});
  rows.push_back(
      {"dot", "", [](const Tensors& in) { return Tensors{dot(in[0], in[1])}; }, {s.normal({2, 3}), s.normal({2, 3})}});
  rows.push_back({"cosine_similarity", "", [](const Tensors& in) { return Tensors{cosine_similarity(in[0], in[1])}; },
                  {s.normal({2, 4}), s.normal({3, 4})}});
  rows.push_back(
      {"l2_normalize", "", [](const Tensors& in) { return Tensors{l2_normalize(in[0])}; }, {s.normal({2, 4})}});
  rows.push_back({"l2_normalize",
                  "axis 0",
                  [](const Tensors& in) { return Tensors{l2_normalize(in[0], 0)}; },
                  {s.normal({4, 2, 2})}});
  rows.push_back({"l2_normalize",
                  "norms below epsilon",
                  [](const Tensors& in) { return Tensors{l2_normalize(in[0], -1, 100)}; },
                  {s.normal({2, 4})}});
  return rows;
}

GradientRows conv_rows() {
  Samples s(31);
  GradientRows rows;
  for (const ConvCase& c : conv_cases()) {
    const Tensor x = s.normal(c.x), w = s.normal(c.w), y = s.normal(conv2d(x, w, c.options).shape());
    const auto [variant, xs, ws, o, order] = c;
    rows.push_back(
        {"conv2d", variant, [o = o](const Tensors& in) { return Tensors{conv2d(in[0], in[1], o)}; }, {x, w}, order});
    rows.push_back({"conv2d_grad_input",
                    variant,
                    [o = o, xs = xs](const Tensors& in) { return Tensors{conv2d_grad_input(in[0], in[1], xs, o)}; },
                    {y, w}});
    rows.push_back({"conv2d_grad_weight",
                    variant,
                    [o = o, ws = ws](const Tensors& in) { return Tensors{conv2d_grad_weight(in[0], in[1], ws, o)}; },
                    {x, y}});
  }
  const Conv2dOptions padded = Conv2dOptions::padded(1);
  const Tensor x = s.normal({2, 3, 4, 2}), w = s.normal({3, 3, 2, 3}), bias = s.normal({3}), addend = s.normal({2, 3, 4, 3});
  rows.push_back({"conv2d", "bias",
                  [=](const Tensors& in) { return Tensors{conv2d(in[0], in[1], padded, {.bias = in[2]})}; },
                  {x, w, bias}, 3});
  rows.push_back({"conv2d", "bias, addend and ReLU",
                  [=](const Tensors& in) {
                    return Tensors{square(conv2d(in[0], in[1], padded, {in[2], in[3], FusedActivation::kRelu}))};
                  },
                  {x, w, bias, addend}});
  rows.push_back({"conv2d", "only the bias is trained",
                  [=](const Tensors& in) { return Tensors{square(conv2d(x, w, padded, {.bias = in[0]}))}; }, {bias}});
  for (const int64_t dilation : {1, 2, 4})
    rows.push_back({"conv1d_causal", text("dilation ", dilation),
                    [dilation](const Tensors& in) { return Tensors{conv1d_causal(in[0], in[1], dilation)}; },
                    {s.normal({2, 5, 3}), s.normal({2, 3, 2})}});
  return rows;
}

GradientRows pool_rows() {
  Samples s(32);
  const std::pair<const char*, Pool2dOptions> variants[] = {
      {"2x2", {}},
      {"overlapping, padded", {3, 3, 2, 2, 1, 1, 1, 1}},
      {"ceil mode", {.kernel_h = 2, .kernel_w = 3, .stride_h = 2, .stride_w = 2, .ceil_mode = true}},
      {"one-sided padding",
       {.kernel_h = 2, .kernel_w = 2, .stride_h = 1, .stride_w = 2, .pad_bottom = 1, .pad_left = 1}},
  };
  GradientRows rows;
  for (const auto& [variant, o] : variants) {
    rows.push_back({"max_pool2d",
                    variant,
                    [o = o](const Tensors& in) { return Tensors{square(max_pool2d(in[0], o))}; },
                    {s.distinct({2, 5, 6, 2})}});
    rows.push_back({"max_pool2d",
                    text(variant, ", ReLU"),
                    [o = o](const Tensors& in) { return Tensors{square(max_pool2d(in[0], o, FusedActivation::kRelu))}; },
                    {s.distinct({2, 5, 6, 2})}});
    const Shape x_shape{2, 5, 6, 2}, y_shape = average_pool2d(Tensor::zeros(x_shape), o).shape();
    rows.push_back(
        {"average_pool2d_adjoint",
         variant,
         [=, o = o](const Tensors& in) { return Tensors{square(average_pool2d_adjoint(in[0], x_shape, o))}; },
         {s.normal(y_shape)}});
    rows.push_back({"average_pool2d",
                    variant,
                    [o = o](const Tensors& in) { return Tensors{square(average_pool2d(in[0], o))}; },
                    {s.normal({2, 5, 6, 2})}});
  }
  rows.push_back({"global_average_pool",
                  "",
                  [](const Tensors& in) { return Tensors{square(global_average_pool(in[0]))}; },
                  {s.normal({2, 3, 2, 3})}});
  rows.push_back({"global_max_pool",
                  "",
                  [](const Tensors& in) { return Tensors{square(global_max_pool(in[0]))}; },
                  {s.distinct({2, 3, 2, 3})}});
  return rows;
}

TEST_CASE("gradient table: products") { check_rows(product_rows()); }
TEST_CASE("gradient table: convolutions") { check_rows(conv_rows()); }
TEST_CASE("gradient table: pooling") { check_rows(pool_rows()); }

}  // namespace fewer::testing
