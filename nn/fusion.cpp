#include "nn/fusion.h"

#include "core/error.h"
#include "nn/activation.h"
#include "nn/norm.h"
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

FusedRun from_norm(const Stretch& s, const BatchNorm& norm, const Tensor& x) {
  if (s.relu_at(1) && !s.wanted(0)) return {.layers = 2, .y = norm.run(x, s.pass_of(0), FusedActivation::kRelu)};
  return {};
}

}  // namespace

FusedRun run_fused(const Stretch& stretch, const Tensor& x) {
  if (const BatchNorm* norm = stretch.as<BatchNorm>(0)) return from_norm(stretch, *norm, x);
  return {};
}

}  // namespace fewer
