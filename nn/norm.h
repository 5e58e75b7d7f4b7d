// Normalising layers, and committing the statistics that a pass collected.
#pragma once

#include <optional>

#include "nn/init.h"
#include "nn/module.h"
#include "ops/ops.h"

namespace fewer {

struct BatchNormSpec {
  int64_t channels = 0;
  double momentum = 0.1;         // running = (1 - momentum) * running + momentum * this batch
  double epsilon = 1e-5;         // added to the variance
  bool scale = true;             // learn gamma
  bool shift = true;             // learn beta
  int64_t steps = 1;             // inner steps with running statistics of their own (BnMode::kPerStep)
  bool affine_per_step = false;  // gamma and beta too
};

// y = x * scale + shift, per channel [C].
struct ChannelMap {
  Tensor scale, shift;
};

// What the op of a batch norm does on the way out: y = max_pool(activation(norm(x) + addend)).
struct NormEnding {
  FusedActivation activation = FusedActivation::kNone;
  Tensor addend = {};                       // undefined: none
  const Pool2dOptions* max_pool = nullptr;  // nullptr: none. Not together with an addend
};

// y = gamma * (x - mean) / sqrt(variance + epsilon) + beta, per channel over all other axes. Whose mean and variance:
// BnMode (nn/pass.h). Wherever a batch's own are used and the pass has `statistics`, they are left there under the layer's
// path. Step pass.step uses row min(step, steps - 1) of what is kept per step; other modes use row 0.
struct BatchNorm final : ModuleKind<BatchNorm> {
  static constexpr const char* kKind = "batch_norm";
  BatchNormSpec spec;
  Parameter gamma, beta;                  // [C], or [steps, C] when affine_per_step; starting at 1 and 0
  Tensor running_mean, running_variance;  // [steps, C], starting at 0 and 1

  BatchNorm() = default;  // for a file to fill
  explicit BatchNorm(const BatchNormSpec& spec);
  BatchNorm(const BatchNormSpec& spec, Rng& rng, const InitConfig& gamma_init);
  void describe(ModuleVisitor& v) override;
  Tensor forward(const Tensor& x, const Pass& pass) const override { return run(x, pass, {}); }
  Tensor run(const Tensor& x, const Pass& pass, const NormEnding& ending) const;  // x [..., C] -> [..., C], then the ending
  // What it does in a pass that normalises with the running statistics, whatever x is; nothing in other passes.
  std::optional<ChannelMap> fixed_map(const Pass& pass) const;

  // Takes one batch's statistics [C] of `count` values per channel into row `step` of the running ones; the variance is
  // corrected to the unbiased count / (count - 1).
  void update_running(const Tensor& mean, const Tensor& variance, int64_t count, int64_t step);
};

// Every entry into the running statistics of its layer, in the order collected. Throws when an entry's path is no batch norm.
void commit_statistics(Layer& net, const Statistics& statistics);

struct LayerNormSpec {
  int64_t features = 0;
  double epsilon = 1e-5;
  bool scale = true, shift = true;
};

// The same formula for every example by itself, over its last axis (Ba et al. 2016). No running statistics.
struct LayerNorm final : ModuleKind<LayerNorm> {
  static constexpr const char* kKind = "layer_norm";
  LayerNormSpec spec;
  Parameter gamma, beta;  // [features]

  LayerNorm() = default;  // for a file to fill
  explicit LayerNorm(const LayerNormSpec& spec);
  void describe(ModuleVisitor& v) override;
  Tensor forward(const Tensor& x, const Pass& pass) const override;  // x [..., features] -> same
};

}  // namespace fewer
