// Training and inference of the benchmark's networks on one synthetic batch, as `trainer` does them.
#pragma once

#include <span>

#include "core/tensor.h"
#include "nn/networks.h"
#include "nn/optimizer.h"

namespace fewer::bench {

struct BenchNetwork {
  const char* name;  // "resnet20"
  NetworkConfig config;
  Shape input;       // one example
  int64_t classes;
};
const BenchNetwork& network_named(const std::string& name);

// Everything that is switched on in training: the recorded graph, running statistics, weight decay, momentum.
class TrainingStep {
 public:
  TrainingStep(const BenchNetwork& network, int64_t batch);
  void operator()();
  int64_t weight_count() const { return parameter_count(net_); }

 private:
  Layer net_;
  Optimizer optimizer_;
  Tensor x_;
  IntTensor y_;
};

class Inference {
 public:
  Inference(const BenchNetwork& network, int64_t batch);
  void operator()() const;

 private:
  Layer net_;
  Tensor x_;
};

// Operations of the products and convolutions in one call of `work`, as if each were done directly.
double count_flop(const std::function<void()>& work);

}  // namespace fewer::bench
