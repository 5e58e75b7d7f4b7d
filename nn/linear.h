// Linear: y = x W + b.
#pragma once

#include "nn/init.h"
#include "nn/module.h"

namespace fewer {

struct LinearSpec {
  int64_t in = 0, out = 0;
  bool bias = true;
};

struct Linear final : ModuleKind<Linear> {
  static constexpr const char* kKind = "linear";
  LinearSpec spec;
  Parameter weight;  // [in, out]
  Parameter bias;    // [out]

  Linear() = default;  // for a file to fill
  Linear(const LinearSpec& spec, Rng& rng, const LayerInit& init = {});
  void describe(ModuleVisitor& v) override;
  Tensor forward(const Tensor& x, const Pass& pass) const override;  // x [..., in] -> [..., out]
};

}  // namespace fewer
