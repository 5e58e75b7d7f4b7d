#include "tests/bench/training_step.h"

#include <cmath>

#include "core/error.h"
#include "core/rng.h"
#include "nn/loss.h"
#include "nn/norm.h"
#include "nn/op_cost.h"

namespace fewer::bench {
namespace {

constexpr uint64_t kSeed = 1;

Layer build(const BenchNetwork& network) {
  return build_network(network.config, network.input, network.classes, Rng(kSeed).stream("network"));
}

Tensor images(const BenchNetwork& network, int64_t batch) {
  Rng rng = Rng(kSeed).stream("images");
  return Tensor::normal(network.input.inserted(0, batch), 0, 1, rng);
}

IntTensor cyclic_labels(int64_t batch, int64_t classes) {
  IntTensor labels = IntTensor::uninitialized({batch});
  for (int64_t i = 0; i < batch; ++i) labels.mutable_data()[i] = static_cast<int32_t>(i % classes);
  return labels;
}

class FlopCounter final : public Observer {
 public:
  void on_op(const OpEvent& event) override { flop += 2 * static_cast<double>(multiply_adds(event)); }
  double flop = 0;
};

}  // namespace

const BenchNetwork& network_named(const std::string& name) {
  static const BenchNetwork kNetworks[] = {
      {"resnet20", ResNetConfig{.depth = 20}, {32, 32, 3}, 10},
      {"resnet20_wide", ResNetConfig{.depth = 20, .width = 2}, {32, 32, 3}, 10},
      {"wrn16_2", WideResNetConfig{.depth = 16, .width = 2}, {32, 32, 3}, 10},
      {"conv4", Conv4Config{}, {28, 28, 1}, 5},
      {"vgg9", VggConfig{.depth = 9}, {32, 32, 3}, 10},
      {"lenet5", LeNet5Config{}, {28, 28, 1}, 10},
      {"mlp", MlpConfig{.hidden = {1200, 1200}}, {784}, 10}};
  for (const BenchNetwork& network : kNetworks)
    if (name == network.name) return network;
  fail_config("bench: there is no network \"", name, "\"");
}

TrainingStep::TrainingStep(const BenchNetwork& network, int64_t batch)
    : net_(build(network)),
      optimizer_(SgdConfig{.lr = 0.01, .momentum = 0.9, .update = {.weight_decay = 1e-4}}),
      x_(images(network, batch)),
      y_(cyclic_labels(batch, network.classes)) {}

void TrainingStep::operator()() {
  Statistics statistics;
  const Pass pass{.training = true, .statistics = &statistics};
  Tensor loss = cross_entropy(net_.forward(x_, pass), y_);
  ENSURE(std::isfinite(loss.item()), "bench: the loss is no longer finite");
  optimizer_.step(net_, grad(std::move(loss), parameters(net_)));
  commit_statistics(net_, statistics);
}

Inference::Inference(const BenchNetwork& network, int64_t batch) : net_(build(network)), x_(images(network, batch)) {}

void Inference::operator()() const {
  const NoGrad no_grad;
  net_.forward(x_, Pass{});
}

double count_flop(const std::function<void()>& work) {
  FlopCounter counter;
  const ObserverScope scope(counter);
  work();
  return counter.flop;
}

}  // namespace fewer::bench
