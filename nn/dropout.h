// Dropout: in training, zeroes elements at random and scales the others up, so that nothing changes afterwards.
#pragma once

#include "nn/module.h"

namespace fewer {

struct Dropout final : ModuleKind<Dropout> {
  static constexpr const char* kKind = "dropout";
  double probability = 0.5;  // of an element to be zeroed

  Dropout() = default;
  explicit Dropout(double p) : probability(p) {}
  void describe(ModuleVisitor& v) override;
  // Draws from pass.rng when pass.training; throws when there is none.
  Tensor forward(const Tensor& x, const Pass& pass) const override;
};

}  // namespace fewer
