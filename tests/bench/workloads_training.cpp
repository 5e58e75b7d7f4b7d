// Whole training steps and inference, against PyTorch.
#include "core/error.h"
#include "tests/bench/bench.h"
#include "tests/bench/child.h"
#include "tests/bench/training_step.h"

namespace fewer::bench {
namespace {

// What the peer found must be the same network: it begins its setting with the number of parameters.
SidePtr torch_with_parameters(const std::string& name, const BenchNetwork& network) {
  SidePtr side = torch_side(name);
  if (!side) return side;
  const std::string expected = text(TrainingStep(network, 1).weight_count(), " parameters, ");
  ENSURE(side->setting().starts_with(expected), "bench: ", name, ": ours has ", expected, "the peer's is ", side->setting());
  return side;
}

Workload training(const char* network_name, int64_t batch, double must) {
  const BenchNetwork& network = network_named(network_name);
  const std::string name = text("train/", network_name, "_b", batch);
  return {.name = name,
          .peer_name = "PyTorch",
          .ours = [&network, batch] { return in_process(TrainingStep(network, batch)); },
          .peer = [&network, name] { return torch_with_parameters(name, network); },
          .flop = [&network, batch] { return count_flop(TrainingStep(network, batch)); },
          .must = must};
}

Workload inference(const char* network_name, int64_t batch, double must) {
  const BenchNetwork& network = network_named(network_name);
  const std::string name = text("infer/", network_name, "_b", batch);
  return {.name = name,
          .peer_name = "PyTorch",
          .ours = [&network, batch] { return in_process(Inference(network, batch)); },
          .peer = [&network, name] { return torch_with_parameters(name, network); },
          .flop = [&network, batch] { return count_flop(Inference(network, batch)); },
          .must = must};
}

}  // namespace

std::vector<Workload> training_workloads() {
  return {training("resnet20", 128, 1.8),  training("resnet20_wide", 128, 2.1), training("wrn16_2", 128, 2.1),
          training("conv4", 128, 2.4),     training("conv4", 25, 1.8),          training("conv4", 400, 2.1),
          training("vgg9", 128, 1.0),      training("lenet5", 128, 1.3),        training("mlp", 128, 1.0),
          inference("resnet20", 128, 1.9), inference("conv4", 128, 1.9)};
}

}  // namespace fewer::bench
