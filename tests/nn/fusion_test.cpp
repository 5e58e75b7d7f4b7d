// Layers that run as one op give what they give one by one, and run one by one where somebody looks.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <string>

#include "core/autograd.h"
#include "nn/activation.h"
#include "nn/conv.h"
#include "nn/norm.h"
#include "nn/pool.h"
#include "nn/residual.h"
#include "nn/sequential.h"
#include "ops/ops.h"

using namespace fewer;

namespace {

class Builder {
 public:
  explicit Builder(uint64_t seed) : rng_(seed) {}

  int64_t between(int64_t low, int64_t high) { return low + rng_.below(high - low + 1); }
  bool coin() { return rng_.bernoulli(0.5); }
  Tensor normal(const Shape& shape) { return Tensor::normal(shape, 0, 1, rng_); }

  Conv2d conv(int64_t in, int64_t out, bool same_size) {
    const int64_t kernel = 2 * between(0, 1) + 1;
    Conv2d conv({.in = in, .out = out, .kernel = kernel, .stride = same_size ? 1 : between(1, 2), .padding = Padding2d::same(), .bias = coin()}, rng_);
    if (conv.spec.bias) conv.bias.set(normal({out}));
    return conv;
  }
  BatchNorm norm(int64_t channels) {
    BatchNorm norm({.channels = channels, .scale = coin(), .shift = coin(), .steps = 2});
    if (norm.spec.scale) norm.gamma.set(normal({channels}));
    if (norm.spec.shift) norm.beta.set(normal({channels}));
    norm.running_mean = normal({2, channels});
    norm.running_variance = Tensor::uniform({2, channels}, Real(0.2), 2, rng_);
    return norm;
  }
  // Some convolutions, each perhaps with a norm, a ReLU and a pool behind it.
  Sequential body(int64_t in, int64_t out, bool same_size) {
    Sequential layers;
    const auto add = [&](Layer layer) { layers.add(std::to_string(layers.size()), std::move(layer)); };
    for (int64_t convs = between(1, 3), c = in; convs > 0; --convs) {
      const int64_t next = convs == 1 ? out : between(1, 20);
      add(conv(c, next, same_size));
      if (coin()) add(norm(next));
      if (coin()) add(relu());
      if (!same_size && coin()) add(MaxPool(PoolSpec{.ceil_mode = true}));
      c = next;
    }
    return layers;
  }
  Layer net() {
    const int64_t a = between(1, 20), b = between(1, 20);
    ResidualParts parts{.body = body(a, b, true)};
    if (a != b) parts.shortcut = conv(a, b, true);
    if (coin()) parts.activation = coin() ? relu() : Activation(ActivationFunction::kTanh);
    return Sequential({{"body", body(2, a, false)}, {"block", Residual(std::move(parts))}});
  }

 private:
  Rng rng_;
};

// Observes every place there is, so that nothing is skipped.
Taps all_places(Layer& net) {
  Taps taps;
  for (const NamedModule& m : named_modules(net))
    if (!m.name.empty()) taps.observe(m.name);
  taps.observe("block.sum");
  return taps;
}

double distance(const Tensor& a, const Tensor& b) {
  REQUIRE(a.shape() == b.shape());
  double error = 0, size = 1e-12;
  for (int64_t i = 0; i < a.numel(); ++i) {
    error += std::pow(double(a.data()[i]) - double(b.data()[i]), 2);
    size += std::pow(double(b.data()[i]), 2);
  }
  return std::sqrt(error / size);
}

double length(const Tensor& x) { return std::sqrt(sum(square(x.detach())).item()); }

struct OpCounter final : Observer {
  std::map<std::string, int> count;
  void on_op(const OpEvent& event) override { ++count[event.op]; }
};

std::map<std::string, int> ops_of(const Layer& net, const Tensor& x, const Pass& pass) {
  OpCounter counter;
  const ObserverScope scope(counter);
  net.forward(x, pass);
  return counter.count;
}

constexpr double kRounding = sizeof(Real) == 4 ? 2e-5 : 1e-12;

Layer conv_norm_relu() {
  Builder build(3);
  return Sequential({{"conv", build.conv(2, 3, true)}, {"norm", build.norm(3)}, {"relu", relu()}});
}

}  // namespace

TEST_CASE("fusion: random networks give the same output fused and one by one, in evaluation and in training") {
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    CAPTURE(seed);
    Builder build(seed);
    Layer net = build.net();
    const Tensor x = build.normal({2, 13, 14, 2});
    for (const Pass& pass : {Pass{}, Pass{.training = true}, Pass{.step = 1, .bn_mode = BnMode::kPerStep}, Pass{.bn_mode = BnMode::kBatch}}) {
      const NoGrad no_grad;
      Taps taps = all_places(net);
      Pass unfused = pass;
      unfused.taps = &taps;
      CHECK(distance(net.forward(x, pass), net.forward(x, unfused)) < kRounding);
      taps.ensure_all_reached();
    }
  }
}

TEST_CASE("fusion: random networks have the same gradients fused and one by one") {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    Builder build(seed);
    Layer net = build.net();
    const Tensor x = variable(build.normal({2, 13, 14, 2}));
    Taps taps = all_places(net);
    std::vector<Tensor> wrt = parameters(net);
    wrt.push_back(x);
    const auto gradients = [&](const Pass& pass) { return grad(sum(square(net.forward(x, pass))), wrt); };
    const std::vector<Tensor> fused = gradients({.training = true}), unfused = gradients({.training = true, .taps = &taps});
    double largest = 0;
    for (const Tensor& g : unfused) largest = std::max(largest, length(g));
    for (size_t i = 0; i < wrt.size(); ++i) {
      CAPTURE(wrt[i].shape().str());
      // The bias of a convolution before a batch norm has a gradient of 0, and both ways give rounding only.
      const double size = length(unfused[i]) + 0.01 * largest;
      CHECK(length(fused[i] - unfused[i]) < 100 * kRounding * size);
    }
  }
}

TEST_CASE("fusion: in evaluation a norm is folded into its convolution only when nothing is recorded") {
  const Layer net = conv_norm_relu();
  const Tensor x = Builder(4).normal({1, 5, 5, 2});
  const auto norms = [&](const Layer& layer, const Tensor& input, const Pass& pass) {
    const std::map<std::string, int> ops = ops_of(layer, input, pass);
    return ops.count("batch_norm_with") + ops.count("batch_norm");
  };
  CHECK(norms(net, x, {}) == 1);  // trainable parameters, recorded
  Layer frozen = net;
  freeze(frozen);
  CHECK(norms(frozen, x, {}) == 0);
  CHECK(norms(frozen, variable(x), {}) == 1);
  const NoGrad no_grad;
  CHECK(norms(net, x, {}) == 0);
  CHECK(norms(net, x, {.training = true}) == 1);
  CHECK(norms(net, x, {.bn_mode = BnMode::kBatch}) == 1);
}

TEST_CASE("fusion: a tap between two layers keeps them apart") {
  const Layer net = conv_norm_relu();
  const Tensor x = Builder(4).normal({1, 5, 5, 2});
  const NoGrad no_grad;
  const auto ops = [&](const char* place) {
    Taps taps;
    taps.observe(place);
    return ops_of(net, x, {.taps = &taps});
  };
  CHECK(ops("relu").count("batch_norm_with") == 0);
  CHECK(ops("norm").count("batch_norm_with") == 0);  // folded, but the ReLU is on its own
  CHECK(ops("conv").count("batch_norm_with") == 1);
}

TEST_CASE("fusion: a pool behind a convolution and its ReLU rectifies in the ReLU's place") {
  Builder build(6);
  const Layer net = Sequential({{"conv", build.conv(2, 3, true)}, {"relu", relu()}, {"pool", MaxPool(PoolSpec{})}});
  const Tensor x = build.normal({2, 6, 6, 2});
  CHECK(ops_of(net, x, {.training = true}).count("relu") == 0);
  for (const char* place : {"conv", "relu", "pool"}) {
    Taps taps;
    taps.observe(place);
    CHECK(ops_of(net, x, {.training = true, .taps = &taps}).count("relu") == (place != std::string("pool")));
  }
}

TEST_CASE("fusion: a residual body that ends in a convolution adds the shortcut as it stores") {
  Builder build(5);
  const Layer block = Residual({.body = Sequential({{"conv", build.conv(3, 3, true)}}), .activation = relu()});
  const Tensor x = build.normal({2, 5, 5, 3});
  CHECK(ops_of(block, x, {.training = true}).count("add") == 0);
  for (const char* place : {"sum", "conv"}) {
    Taps taps;
    taps.observe(place);
    CHECK(ops_of(block, x, {.training = true, .taps = &taps}).count("add") == (place == std::string("conv")));
  }
}
