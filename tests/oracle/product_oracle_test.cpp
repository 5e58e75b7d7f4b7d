#include <doctest/doctest.h>

#include "ops/ops.h"
#include "tests/oracle/draw.h"
#include "tests/support/requirements.h"
#include "tests/support/torch_oracle.h"

namespace fewer::testing {
namespace {

using List = std::vector<int64_t>;

void ask_matrices(TorchOracle& oracle, Draw& draw) {
  const int64_t m = draw.between(1, 40), k = draw.between(1, 40), n = draw.between(1, 40);
  const MatmulOptions o{draw.coin(), draw.coin()};
  Shape a = draw.shape(0, 2, 3), b = a;
  if (draw.coin()) (draw.coin() ? a : b) = Shape();  // shared by all leading axes of the other
  for (const int64_t size : o.transpose_a ? List{k, m} : List{m, k}) a.push_back(size);
  for (const int64_t size : o.transpose_b ? List{n, k} : List{k, n}) b.push_back(size);
  oracle.ask("matmul", {{"transpose_a", o.transpose_a}, {"transpose_b", o.transpose_b}},
             {draw.normal(a), draw.normal(b)}, [o](const Tensors& in) { return Tensors{matmul(in[0], in[1], o)}; });
  Shape rows = draw.shape(1, 3, 5);
  rows.push_back(k);
  Tensors inputs{draw.normal(rows), draw.normal({k, n})};
  if (draw.coin()) inputs.push_back(draw.normal({n}));
  oracle.ask("linear", {}, inputs,
             [](const Tensors& in) { return Tensors{linear(in[0], in[1], in.size() > 2 ? in[2] : Tensor())}; });
}

void ask_similarities(TorchOracle& oracle, Draw& draw) {
  const Shape shape = draw.shape(1, 3);
  oracle.ask("dot", {}, {draw.normal(shape), draw.normal(shape)},
             [](const Tensors& in) { return Tensors{dot(in[0], in[1])}; });
  const int64_t d = draw.between(2, 9);
  oracle.ask("cosine_similarity", {}, {draw.normal({draw.between(1, 5), d}), draw.normal({draw.between(1, 5), d})},
             [](const Tensors& in) { return Tensors{cosine_similarity(in[0], in[1])}; });
  const int axis = static_cast<int>(draw.between(-shape.rank(), shape.rank() - 1));
  const double epsilon = draw.coin() ? 1e-8 : 100;  // larger than any norm: a plain division
  oracle.ask("l2_normalize", {{"axis", axis}, {"epsilon", epsilon}}, {draw.normal(shape)},
             [=](const Tensors& in) { return Tensors{l2_normalize(in[0], axis, static_cast<Real>(epsilon))}; });
}

struct RandomConv {
  Conv2dOptions options;
  Shape x, w;
};

// Kernels up to 4x4, any stride, padding, dilation and grouping that leave at least one output.
RandomConv random_conv(Draw& draw) {
  RandomConv c;
  Conv2dOptions& o = c.options;
  const bool plain = draw.coin();  // as often as not the common case: square, stride 1, no dilation
  o.groups = plain ? 1 : draw.between(1, 4);
  const int64_t in_per_group = draw.between(1, 6), multiplier = draw.between(1, 6), kh = plain ? 3 : draw.between(1, 4),
                kw = plain ? 3 : draw.between(1, 4);
  for (int64_t* p : {&o.pad_top, &o.pad_bottom, &o.pad_left, &o.pad_right}) *p = draw.between(0, 2);
  for (int64_t* p : {&o.stride_h, &o.stride_w}) *p = plain ? 1 : draw.between(1, 3);
  for (int64_t* p : {&o.dilation_h, &o.dilation_w}) *p = plain ? 1 : draw.between(1, 2);
  const int64_t least_h = o.dilation_h * (kh - 1) + 1, least_w = o.dilation_w * (kw - 1) + 1;
  c.x = {draw.between(1, 3), least_h + draw.between(0, 9), least_w + draw.between(0, 9), o.groups * in_per_group};
  c.w = {kh, kw, in_per_group, o.groups * multiplier};
  return c;
}

OracleAttributes with_options(OracleAttributes list, const Conv2dOptions& o) {
  list.insert(list.end(), {{"stride", List{o.stride_h, o.stride_w}},
                           {"pads", List{o.pad_top, o.pad_bottom, o.pad_left, o.pad_right}},
                           {"dilation", List{o.dilation_h, o.dilation_w}},
                           {"groups", o.groups}});
  return list;
}

void ask_epilogues(TorchOracle& oracle, Draw& draw) {
  const auto [o, xs, ws] = random_conv(draw);
  const Tensor x = draw.normal(xs), w = draw.normal(ws), addend = draw.normal(conv2d(x, w, o).shape());
  const FusedActivation activation = draw.coin() ? FusedActivation::kRelu : FusedActivation::kNone;
  oracle.ask("conv2d", with_options({{"relu", activation == FusedActivation::kRelu}}, o),
             {x, w, draw.normal({ws[3]}), addend}, [o = o, activation](const Tensors& in) {
               return Tensors{conv2d(in[0], in[1], o, {in[2], in[3], activation})};
             });
}

void ask_convolutions(TorchOracle& oracle, Draw& draw) {
  const auto [o, xs, ws] = random_conv(draw);
  const Tensor x = draw.normal(xs), w = draw.normal(ws), y = draw.normal(conv2d(x, w, o).shape());
  const auto attributes = [&o = o](OracleAttributes list) { return with_options(std::move(list), o); };
  oracle.ask("conv2d", attributes({}), {x, w}, [o = o](const Tensors& in) { return Tensors{conv2d(in[0], in[1], o)}; });
  oracle.ask("conv2d_grad_input", attributes({{"x_shape", List(xs.begin(), xs.end())}}), {y, w},
             [o = o, xs = xs](const Tensors& in) { return Tensors{conv2d_grad_input(in[0], in[1], xs, o)}; });
  oracle.ask("conv2d_grad_weight", attributes({{"w_shape", List(ws.begin(), ws.end())}}), {x, y},
             [o = o, ws = ws](const Tensors& in) { return Tensors{conv2d_grad_weight(in[0], in[1], ws, o)}; });
  const int64_t dilation = draw.between(1, 4), channels = draw.between(1, 5);
  oracle.ask("conv1d_causal", {{"dilation", dilation}},
             {draw.normal({draw.between(1, 3), draw.between(1, 12), channels}),
              draw.normal({draw.between(1, 3), channels, draw.between(1, 5)})},
             [=](const Tensors& in) { return Tensors{conv1d_causal(in[0], in[1], dilation)}; });
}

// PyTorch pads both sides alike and by at most half a window; one-sided padding goes without ceil mode.
Pool2dOptions random_pool(Draw& draw) {
  Pool2dOptions o{draw.between(1, 4), draw.between(1, 4), draw.between(1, 3), draw.between(1, 3)};
  o.pad_top = draw.between(0, o.kernel_h / 2), o.pad_left = draw.between(0, o.kernel_w / 2);
  o.pad_bottom = o.pad_top, o.pad_right = o.pad_left;
  o.ceil_mode = draw.coin();
  if (!o.ceil_mode && draw.coin())
    o.pad_bottom = draw.between(0, o.kernel_h / 2), o.pad_right = draw.between(0, o.kernel_w / 2);
  return o;
}

void ask_pooling(TorchOracle& oracle, Draw& draw) {
  const Pool2dOptions o = random_pool(draw);
  const Shape shape{draw.between(1, 3), draw.between(o.kernel_h, 9), draw.between(o.kernel_w, 9), draw.between(1, 5)};
  const OracleAttributes attributes{{"kernel", List{o.kernel_h, o.kernel_w}},
                                    {"stride", List{o.stride_h, o.stride_w}},
                                    {"pads", List{o.pad_top, o.pad_bottom, o.pad_left, o.pad_right}},
                                    {"ceil_mode", o.ceil_mode}};
  oracle.ask("max_pool2d", attributes, {draw.distinct(shape)},
             [=](const Tensors& in) { return Tensors{max_pool2d(in[0], o)}; });
  oracle.ask("average_pool2d", attributes, {draw.normal(shape)},
             [=](const Tensors& in) { return Tensors{average_pool2d(in[0], o)}; });
  OracleAttributes with_shape = attributes;
  with_shape.push_back({"x_shape", List(shape.begin(), shape.end())});
  oracle.ask("average_pool2d_adjoint", with_shape, {draw.normal(average_pool2d(Tensor::zeros(shape), o).shape())},
             [=](const Tensors& in) { return Tensors{average_pool2d_adjoint(in[0], shape, o)}; });
  oracle.ask("global_average_pool", {}, {draw.normal(shape)},
             [](const Tensors& in) { return Tensors{global_average_pool(in[0])}; });
  oracle.ask("global_max_pool", {}, {draw.distinct(shape)},
             [](const Tensors& in) { return Tensors{global_max_pool(in[0])}; });
}

}  // namespace

TEST_CASE("oracle: products, convolutions and pooling agree with PyTorch, forward and backward") {
  if (!have_torch()) return;
  TorchOracle oracle(5);
  Draw draw(6);
  for (int i = 0; i < 2 * kOracleCases; ++i) {
    ask_matrices(oracle, draw);
    ask_similarities(oracle, draw);
    ask_convolutions(oracle, draw);
    ask_pooling(oracle, draw);
  }
  for (int i = 0; i < kOracleCases; ++i) ask_epilogues(oracle, draw);
  oracle.compare();
}

}  // namespace fewer::testing
