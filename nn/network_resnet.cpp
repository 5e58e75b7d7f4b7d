// Residual networks for small images: CIFAR ResNets and wide ResNets.
#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "nn/networks.h"
#include "nn/residual.h"

namespace fewer {
namespace {

constexpr int kStages = 3;  // at full, half and a quarter of the image's size, with 16, 32 and 64 channels (times the width)

Conv2dSpec conv3x3(int64_t channels, int64_t stride = 1) {
  return {.out = channels, .kernel = 3, .stride = stride, .padding = 1, .bias = false};
}
Conv2dSpec conv1x1(int64_t channels, int64_t stride) {
  return {.out = channels, .kernel = 1, .stride = stride, .bias = false};
}

// Where the first block of a stage changes the shape, and where it does not.
struct Block {
  int64_t channels, stride;
  bool changes(const Stack& stack) const { return stride != 1 || stack.shape()[2] != channels; }
};

// `blocks` blocks a stage; add(stage, name, block) adds one of them. Every stage but the first halves the image.
template <class AddBlock>
void add_stages(Stack& stack, int64_t blocks, double width, AddBlock add) {
  for (int s = 0; s < kStages; ++s) {
    const std::string name = "stage" + std::to_string(s + 1);
    const int64_t channels = std::max<int64_t>(1, std::llround(static_cast<double>(16 << s) * width));
    Stack stage = stack.inside(name);
    for (int64_t b = 0; b < blocks; ++b) add(stage, std::to_string(b), Block{channels, s > 0 && b == 0 ? 2 : 1});
    stack.add(name, stage);
  }
}

void add_head(Stack& stack, int64_t classes) {
  stack.global_average_pool("pool");
  if (classes > 0) stack.linear("fc", classes);
}

Layer shortcut_of(const ResNetConfig& config, const Stack& block, const Block& size) {
  if (!size.changes(block)) return {};
  if (config.shortcut == ShortcutKind::kZeroPad) {
    if (block.shape()[2] > size.channels) fail_config("network resnet: a zero-padded shortcut cannot take ", block.shape()[2],
                                                      " channels to ", size.channels, "; use \"shortcut\": \"projection\"");
    return PadShortcut({.in = block.shape()[2], .out = size.channels, .stride = size.stride});
  }
  Stack shortcut = block.inside("shortcut");
  shortcut.conv("conv", conv1x1(size.channels, size.stride));
  shortcut.norm("norm", config.norm);
  return shortcut.layers();
}

void add_basic_block(Stack& stage, const std::string& name, const Block& size, const ResNetConfig& config) {
  Stack body = stage.inside(name);
  const Layer shortcut = shortcut_of(config, body, size);
  body.conv("conv1", conv3x3(size.channels, size.stride));
  body.norm("norm1", config.norm);
  body.relu("relu1");
  body.conv("conv2", conv3x3(size.channels));
  body.norm("norm2", config.norm);
  stage.add(name, Residual({.body = body.layers(), .shortcut = shortcut, .activation = relu()}), body.shape());
}

// Where the width changes, the projection reads the normalised and rectified input.
void add_pre_activation_block(Stack& stage, const std::string& name, const Block& size, const WideResNetConfig& config) {
  Stack body = stage.inside(name);
  body.norm("norm1", config.norm);
  body.relu("relu1");
  ResidualParts parts;
  if (size.changes(body)) {
    Stack projection = body.inside("shortcut");
    projection.conv("conv", conv1x1(size.channels, size.stride));
    parts.shortcut = projection.layers()[0];
    parts.branch = 2;
  }
  body.conv("conv1", conv3x3(size.channels, size.stride));
  body.norm("norm2", config.norm);
  body.relu("relu2");
  body.dropout("dropout", config.dropout);
  body.conv("conv2", conv3x3(size.channels));
  parts.body = body.layers();
  stage.add(name, Residual(std::move(parts)), body.shape());
}

std::vector<std::string> stage_names() { return {"stage1", "stage2", "stage3"}; }

}  // namespace

void ResNetConfig::describe(Visitor& v) {
  v.field("depth", depth, {.help = "layers with weights: 6n + 2", .min = 8});
  v.field("width", width, {.help = "factor on every width", .above = 0, .max = 64});
  v.choice("shortcut", shortcut, {{"zero_pad", ShortcutKind::kZeroPad}, {"projection", ShortcutKind::kProjection}},
           {.help = "where the shape changes"});
  v.field("norm", norm, {.help = "batch norm"});
  v.field("init", init, {.help = "initial weights and biases"});
  v.check(depth % 6 == 2, "expected depth 6n + 2: 8, 14, 20, 26, 32, ..., 56, 110", {"depth"});
}

Layer ResNetConfig::build(const NetworkInput& input) const {
  if (depth < 8 || depth % 6 != 2) fail_config("network resnet: expected depth 6n + 2, at least 8, got ", depth);
  Stack stack(kName, input.shape, input.rng, init);
  stack.conv("conv1", conv3x3(std::max<int64_t>(1, std::llround(16 * width))));
  stack.norm("norm1", norm);
  stack.relu("relu1");
  add_stages(stack, (depth - 2) / 6, width,
             [&](Stack& stage, const std::string& name, const Block& size) { add_basic_block(stage, name, size, *this); });
  add_head(stack, input.classes);
  return stack.layers();
}

std::vector<std::string> ResNetConfig::default_taps() const { return stage_names(); }

void WideResNetConfig::describe(Visitor& v) {
  v.field("depth", depth, {.help = "layers with weights: 6n + 4", .min = 10});
  v.field("width", width, {.help = "widening factor k", .min = 1, .max = 64});
  v.field("dropout", dropout, {.help = "share dropped between the convolutions of a block", .min = 0, .below = 1});
  v.field("norm", norm, {.help = "batch norm"});
  v.field("init", init, {.help = "initial weights and biases"});
  v.check(depth % 6 == 4, "expected depth 6n + 4: 10, 16, 22, 28, 40", {"depth"});
}

Layer WideResNetConfig::build(const NetworkInput& input) const {
  if (depth < 10 || depth % 6 != 4) fail_config("network wrn: expected depth 6n + 4, at least 10, got ", depth);
  Stack stack(kName, input.shape, input.rng, init);
  stack.conv("conv1", conv3x3(16));
  add_stages(stack, (depth - 4) / 6, static_cast<double>(width), [&](Stack& stage, const std::string& name, const Block& size) {
    add_pre_activation_block(stage, name, size, *this);
  });
  stack.norm("norm", norm);
  stack.relu("relu");
  add_head(stack, input.classes);
  return stack.layers();
}

std::vector<std::string> WideResNetConfig::default_taps() const { return stage_names(); }

}  // namespace fewer
