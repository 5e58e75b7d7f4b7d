// Residual blocks: y = activation(body(x) + shortcut(x)) (He et al. 2015), in every form the papers use.
#pragma once

#include "nn/module.h"
#include "nn/sequential.h"

namespace fewer {

struct ResidualParts {
  Sequential body;
  Layer shortcut = {};    // empty: the identity
  Layer activation = {};  // after the sum; empty: none
  // The shortcut starts after so many layers of the body. A pre-activation block whose width changes (He et al. 2016, wide
  // ResNets) normalises and rectifies its input once for both ways, and starts its projection there.
  int64_t branch = 0;
};

// The layers of the body are children of the block itself, so a place is "stage2.0.conv1". Besides them: "shortcut",
// "sum" (the value before the activation) and "activation".
struct Residual final : ModuleKind<Residual> {
  static constexpr const char* kKind = "residual";
  ResidualParts parts;

  Residual() = default;  // for a file to fill
  explicit Residual(ResidualParts p) : parts(std::move(p)) {}
  void describe(ModuleVisitor& v) override;
  Tensor forward(const Tensor& x, const Pass& pass) const override;
};

struct PadShortcutSpec {
  int64_t in = 0, out = 0;
  int64_t stride = 1;
};

// The shortcut without parameters ("option A" of He et al. 2015): every stride-th pixel, and channels of zeros behind the others.
struct PadShortcut final : ModuleKind<PadShortcut> {
  static constexpr const char* kKind = "pad_shortcut";
  PadShortcutSpec spec;

  PadShortcut() = default;  // for a file to fill
  explicit PadShortcut(const PadShortcutSpec& s) : spec(s) {}
  void describe(ModuleVisitor& v) override;
  Tensor forward(const Tensor& x, const Pass& pass) const override;  // x [N, H, W, in] -> [N, H/stride, W/stride, out]
};

}  // namespace fewer
