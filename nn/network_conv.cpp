// Plain convolutional networks: LeNet-5, Conv4 and VGG.
#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "nn/networks.h"

namespace fewer {
namespace {

std::vector<std::string> numbered(const std::string& name, int64_t count) {
  std::vector<std::string> names;
  for (int64_t i = 1; i <= count; ++i) names.push_back(name + std::to_string(i));
  return names;
}

}  // namespace

void LeNet5Config::describe(Visitor& v) {
  v.field("relu_after_conv", relu_after_conv, {.help = "ReLU after the convolutions too"});
  v.field("init", init, {.help = "initial weights and biases"});
}

Layer LeNet5Config::build(const NetworkInput& input) const {
  Stack stack(kName, input.shape, input.rng, init);
  const auto module = [&](const std::string& n, int64_t channels) {
    stack.conv("conv" + n, {.out = channels, .kernel = 5});
    if (relu_after_conv) stack.relu("relu" + n);
    stack.max_pool("pool" + n);
  };
  module("1", 20);  // [28, 28, 1] -> [12, 12, 20]
  module("2", 50);  // -> [4, 4, 50]
  stack.flatten("flatten");
  stack.linear("fc1", 500);
  stack.relu("relu3");
  if (input.classes > 0) stack.linear("fc2", input.classes);
  return stack.layers();
}

std::vector<std::string> LeNet5Config::default_taps() const { return {"pool1", "pool2", "relu3"}; }

void Conv4Config::describe(Visitor& v) {
  v.field("modules", modules, {.help = "convolutional modules", .min = 1});
  v.field("width", width, {.help = "filters of each", .min = 1});
  v.choice("downsample", downsample, {{"pool", Downsample::kPool}, {"stride", Downsample::kStride}},
           {.help = "halve the image by max pooling, or by convolutions of stride 2"});
  v.field("ceil_mode", ceil_mode, {.help = "pool windows that end outside the image, too"});
  v.choice("features", features, {{"flatten", Features::kFlatten}, {"mean", Features::kMean}},
           {.help = "what becomes of the last image: all of it, or its mean"});
  v.field("norm", norm, {.help = "batch norm after every convolution; null: none"});
  v.field("init", init, {.help = "initial weights and biases"});
  v.field("head_init", head_init, {.help = "of the last layer, when it differs"});
  v.check(!ceil_mode || downsample == Downsample::kPool, "ceil_mode is for pooling", {"ceil_mode", "downsample"});
}

Layer Conv4Config::build(const NetworkInput& input) const {
  Stack stack(kName, input.shape, input.rng, init);
  const bool strides = downsample == Downsample::kStride;
  const Conv2dSpec conv{.out = width, .kernel = 3, .stride = strides ? 2 : 1, .padding = Padding2d::same()};
  for (int64_t i = 1; i <= modules; ++i) {
    const std::string n = std::to_string(i);
    stack.conv("conv" + n, conv);
    if (norm) stack.norm("norm" + n, *norm);
    stack.relu("relu" + n);
    if (!strides) stack.max_pool("pool" + n, {.ceil_mode = ceil_mode});
  }
  if (features == Features::kMean) stack.global_average_pool("pool");
  if (features == Features::kFlatten) stack.flatten("flatten");
  if (input.classes > 0) stack.linear("fc", input.classes, head_init.value_or(init));
  return stack.layers();
}

std::vector<std::string> Conv4Config::default_taps() const {
  return numbered(downsample == Downsample::kPool ? "pool" : "relu", modules);
}

namespace {

constexpr int64_t kPool = 0;  // stands between the widths of convolutions
struct VggPlan {
  int64_t depth;
  std::vector<int64_t> widths;
};

const std::vector<int64_t>* vgg_plan(int64_t depth) {
  static const VggPlan kPlans[] = {
      {9, {64, 64, kPool, 128, 128, kPool, 256, 256, kPool, 512, 512, kPool}},
      {11, {64, kPool, 128, kPool, 256, 256, kPool, 512, 512, kPool, 512, 512, kPool}},
      {13, {64, 64, kPool, 128, 128, kPool, 256, 256, kPool, 512, 512, kPool, 512, 512, kPool}},
      {16, {64, 64, kPool, 128, 128, kPool, 256, 256, 256, kPool, 512, 512, 512, kPool, 512, 512, 512, kPool}},
      {19, {64, 64, kPool, 128, 128, kPool, 256, 256, 256, 256, kPool, 512, 512, 512, 512, kPool, 512, 512, 512, 512, kPool}}};
  for (const VggPlan& plan : kPlans)
    if (plan.depth == depth) return &plan.widths;
  return nullptr;
}

}  // namespace

void VggConfig::describe(Visitor& v) {
  v.field("depth", depth, {.help = "9, 11, 13, 16 or 19"});
  v.field("width", width, {.help = "factor on every width", .above = 0, .max = 64});
  v.field("norm", norm, {.help = "batch norm; null: none, and convolutions with biases"});
  v.field("init", init, {.help = "initial weights and biases"});
  v.check(vgg_plan(depth), "expected depth 9, 11, 13, 16 or 19", {"depth"});
}

Layer VggConfig::build(const NetworkInput& input) const {
  const std::vector<int64_t>* plan = vgg_plan(depth);
  if (!plan) fail_config("network vgg: expected depth 9, 11, 13, 16 or 19, got ", depth);
  const auto scaled = [&](int64_t n) { return std::max<int64_t>(1, std::llround(static_cast<double>(n) * width)); };
  Stack stack(kName, input.shape, input.rng, init);
  int64_t convs = 0, pools = 0;
  for (const int64_t channels : *plan) {
    if (channels == kPool) {
      stack.max_pool("pool" + std::to_string(++pools));
      continue;
    }
    const std::string n = std::to_string(++convs);
    stack.conv("conv" + n, {.out = scaled(channels), .kernel = 3, .padding = 1, .bias = !norm});
    if (norm) stack.norm("norm" + n, *norm);
    stack.relu("relu" + n);
  }
  stack.flatten("flatten");
  if (depth > 9) {
    stack.linear("fc1", scaled(512));
    if (norm) stack.norm("norm_fc", *norm);
    stack.relu("relu_fc");
  }
  if (input.classes > 0) stack.linear(depth > 9 ? "fc2" : "fc1", input.classes);
  return stack.layers();
}

std::vector<std::string> VggConfig::default_taps() const {
  const std::vector<int64_t>* plan = vgg_plan(depth);
  return plan ? numbered("pool", std::count(plan->begin(), plan->end(), kPool)) : std::vector<std::string>();
}

}  // namespace fewer
