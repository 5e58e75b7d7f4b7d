#include "nn/stack.h"

#include <algorithm>

#include "core/error.h"
#include "nn/dropout.h"
#include "nn/linear.h"

namespace fewer {
namespace {

// How many windows fit along one axis; 0 when none does.
int64_t windows(int64_t size, int64_t kernel, int64_t stride, int64_t before, int64_t after, bool ceil) {
  const int64_t room = size + before + after - kernel;
  if (room < 0) return 0;
  int64_t count = room / stride + 1;
  if (ceil && room % stride != 0 && count * stride < size + before) ++count;  // the extra window must begin inside
  return count;
}

}  // namespace

void NormConfig::describe(Visitor& v) {
  v.field("scale", scale, {.help = "learn a scale per channel"});
  v.field("shift", shift, {.help = "learn a shift per channel"});
  v.field("momentum", momentum, {.help = "share of a batch in the running statistics", .min = 0, .max = 1});
  v.field("epsilon", epsilon, {.help = "added to the variance", .above = 0});
  v.field("steps", steps, {.help = "inner steps with running statistics of their own", .min = 1});
  v.field("affine_per_step", affine_per_step, {.help = "scale and shift per inner step too"});
  v.field("scale_init", scale_init, {.help = "initial scale"});
}

Stack::Stack(std::string network, const Shape& input, const Rng& rng, const LayerInit& init)
    : network_(std::move(network)), shape_(input), rng_(rng), init_(init) {
  const bool positive = std::all_of(input.begin(), input.end(), [](int64_t size) { return size > 0; });
  if (input.rank() < 1 || !positive)
    fail_config("network ", network_, ": expected examples [H, W, C] or [D] with at least one element, got ", input);
}

Stack Stack::inside(const std::string& name) const {
  Stack part(network_, shape_, rng_, init_);
  part.path_ = path_ + name + ".";
  return part;
}

std::string Stack::where(const std::string& name) const { return text("network ", network_, ": layer \"", path_, name, "\": "); }
Rng Stack::stream(const std::string& name) const { return rng_.stream(path_ + name); }

void Stack::expect_image(const std::string& name) const {
  if (shape_.rank() != 3) fail_config(where(name), "expected an image [H, W, C], but there is ", shape_);
}

Extent Stack::after(const std::string& name, Extent kernel, Extent stride, const Padding2d& padding, Extent dilation,
                    bool ceil) const {
  expect_image(name);
  const Extent image{shape_[0], shape_[1]};
  const Extent window{dilation.h * (kernel.h - 1) + 1, dilation.w * (kernel.w - 1) + 1};
  const Padding2d p = resolved(padding, image, kernel, stride, dilation);
  const Extent result{windows(image.h, window.h, stride.h, p.top, p.bottom, ceil),
                      windows(image.w, window.w, stride.w, p.left, p.right, ceil)};
  if (result.h == 0 || result.w == 0)
    fail_config(where(name), "a window of ", window.h, "x", window.w, " does not fit into ", shape_,
                "; use larger images or a network with fewer reductions");
  return result;
}

void Stack::add(const std::string& name, Layer layer, const Shape& output) {
  layers_.add(name, std::move(layer));
  shape_ = output;
}

void Stack::conv(const std::string& name, Conv2dSpec spec) {
  const Extent size = after(name, spec.kernel, spec.stride, spec.padding, spec.dilation, false);
  spec.in = shape_[2];
  Rng rng = stream(name);
  add(name, Conv2d(spec, rng, init_), {size.h, size.w, spec.out});
}

void Stack::max_pool(const std::string& name, const PoolSpec& spec) {
  const Extent size = after(name, spec.kernel, spec.stride, spec.padding, 1, spec.ceil_mode);
  add(name, MaxPool(spec), {size.h, size.w, shape_[2]});
}

void Stack::global_average_pool(const std::string& name) {
  expect_image(name);
  add(name, GlobalAveragePool(), {shape_[2]});
}

void Stack::global_max_pool(const std::string& name) {
  expect_image(name);
  add(name, GlobalMaxPool(), {shape_[2]});
}

void Stack::linear(const std::string& name, int64_t out, const LayerInit& init) {
  if (shape_.rank() != 1) fail_config(where(name), "expected a vector [D], but there is ", shape_, "; flatten it first");
  Rng rng = stream(name);
  add(name, Linear({.in = shape_[0], .out = out}, rng, init), {out});
}

void Stack::norm(const std::string& name, const NormConfig& config) {
  const BatchNormSpec spec{.channels = shape_.size(-1), .momentum = config.momentum, .epsilon = config.epsilon,
                           .scale = config.scale, .shift = config.shift, .steps = config.steps,
                           .affine_per_step = config.affine_per_step};
  Rng rng = stream(name);
  add(name, BatchNorm(spec, rng, config.scale_init), shape_);
}

void Stack::maxout(const std::string& name, int64_t pieces) {
  const int64_t channels = shape_.size(-1);
  if (channels % pieces != 0) fail_config(where(name), pieces, " pieces do not divide the channels of ", shape_);
  add(name, Maxout(pieces), shape_.with(shape_.rank() - 1, channels / pieces));
}

void Stack::dropout(const std::string& name, double probability) {
  if (probability > 0) add(name, Dropout(probability), shape_);
}

void Stack::flatten(const std::string& name) {
  if (shape_.rank() > 1) add(name, Flatten(), {shape_.numel()});
}

}  // namespace fewer
