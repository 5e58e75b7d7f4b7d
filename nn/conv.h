// Conv2d: the convolution of images, channels last.
#pragma once

#include "nn/geometry.h"
#include "nn/init.h"
#include "nn/module.h"
#include "ops/ops.h"

namespace fewer {

struct Conv2dSpec {
  int64_t in = 0, out = 0;
  Extent kernel = 3;
  Extent stride = 1;
  Padding2d padding = 0;  // or Padding2d::same()
  Extent dilation = 1;
  int64_t groups = 1;     // up to `in`: depthwise; `in` and `out` are multiples of it
  bool bias = true;
};

//   Conv2d({.in = 16, .out = 32, .kernel = 3, .padding = 1}, rng)
struct Conv2d final : ModuleKind<Conv2d> {
  static constexpr const char* kKind = "conv2d";
  Conv2dSpec spec;
  Parameter weight;  // [kH, kW, in / groups, out]
  Parameter bias;    // [out]

  Conv2d() = default;  // for a file to fill
  Conv2d(const Conv2dSpec& spec, Rng& rng, const LayerInit& init = {});
  void describe(ModuleVisitor& v) override;
  Tensor forward(const Tensor& x, const Pass& pass) const override {  // x [N, H, W, in] -> [N, H', W', out]
    return run(x, pass, weight.value(), {.bias = bias.value()});
  }
  // The layer with other values, and what its op can do on the way (nn/fusion.h).
  Tensor run(const Tensor& x, const Pass& pass, const Tensor& values, const ConvEpilogue& epilogue) const;

  Shape weight_shape() const { return {spec.kernel.h, spec.kernel.w, spec.in / spec.groups, spec.out}; }
  Conv2dOptions options(Extent image) const;  // what the op is called with, padding in numbers
};

}  // namespace fewer
