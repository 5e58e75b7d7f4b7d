#include "nn/conv.h"

#include "core/error.h"

namespace fewer {

Conv2d::Conv2d(const Conv2dSpec& s, Rng& rng, const LayerInit& init) : spec(s) {
  ENSURE(spec.groups > 0 && spec.in % spec.groups == 0 && spec.out % spec.groups == 0, "conv2d: ", spec.in, " input and ",
         spec.out, " output channels cannot be divided into ", spec.groups, " groups");
  const Shape shape = weight_shape();
  const Fans fans = fans_of(shape, spec.groups);
  weight.set(initial_values(init.weight, shape, fans, rng));
  if (spec.bias) bias.set(initial_values(init.bias, {spec.out}, fans, rng));
}

void Conv2d::describe(ModuleVisitor& v) {
  v.field("in", spec.in, {.help = "channels of the input", .min = 1});
  v.field("out", spec.out, {.help = "channels of the output", .min = 1});
  describe_extent(v, "kernel", spec.kernel, {.help = "height and width of the window", .min = 1});
  describe_extent(v, "stride", spec.stride, {.help = "steps between windows", .min = 1});
  describe_padding(v, spec.padding);
  describe_extent(v, "dilation", spec.dilation, {.help = "distance between the window's taps", .min = 1});
  v.field("groups", spec.groups, {.help = "independent groups of channels", .min = 1});
  v.field("bias", spec.bias, {.help = "add a bias"});
  const bool divides = spec.groups > 0 && spec.in % spec.groups == 0 && spec.out % spec.groups == 0;
  v.check(divides, "groups must divide in and out", {"groups", "in", "out"});
  if (!divides) return;
  v.parameter("weight", weight, weight_shape(), ParameterRole::kWeight);
  if (spec.bias) v.parameter("bias", bias, {spec.out}, ParameterRole::kBias);
}

Conv2dOptions Conv2d::options(Extent image) const {
  const Padding2d p = resolved(spec.padding, image, spec.kernel, spec.stride, spec.dilation);
  return {.stride_h = spec.stride.h, .stride_w = spec.stride.w,
          .pad_top = p.top, .pad_bottom = p.bottom, .pad_left = p.left, .pad_right = p.right,
          .dilation_h = spec.dilation.h, .dilation_w = spec.dilation.w, .groups = spec.groups};
}

Tensor Conv2d::run(const Tensor& x, const Pass& pass, const Tensor& values, const ConvEpilogue& epilogue) const {
  ENSURE(x.rank() == 4 && x.size(3) == spec.in, "conv2d \"", pass.path(), "\": expected [N, H, W, ", spec.in, "], got ", x.shape());
  return conv2d(x, values, options({x.size(1), x.size(2)}), epilogue);
}

}  // namespace fewer
