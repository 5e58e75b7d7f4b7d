// Trees of layers: names, taps, snapshots, functional calling.
#include <doctest/doctest.h>

#include "core/autograd.h"
#include "nn/activation.h"
#include "nn/conv.h"
#include "nn/linear.h"
#include "nn/norm.h"
#include "nn/residual.h"
#include "nn/sequential.h"
#include "ops/ops.h"

using namespace fewer;

namespace {

Layer small_net() {
  Rng rng(1);
  return Sequential({{"fc1", Linear({.in = 3, .out = 4}, rng)}, {"tanh1", Activation(ActivationFunction::kTanh)},
                     {"fc2", Linear({.in = 4, .out = 1}, rng)}});
}

Layer block_net() {
  Rng rng(2);
  const Conv2dSpec conv{.in = 2, .out = 2, .padding = 1};
  const Sequential body({{"conv1", Conv2d(conv, rng)}, {"norm1", BatchNorm({.channels = 2})}, {"relu1", relu()},
                         {"conv2", Conv2d(conv, rng)}, {"norm2", BatchNorm({.channels = 2})}});
  return Sequential({{"stage1", Sequential({Residual({.body = body, .activation = relu()})})}});
}

Tensor noise(const Shape& shape) {
  Rng rng(7);
  return Tensor::normal(shape, 0, 1, rng);
}

std::vector<Real> all_values(const Layer& net) {
  std::vector<Real> values;
  for (const Tensor& p : parameters(net)) values.insert(values.end(), p.values().begin(), p.values().end());
  return values;
}

bool same_values(const Tensor& a, const Tensor& b) {
  return a.shape() == b.shape() && std::equal(a.values().begin(), a.values().end(), b.values().begin());
}

}  // namespace

TEST_CASE("sequential: names must be unique and without dots") {
  Sequential net;
  net.add("relu", relu());
  CHECK_THROWS_WITH_AS(net.add("relu", relu()), doctest::Contains("two layers named \"relu\""), Error);
  CHECK_THROWS_WITH_AS(net.add("a.b", relu()), doctest::Contains("without dots"), Error);
  CHECK(Sequential({relu(), relu()}).name(1) == "1");
}

TEST_CASE("residual: the layers of the body are named as the block's own") {
  Layer net = block_net();
  std::vector<std::string> names;
  for (const NamedModule& m : named_modules(net)) names.push_back(m.name);
  CHECK(names == std::vector<std::string>{"", "stage1", "stage1.0", "stage1.0.conv1", "stage1.0.norm1", "stage1.0.relu1",
                                          "stage1.0.conv2", "stage1.0.norm2", "stage1.0.activation"});
}

TEST_CASE("residual: the output is the activated sum of body and shortcut") {
  const Layer net = block_net();
  const Tensor x = noise({2, 4, 4, 2});
  Taps taps;
  for (const char* place : {"stage1.0.norm2", "stage1.0.sum", "stage1.0"}) taps.observe(place);
  net.forward(x, {.taps = &taps});
  CHECK(same_values(taps.value("stage1.0.sum"), taps.value("stage1.0.norm2") + x));
  CHECK(same_values(taps.value("stage1.0"), relu(taps.value("stage1.0.sum"))));
}

TEST_CASE("residual: with branch, the shortcut reads what the first layers of the body made") {
  const Sequential body({{"double", Activation(ActivationFunction::kRelu)}, {"tanh", Activation(ActivationFunction::kTanh)}});
  const Layer block = Residual({.body = body, .shortcut = Activation(ActivationFunction::kIdentity), .branch = 1});
  const Tensor x({2}, {-1, 1});
  CHECK(same_values(block.forward(x, {}), relu(x) + tanh(relu(x))));
}

TEST_CASE("residual: shapes that do not meet are named") {
  Rng rng(1);
  const Layer block = Residual({.body = Sequential({Linear({.in = 2, .out = 3}, rng)})});
  CHECK_THROWS_WITH_AS(block.forward(noise({1, 2}), {}), doctest::Contains("the body gives [1, 3], the shortcut [1, 2]"), Error);
}

TEST_CASE("taps: observing changes nothing, after the convolution, its norm and its activation") {
  const Layer net = block_net();
  const Tensor x = noise({2, 4, 4, 2});
  Taps taps;
  for (const char* place : {"stage1.0.conv1", "stage1.0.norm1", "stage1.0.relu1"}) taps.observe(place);
  const Tensor plain = net.forward(x, {.training = true});
  CHECK(same_values(net.forward(x, {.training = true, .taps = &taps}), plain));
  CHECK(same_values(relu(taps.value("stage1.0.norm1")), taps.value("stage1.0.relu1")));
}

TEST_CASE("sequential: a batch norm and its ReLU are one op, unless a tap wants the value between") {
  struct Relus final : Observer {
    int count = 0;
    void on_op(const OpEvent& event) override { count += std::string_view(event.op) == "relu"; }
  };
  const auto relus = [](const char* place) {
    Taps taps;
    taps.observe(place);
    Relus relus;
    const ObserverScope scope(relus);
    block_net().forward(noise({2, 4, 4, 2}), {.taps = &taps});
    taps.ensure_all_reached();
    return relus.count;
  };
  CHECK(relus("stage1.0.relu1") == 1);  // the block's last
  CHECK(relus("stage1.0.norm1") == 2);
}

TEST_CASE("taps: an observed value is part of the graph") {
  const Layer net = small_net();
  Taps taps;
  taps.observe("tanh1");
  const Tensor y = net.forward(noise({2, 3}), {.taps = &taps});
  CHECK(grad(sum(y), taps.value("tanh1")).shape() == Shape{2, 4});
}

TEST_CASE("taps: a replaced value is what the next layer reads") {
  const Layer net = small_net();
  Taps taps;
  taps.replace("tanh1", [](const Tensor& h) { return h * Real(0); });
  const Tensor y = net.forward(noise({2, 3}), {.taps = &taps});
  CHECK(y.at({0, 0}) == 0);
  CHECK(y.at({1, 0}) == 0);
}

TEST_CASE("taps: a misspelt place is reported with the places there are") {
  const Layer net = small_net();
  Taps taps;
  taps.observe("tanh");
  net.forward(noise({2, 3}), {.taps = &taps});
  CHECK_THROWS_WITH_AS(taps.ensure_all_reached(), doctest::Contains("it has: fc1, tanh1, fc2"), Error);
}

TEST_CASE("layer: training a copy leaves the original as it was, bit for bit") {
  const Layer net = small_net();
  const std::vector<Real> before = all_values(net);
  Layer copy = net;
  for (const NamedParameter& p : named_parameters(copy)) p.parameter->mutable_data()[0] += 1;
  CHECK(all_values(net) == before);
  CHECK(all_values(copy) != before);
}

TEST_CASE("layer: a copy has leaves of its own") {
  const Layer net = small_net(), copy = net;
  const Tensor y = copy.forward(noise({2, 3}), {});
  CHECK_THROWS_AS(grad(sum(y), parameters(net)[0]), Error);
  CHECK(grad(sum(y), parameters(copy)[0]).shape() == Shape{3, 4});
}

TEST_CASE("freeze: a frozen network records nothing") {
  Layer net = small_net();
  freeze(net);
  CHECK(parameters(net).empty());
  CHECK_FALSE(net.forward(noise({2, 3}), {}).tracked());
}

TEST_CASE("with_parameters: a step inside the graph is differentiable to second order") {
  // loss(theta - a * grad loss(theta)) against central differences, along a random direction of theta.
  const Layer net = small_net();
  const Tensor x = noise({5, 3});
  const auto loss_of = [&](const Layer& f) { return mean(square(f.forward(x, {}) - Real(1))); };
  const auto after_step = [&](const std::vector<Tensor>& theta) {
    const std::vector<Tensor> g = grad(loss_of(with_parameters(net, theta)), theta, {.create_graph = true});
    std::vector<Tensor> stepped;
    for (size_t i = 0; i < theta.size(); ++i) stepped.push_back(theta[i] - g[i] * Real(0.5));
    return loss_of(with_parameters(net, stepped));
  };
  const std::vector<Tensor> theta = parameters(net);
  const std::vector<Tensor> g = grad(after_step(theta), theta);
  const double h = sizeof(Real) == 8 ? 1e-5 : 1e-2;
  double slope = 0;
  std::vector<Tensor> ahead, behind;
  for (size_t i = 0; i < theta.size(); ++i) {
    const Tensor direction = noise(theta[i].shape());
    slope += dot(g[i], direction).item();
    ahead.push_back(variable((theta[i] + direction * static_cast<Real>(h)).detach()));
    behind.push_back(variable((theta[i] - direction * static_cast<Real>(h)).detach()));
  }
  const double difference = (after_step(ahead).item() - after_step(behind).item()) / (2 * h);
  CHECK(slope == doctest::Approx(difference).epsilon(sizeof(Real) == 8 ? 1e-6 : 1e-2));
}

TEST_CASE("with_parameters: the number and shapes of tensors must fit") {
  const Layer net = small_net();
  std::vector<Tensor> theta = parameters(net);
  theta[0] = Tensor::zeros({4, 3});
  CHECK_THROWS_WITH_AS(with_parameters(net, theta), doctest::Contains("fc1.weight has shape [3, 4]"), Error);
  theta = parameters(net);
  theta.pop_back();
  CHECK_THROWS_AS(with_parameters(net, theta), Error);
}
