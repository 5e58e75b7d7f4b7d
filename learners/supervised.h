// Plain training with labels: the baseline that every other method is compared with.
#pragma once

#include <cstdint>
#include <string>

#include "datasets/config.h"
#include "learners/learner.h"
#include "nn/loss.h"
#include "nn/networks.h"
#include "nn/optimizer.h"
#include "nn/schedule.h"

namespace fewer {

class Supervised final : public Learner {
 public:
  struct Config {
    RunHeader header;
    DataConfig data;
    NetworkConfig network;
    LossConfig loss;
    OptimizerConfig optimizer;
    ScheduleConfig schedule = CosineConfig{};
    int64_t epochs = 10;
    int64_t batch = 128;
    std::string choose = "best";        // by validation error: the best epoch; "last": the last one
    std::string convolution = "auto";   // "direct": no Winograd, so that sums are added in the plain order
    void describe(Visitor& v);
  };

  RunHeader& header() override { return config.header; }
  void describe(Visitor& v) override { config.describe(v); }
  Outcome run(RunContext& context) override;

  Config config;
};

}  // namespace fewer
