#include "nn/activation.h"

#include "core/error.h"
#include "ops/ops.h"

namespace fewer {

std::span<const NamedValue<ActivationFunction>> activation_names() {
  static constexpr NamedValue<ActivationFunction> kNames[] = {
      {"identity", ActivationFunction::kIdentity},   {"relu", ActivationFunction::kRelu},
      {"leaky_relu", ActivationFunction::kLeakyRelu}, {"tanh", ActivationFunction::kTanh},
      {"sigmoid", ActivationFunction::kSigmoid},     {"softplus", ActivationFunction::kSoftplus},
      {"hard_tanh", ActivationFunction::kHardTanh}};
  return kNames;
}

Tensor activate(const Tensor& x, ActivationFunction function, double slope) {
  switch (function) {
    case ActivationFunction::kIdentity: return x;
    case ActivationFunction::kRelu: return relu(x);
    case ActivationFunction::kLeakyRelu: return leaky_relu(x, static_cast<Real>(slope));
    case ActivationFunction::kTanh: return tanh(x);
    case ActivationFunction::kSigmoid: return sigmoid(x);
    case ActivationFunction::kSoftplus: return softplus(x);
    case ActivationFunction::kHardTanh: return hard_tanh(x);
  }
  fail("activation: function ", static_cast<int>(function), " is none of ActivationFunction");
}

void Activation::describe(ModuleVisitor& v) {
  v.choice("function", function, activation_names(), {.help = "of every element"});
  if (function == ActivationFunction::kLeakyRelu) v.field("slope", slope, {.help = "below zero"});
}

void Maxout::describe(ModuleVisitor& v) { v.field("pieces", pieces, {.help = "maps to take the largest of", .min = 1}); }

Tensor Maxout::forward(const Tensor& x, const Pass& pass) const {
  ENSURE(x.rank() >= 1 && x.size(-1) % pieces == 0, "maxout \"", pass.path(), "\": ", pieces, " pieces do not divide the channels of ",
         x.shape());
  Shape split = x.shape().with(x.rank() - 1, pieces);  // [..., p, C]
  split.push_back(x.size(-1) / pieces);
  return max(reshape(x, split), {-2});
}

}  // namespace fewer
