#include "nn/fusion.h"

#include <optional>

#include "core/autograd.h"
#include "core/error.h"
#include "nn/activation.h"
#include "nn/conv.h"
#include "nn/norm.h"
#include "nn/pool.h"
#include "nn/sequential.h"
#include "ops/ops.h"

namespace fewer {

Tensor Ending::apply(const Tensor& last, const Pass& pass) const {
  if (!addend.defined()) return last;
  ENSURE(last.shape() == addend.shape(), "residual \"", pass.path(), "\": the body gives ", last.shape(), ", the shortcut ",
         addend.shape(), "; where the shape changes, the shortcut must change it too");
  const Tensor sum = last + addend;
  return relu ? fewer::relu(sum) : sum;
}

template <class M>
const M* Stretch::as(size_t i) const {
  return i < size() ? layers[begin + i].as<M>() : nullptr;
}

bool Stretch::relu_at(size_t i) const {
  const Activation* activation = as<Activation>(i);
  return activation && activation->function == ActivationFunction::kRelu;
}

Pass Stretch::pass_of(size_t i) const { return pass.in(layers.name(begin + i)); }
bool Stretch::wanted(size_t i) const { return pass.taps && pass.taps->wants(pass_of(i).path()); }
bool Stretch::ends_with(size_t i) const { return ending.addend.defined() && i + 1 == size() && !wanted(i); }

namespace {

FusedActivation relu_if(bool on) { return on ? FusedActivation::kRelu : FusedActivation::kNone; }

FusedRun from_norm(const Stretch& s, const BatchNorm& norm, const Tensor& x) {
  if (s.ends_with(0) && x.shape() == s.ending.addend.shape()) {
    const NormEnding ending{.activation = relu_if(s.ending.relu), .addend = s.ending.addend};
    return {.layers = 1, .ended = true, .y = norm.run(x, s.pass_of(0), ending)};
  }
  if (!s.relu_at(1) || s.wanted(0)) return {};
  const MaxPool* pool = s.as<MaxPool>(2);
  if (!pool || x.rank() != 4 || s.wanted(1))
    return {.layers = 2, .y = norm.run(x, s.pass_of(0), {.activation = FusedActivation::kRelu})};
  const Pool2dOptions options = pool->spec.options({x.size(1), x.size(2)});
  const NormEnding ending{.activation = FusedActivation::kRelu, .max_pool = &options};
  return {.layers = 3, .y = norm.run(x, s.pass_of(0), ending)};
}

// Whether a gradient may be asked of what these two layers make of x.
bool recorded(const Conv2d& conv, const BatchNorm& norm, const Tensor& x) {
  const auto tracked = [](const Parameter& p) { return p.value().tracked(); };
  return is_recording() && (x.tracked() || tracked(conv.weight) || tracked(conv.bias) || tracked(norm.gamma) || tracked(norm.beta));
}

// The weight and bias of the convolution that does the work of layers 0 and 1, when layer 1 is a norm of fixed statistics:
// (x w + b) scale + shift = x (w scale) + (b scale + shift).
struct FoldedConv {
  Tensor weight, bias;
};
std::optional<FoldedConv> folded(const Stretch& s, const Conv2d& conv, const Tensor& x) {
  const BatchNorm* norm = s.as<BatchNorm>(1);
  if (!norm || norm->spec.channels != conv.spec.out || recorded(conv, *norm, x) || s.wanted(0)) return std::nullopt;
  const std::optional<ChannelMap> map = norm->fixed_map(s.pass_of(1));
  if (!map) return std::nullopt;
  const Tensor bias = conv.bias.defined() ? add(mul(conv.bias.value(), map->scale), map->shift) : map->shift;
  return FoldedConv{mul(conv.weight.value(), map->scale), bias};
}

FusedRun from_conv(const Stretch& s, const Conv2d& conv, const Tensor& x) {
  const std::optional<FoldedConv> fold = folded(s, conv, x);
  ConvEpilogue epilogue{.bias = fold ? fold->bias : conv.bias.value()};
  FusedRun run{.layers = fold ? size_t{2} : size_t{1}};
  const size_t last = run.layers - 1;
  const MaxPool* pool = nullptr;
  if (s.relu_at(last + 1) && !s.wanted(last)) {
    pool = s.wanted(last + 1) ? nullptr : s.as<MaxPool>(last + 2);  // a pool rectifies its fewer elements itself
    epilogue.activation = relu_if(!pool);
    run.layers += pool ? 2 : 1;
  } else if (s.ends_with(last)) {
    epilogue.addend = s.ending.addend;
    epilogue.activation = relu_if(s.ending.relu);
    run.ended = true;
  }
  run.y = conv.run(x, s.pass_of(0), fold ? fold->weight : conv.weight.value(), epilogue);
  if (pool) run.y = pool->run(run.y, s.pass_of(last + 2), FusedActivation::kRelu);
  return run;
}

}  // namespace

FusedRun run_fused(const Stretch& stretch, const Tensor& x) {
  if (const Conv2d* conv = stretch.as<Conv2d>(0)) return from_conv(stretch, *conv, x);
  if (const BatchNorm* norm = stretch.as<BatchNorm>(0)) return from_norm(stretch, *norm, x);
  return {};
}

}  // namespace fewer
