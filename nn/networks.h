// The networks of the papers, built from a config: {"name": "resnet", "depth": 20}.
//
// Each is expanded once into a tree of layers (nn/kinds.h); nothing of its config survives in the network. Names are
// readable, for taps, hints and pruning: "conv1", "norm1", "relu1", "stage2.0.conv1", "fc".
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "nn/stack.h"

namespace fewer {

// Every network: one example [H, W, C] or [D] in, [classes] out. With classes == 0 the last layer is left away, and what it
// would have read comes out: an embedding.
struct NetworkInput {
  Shape shape;
  int64_t classes;
  Rng rng;
};

// flatten, then fc<i>, norm<i>, relu<i> (or the activation's name), dropout<i> for every hidden layer i from 1, and fc<n+1>.
// Default taps: the activations.
struct MlpConfig {
  static constexpr const char* kName = "mlp";
  std::vector<int64_t> hidden = {800, 800};
  ActivationFunction activation = ActivationFunction::kRelu;
  std::optional<NormConfig> norm = {};  // none unless given
  double dropout_input = 0;
  double dropout = 0;              // of the hidden layers
  LayerInit init = {};
  void describe(Visitor& v);
  Layer build(const NetworkInput& input) const;
  std::vector<std::string> default_taps() const;
};

// 784-300-100-10 with ReLU (LeCun et al. 1998, as pruned by Han et al. 2015): 266,200 weights. Names and taps as of mlp.
struct LeNet300100Config {
  static constexpr const char* kName = "lenet_300_100";
  LayerInit init = {};
  void describe(Visitor& v);
  Layer build(const NetworkInput& input) const;
  std::vector<std::string> default_taps() const;
};

// LeNet-5 as Caffe has it: conv1 20@5x5, pool1, conv2 50@5x5, pool2, flatten, fc1 500, relu3, fc2. 430,500 weights on 28x28.
// Default taps: pool1, pool2, relu3.
struct LeNet5Config {
  static constexpr const char* kName = "lenet_5";
  bool relu_after_conv = true;  // relu1 and relu2; Caffe's file has none
  LayerInit init = {};
  void describe(Visitor& v);
  Layer build(const NetworkInput& input) const;
  std::vector<std::string> default_taps() const;
};

enum class Downsample { kPool, kStride };
enum class Features { kFlatten, kMean };

// The embedding of few-shot learning (Vinyals et al. 2016): conv<i> 3x3, norm<i>, relu<i>, pool<i>, four times; then flatten (or
// pool) and fc. Default taps: pool<i>, or relu<i> when it strides.
struct Conv4Config {
  static constexpr const char* kName = "conv4";
  int64_t modules = 4;
  int64_t width = 64;
  Downsample downsample = Downsample::kPool;  // kStride: convolutions of stride 2, "same" padding, no pooling (MAML's Omniglot)
  bool ceil_mode = false;                     // pool windows that end outside, too: 28 -> 14 -> 7 -> 4 -> 2
  Features features = Features::kFlatten;
  std::optional<NormConfig> norm = NormConfig{};
  LayerInit init = {};
  std::optional<LayerInit> head_init = {};  // of fc, when it differs
  void describe(Visitor& v);
  Layer build(const NetworkInput& input) const;
  std::vector<std::string> default_taps() const;
};

// VGG for 32x32 images (Simonyan & Zisserman 2015; as pruned by Li et al. 2017): conv<i> 3x3 without bias, norm<i>, relu<i>,
// pool<b>; then flatten, fc1, norm_fc, relu_fc, fc2. Depth 9 (64, 64, M, 128, 128, M, 256, 256, M, 512, 512, M) has one fc.
// Default taps: the pools.
struct VggConfig {
  static constexpr const char* kName = "vgg";
  int64_t depth = 16;  // 9, 11, 13, 16 or 19
  double width = 1;    // factor on every width
  std::optional<NormConfig> norm = NormConfig{};  // without, convolutions have biases
  LayerInit init = {};
  void describe(Visitor& v);
  Layer build(const NetworkInput& input) const;
  std::vector<std::string> default_taps() const;
};

enum class ShortcutKind { kZeroPad, kProjection };

// ResNets for CIFAR (He et al. 2015): conv1, norm1, relu1, stage1 to stage3 of n = (depth - 2) / 6 blocks with 16, 32 and 64
// channels, pool, fc. A block "stage2.0": conv1, norm1, relu1, conv2, norm2, shortcut, sum, activation.
// Default taps: the stages.
struct ResNetConfig {
  static constexpr const char* kName = "resnet";
  int64_t depth = 20;  // 6n + 2
  double width = 1;    // factor on every width
  ShortcutKind shortcut = ShortcutKind::kZeroPad;  // "option A"; a projection is a 1x1 convolution with its norm
  NormConfig norm = {};
  LayerInit init = {};
  void describe(Visitor& v);
  Layer build(const NetworkInput& input) const;
  std::vector<std::string> default_taps() const;
};

// Wide ResNets (Zagoruyko & Komodakis 2016): pre-activation blocks, n = (depth - 4) / 6 a stage, 16k, 32k and 64k channels:
// conv1, stage1 to stage3, norm, relu, pool, fc. A block "stage2.0": norm1, relu1, conv1, norm2, relu2, dropout, conv2, shortcut, sum.
// Default taps: the stages, whose outputs lie before the next norm and ReLU.
struct WideResNetConfig {
  static constexpr const char* kName = "wrn";
  int64_t depth = 16;  // 6n + 4
  int64_t width = 2;   // k
  double dropout = 0;  // between the convolutions of a block
  NormConfig norm = {};
  LayerInit init = {};
  void describe(Visitor& v);
  Layer build(const NetworkInput& input) const;
  std::vector<std::string> default_taps() const;
};

// Maxout networks: the FitNets, their teachers and the depth study's (Romero et al. 2015; Goodfellow et al. 2013). layer<i> holds
// dropout, conv (or fc), maxout and pool, so that "layer2" is its value after pooling; then flatten and fc. Default taps: the layers.
struct MaxoutConfig {
  static constexpr const char* kName = "maxout";
  std::string net = "fitnet_1";
  // Of net "custom", in the paper's notation: 3x3 layers by their channels, p a 2x2 max pool, P a global one: "16 16 p 32 32 P".
  std::string layers = {};
  int64_t hidden = 500;  // of net "custom": units of the fully connected maxout layer; 0: none
  int64_t pieces = 2;
  double dropout_input = 0;
  double dropout = 0;    // on the input of every later layer
  LayerInit init = {.weight = UniformInit{.low = -0.005, .high = 0.005}};
  void describe(Visitor& v);
  Layer build(const NetworkInput& input) const;
  std::vector<std::string> default_taps() const;
};

using NetworkConfig = std::variant<MlpConfig, LeNet300100Config, LeNet5Config, Conv4Config, VggConfig, ResNetConfig,
                                   WideResNetConfig, MaxoutConfig>;

// Throws kConfig, naming the layer, when `input` is too small for the network, or has another rank than it needs.
Layer build_network(const NetworkConfig& config, const Shape& input, int64_t classes, const Rng& rng);
// The places a method looks at when its config names none, from the input towards the output.
std::vector<std::string> default_taps(const NetworkConfig& config);

}  // namespace fewer
