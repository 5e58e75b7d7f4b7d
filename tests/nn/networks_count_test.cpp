// Parameter counts of the papers' networks.
#include <doctest/doctest.h>

#include "nn/networks.h"

using namespace fewer;

namespace {

Layer build(const NetworkConfig& config, const Shape& input, int64_t classes = 10) {
  return build_network(config, input, classes, Rng(1));
}

// Of weights only: what the pruning papers count.
int64_t weight_count(Layer net) {
  int64_t count = 0;
  for (const NamedParameter& p : named_parameters(net))
    if (p.role == ParameterRole::kWeight) count += p.parameter->shape().numel();
  return count;
}

int64_t weights(const NetworkConfig& config, const Shape& input) { return weight_count(build(config, input)); }
int64_t parameters_of(const NetworkConfig& config, const Shape& input, int64_t classes = 10) {
  return parameter_count(build(config, input, classes));
}

const Shape kMnist{28, 28, 1}, kCifar{32, 32, 3};

ResNetConfig resnet(int64_t depth) { return {.depth = depth}; }
WideResNetConfig wrn(int64_t depth, int64_t k) { return {.depth = depth, .width = k}; }
VggConfig vgg(int64_t depth, double width) { return {.depth = depth, .width = width}; }
MaxoutConfig maxout(const char* net) { return {.net = net}; }
MlpConfig mlp(std::vector<int64_t> hidden) { return {.hidden = std::move(hidden)}; }

}  // namespace

TEST_CASE("mlp: teacher and students of the distillation paper have its parameter counts") {
  CHECK(parameters_of(mlp({1200, 1200}), kMnist) == 2395210);
  CHECK(parameters_of(mlp({800, 800}), kMnist) == 1276810);
  CHECK(parameters_of(mlp({300, 300}), kMnist) == 328810);
  CHECK(parameters_of(mlp({30, 30}), kMnist) == 24790);
}

TEST_CASE("mlp: MAML's networks have their parameter counts") {
  CHECK(parameters_of(mlp({40, 40}), {1}, 1) == 1761);
  MlpConfig omniglot = mlp({256, 128, 64, 64});
  omniglot.norm = NormConfig{.scale = false};
  CHECK(parameters_of(omniglot, kMnist, 5) == 246272 + 512 + 64 * 5 + 5);
}

TEST_CASE("lenet: both have the weights Han et al. count") {
  CHECK(weights(LeNet300100Config{}, kMnist) == 266200);
  CHECK(parameters_of(LeNet300100Config{}, kMnist) == 266200 + 410);
  CHECK(weights(LeNet5Config{}, kMnist) == 430500);
  CHECK(parameters_of(LeNet5Config{}, kMnist) == 430500 + 580);
}

TEST_CASE("conv4: the embedding and MAML's strided form have their parameter counts") {
  CHECK(parameters_of(Conv4Config{}, kMnist, 0) == 111936);
  Conv4Config strided{.downsample = Downsample::kStride, .features = Features::kMean, .norm = NormConfig{.scale = false}};
  CHECK(parameters_of(strided, kMnist, 5) == 112005);
  Conv4Config wide_image{.width = 32};
  CHECK(parameters_of(wide_image, {84, 84, 3}, 5) - parameters_of(wide_image, {84, 84, 3}, 0) == 800 * 5 + 5);
}

TEST_CASE("vgg: VGG-16 for CIFAR has the weights Li et al. count, at full, half and quarter width") {
  CHECK(weights(vgg(16, 1), kCifar) == 14977728);
  CHECK(weights(vgg(16, 0.5), kCifar) == 3746144);
  CHECK(weights(vgg(16, 0.25), kCifar) == 937392);
}

TEST_CASE("resnet: CIFAR ResNets have their parameter counts") {
  CHECK(parameters_of(resnet(8), kCifar) == 75290);
  CHECK(parameters_of(resnet(14), kCifar) == 172506);
  CHECK(parameters_of(resnet(20), kCifar) == 269722);
  CHECK(parameters_of(resnet(26), kCifar) == 366938);
  CHECK(parameters_of(resnet(32), kCifar) == 464154);
  CHECK(weights(resnet(20), kCifar) == 268336);
  CHECK(weights(resnet(56), kCifar) == 848944);
  CHECK(weights(resnet(110), kCifar) == 1719856);
}

TEST_CASE("wrn: wide ResNets have their parameter counts") {
  CHECK(parameters_of(wrn(10, 1), kCifar) == 77850);
  CHECK(parameters_of(wrn(16, 1), kCifar) == 175066);
  CHECK(parameters_of(wrn(16, 2), kCifar) == 691674);
  CHECK(parameters_of(wrn(40, 1), kCifar) == 563930);
  CHECK(parameters_of(wrn(40, 2), kCifar) == 2243546);
}

TEST_CASE("maxout: FitNets and their teachers have their parameter counts") {
  CHECK(parameters_of(maxout("cifar_teacher"), kCifar) == 9046330);
  CHECK(parameters_of(maxout("fitnet_1"), kCifar) == 251194);
  CHECK(parameters_of(maxout("fitnet_2"), kCifar) == 864122);
  CHECK(parameters_of(maxout("fitnet_3"), kCifar) == 1506138);
  CHECK(parameters_of(maxout("fitnet_4"), kCifar) == 2548602);
  const int64_t softmax_biases = 10;  // which the paper's figures for MNIST count, but no other bias
  CHECK(weights(maxout("mnist_teacher"), kMnist) + softmax_biases == 360826);
  CHECK(weights(maxout("mnist_student"), kMnist) + softmax_biases == 29954);
}
