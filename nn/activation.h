// Activations: a function of every element, by name; and maxout, the largest of p linear pieces.
#pragma once

#include <span>

#include "nn/module.h"

namespace fewer {

enum class ActivationFunction { kIdentity, kRelu, kLeakyRelu, kTanh, kSigmoid, kSoftplus, kHardTanh };

std::span<const NamedValue<ActivationFunction>> activation_names();  // {"relu", kRelu}, ...: for Visitor::choice
Tensor activate(const Tensor& x, ActivationFunction function, double slope = 0.01);

struct Activation final : ModuleKind<Activation> {
  static constexpr const char* kKind = "activation";
  ActivationFunction function = ActivationFunction::kRelu;
  double slope = 0.01;  // of leaky_relu below zero

  Activation() = default;
  explicit Activation(ActivationFunction f, double slope_below = 0.01) : function(f), slope(slope_below) {}
  void describe(ModuleVisitor& v) override;
  Tensor forward(const Tensor& x, const Pass&) const override { return activate(x, function, slope); }
};
inline Activation relu() { return Activation(ActivationFunction::kRelu); }

// The largest of p maps for every channel: x [..., p*C] -> [..., C] (Goodfellow et al. 2013). It follows a Linear or Conv2d of p*C
// outputs; channel c's pieces are its outputs c, C + c, 2C + c, ...
struct Maxout final : ModuleKind<Maxout> {
  static constexpr const char* kKind = "maxout";
  int64_t pieces = 2;

  Maxout() = default;
  explicit Maxout(int64_t p) : pieces(p) {}
  void describe(ModuleVisitor& v) override;
  Tensor forward(const Tensor& x, const Pass& pass) const override;
};

}  // namespace fewer
