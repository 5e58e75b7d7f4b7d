#include "nn/linear.h"

#include "core/error.h"
#include "ops/ops.h"

namespace fewer {

Linear::Linear(const LinearSpec& s, Rng& rng, const LayerInit& init) : spec(s) {
  const Shape shape{spec.in, spec.out};
  const Fans fans = fans_of(shape);
  weight.set(initial_values(init.weight, shape, fans, rng));
  if (spec.bias) bias.set(initial_values(init.bias, {spec.out}, fans, rng));
}

void Linear::describe(ModuleVisitor& v) {
  v.field("in", spec.in, {.help = "features of the input", .min = 1});
  v.field("out", spec.out, {.help = "features of the output", .min = 1});
  v.field("bias", spec.bias, {.help = "add a bias"});
  v.parameter("weight", weight, {spec.in, spec.out}, ParameterRole::kWeight);
  if (spec.bias) v.parameter("bias", bias, {spec.out}, ParameterRole::kBias);
}

Tensor Linear::forward(const Tensor& x, const Pass& pass) const {
  ENSURE(x.rank() >= 1 && x.size(-1) == spec.in, "linear \"", pass.path(), "\": expected [..., ", spec.in, "], got ", x.shape());
  return linear(x, weight.value(), bias.value());
}

}  // namespace fewer
