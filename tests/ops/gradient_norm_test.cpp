#include <doctest/doctest.h>

#include "ops/ops.h"
#include "tests/ops/gradient_table.h"

namespace fewer::testing {
namespace {

constexpr Real kEpsilon = Real(1e-3);

TensorFunction batch_norm_function(bool gamma, bool beta) {
  return [=](const Tensors& in) {
    const Tensor scale = gamma ? in[1] : Tensor(), shift = beta ? in[gamma ? 2 : 1] : Tensor();
    return Tensors{batch_norm(in[0], scale, shift, kEpsilon).y};
  };
}

TensorFunction add_function(FusedActivation activation) {
  return [=](const Tensors& in) {
    return Tensors{batch_norm_add(in[0], in[1], in[2], in[3], kEpsilon, activation).y};
  };
}

TensorFunction pool_function(FusedActivation activation, const Pool2dOptions& pool) {
  return [=](const Tensors& in) {
    return Tensors{batch_norm_max_pool(in[0], in[1], in[2], kEpsilon, activation, pool).y};
  };
}

}  // namespace

GradientRows norm_rows() {
  Samples s(40);
  return {
      {"batch_norm",
       "images",
       batch_norm_function(true, true),
       {s.normal({2, 3, 2, 3}), s.normal({3}), s.normal({3})},
       3},
      {"batch_norm", "vectors", batch_norm_function(true, true), {s.normal({5, 2}), s.normal({2}), s.normal({2})}, 3},
      {"batch_norm", "no gamma", batch_norm_function(false, true), {s.normal({5, 2}), s.normal({2})}},
      {"batch_norm", "no beta", batch_norm_function(true, false), {s.normal({5, 2}), s.normal({2})}},
      {"batch_norm", "neither", batch_norm_function(false, false), {s.normal({5, 2})}},
      {"batch_norm",
       "then relu",
       [](const Tensors& in) { return Tensors{batch_norm(in[0], in[1], in[2], kEpsilon, FusedActivation::kRelu).y}; },
       {s.normal({6, 3}), s.normal({3}), s.normal({3})}},
      {"batch_norm_add", "", add_function(FusedActivation::kNone),
       {s.normal({5, 2}), s.normal({5, 2}), s.normal({2}), s.normal({2})}},
      {"batch_norm_add", "then relu", add_function(FusedActivation::kRelu),
       {s.normal({2, 3, 2, 3}), s.normal({2, 3, 2, 3}), s.normal({3}), s.normal({3})}},
      {"batch_norm_max_pool", "", pool_function(FusedActivation::kNone, {}),
       {s.normal({2, 5, 4, 2}), s.normal({2}), s.normal({2})}},
      {"batch_norm_max_pool", "after relu", pool_function(FusedActivation::kRelu, {.ceil_mode = true}),
       {s.normal({2, 3, 4, 2}), s.normal({2}), s.normal({2})}},
      {"batch_norm_max_pool", "overlapping windows", pool_function(FusedActivation::kRelu, Pool2dOptions::square(2, 1)),
       {s.normal({2, 3, 3, 2}), s.normal({2}), s.normal({2})}},
      {"batch_norm_with",
       "then relu",
       [](const Tensors& in) {
         return Tensors{batch_norm_with(in[0], in[1], in[2], in[3], in[4], kEpsilon, FusedActivation::kRelu)};
       },
       {s.normal({5, 3}), s.normal({3}), s.normal({3}), s.normal({3}), s.positive({3})}},
      {"batch_norm_with",
       "",
       [](const Tensors& in) { return Tensors{batch_norm_with(in[0], in[1], in[2], in[3], in[4], kEpsilon)}; },
       {s.normal({2, 2, 2, 3}), s.normal({3}), s.normal({3}), s.normal({3}), s.positive({3})}},
      {"batch_norm_with",
       "neither gamma nor beta",
       [](const Tensors& in) { return Tensors{batch_norm_with(in[0], {}, {}, in[1], in[2], kEpsilon)}; },
       {s.normal({4, 3}), s.normal({3}), s.positive({3})}},
      {"layer_norm",
       "",
       [](const Tensors& in) { return Tensors{layer_norm(in[0], in[1], in[2], kEpsilon)}; },
       {s.normal({2, 2, 4}), s.normal({4}), s.normal({4})}},
      {"layer_norm",
       "neither gamma nor beta",
       [](const Tensors& in) { return Tensors{layer_norm(in[0], {}, {}, kEpsilon)}; },
       {s.normal({3, 4})}},
  };
}

GradientRows softmax_rows() {
  Samples s(41);
  GradientRows rows;
  for (const int axis : {-1, 0, 1}) {
    rows.push_back({"softmax",
                    text("axis ", axis),
                    [axis](const Tensors& in) { return Tensors{softmax(in[0], axis)}; },
                    {s.normal({2, 3, 4})}});
    rows.push_back({"log_softmax",
                    text("axis ", axis),
                    [axis](const Tensors& in) { return Tensors{log_softmax(in[0], axis)}; },
                    {s.normal({2, 3, 4})},
                    3});
  }
  const IntTensor labels({3}, {2, 0, 3});
  const std::pair<const char*, Reduction> reductions[] = {
      {"mean", Reduction::kMean}, {"sum", Reduction::kSum}, {"none", Reduction::kNone}};
  for (const auto& [variant, r] : reductions) {
    rows.push_back({"cross_entropy",
                    variant,
                    [labels, r = r](const Tensors& in) { return Tensors{cross_entropy(in[0], labels, r)}; },
                    {s.normal({3, 4})}});
    rows.push_back({"soft_cross_entropy",
                    variant,
                    [r = r](const Tensors& in) { return Tensors{soft_cross_entropy(in[0], softmax(in[1]), r)}; },
                    {s.normal({3, 4}), s.normal({3, 4})}});
    rows.push_back({"soft_cross_entropy",
                    std::string(variant) + ", targets that do not sum to 1",
                    [r = r](const Tensors& in) { return Tensors{soft_cross_entropy(in[0], in[1], r)}; },
                    {s.normal({3, 4}), s.positive({3, 4})}});
    rows.push_back({"binary_cross_entropy_with_logits", variant,
                    [r = r](const Tensors& in) { return Tensors{binary_cross_entropy_with_logits(in[0], in[1], r)}; },
                    {s.normal({3, 4}), s.positive({3, 4})}});
  }
  return rows;
}

GradientRows recurrent_rows() {
  Samples s(42);
  const auto outputs = [](const LstmResult& r) { return Tensors{r.h, r.h_last, r.c_last}; };
  return {
      {"lstm",
       "",
       [=](const Tensors& in) { return outputs(lstm(in[0], in[1], in[2], in[3], in[4], in[5])); },
       {s.normal({3, 2, 3}), s.normal({2, 2}), s.normal({2, 2}), s.normal({3, 8}), s.normal({2, 8}), s.normal({8})}},
      {"lstm",
       "from zeros",
       [=](const Tensors& in) { return outputs(lstm(in[0], {}, {}, in[1], in[2], in[3])); },
       {s.normal({4, 1, 2}), s.normal({2, 12}), s.normal({3, 12}), s.normal({12})}},
      {"lstm",
       "only the last state used",
       [](const Tensors& in) { return Tensors{lstm(in[0], {}, {}, in[1], in[2], in[3]).c_last}; },
       {s.normal({3, 2, 2}), s.normal({2, 8}), s.normal({2, 8}), s.normal({8})}},
  };
}

TEST_CASE("gradient table: normalisation") { check_rows(norm_rows()); }
TEST_CASE("gradient table: classes") { check_rows(softmax_rows()); }
TEST_CASE("gradient table: recurrence") { check_rows(recurrent_rows()); }

}  // namespace fewer::testing
