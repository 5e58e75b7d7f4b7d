#include "nn/norm.h"

#include <algorithm>
#include <map>
#include <string>

#include "core/error.h"
#include "nn/tree_visitor.h"

namespace fewer {
namespace {

// Row `i` of [rows, C], or all of [C]; undefined stays undefined.
Tensor row(const Tensor& table, int64_t i) {
  if (!table.defined() || table.rank() == 1) return table;
  return reshape(slice(table, 0, i, i + 1), {table.size(1)});
}

Axes all_but_last(const Tensor& x) {
  Axes axes(static_cast<size_t>(x.rank() - 1));
  for (size_t i = 0; i < axes.size(); ++i) axes[i] = static_cast<int>(i);
  return axes;
}

// running = (1 - momentum) * running + momentum * factor * batch.
void blend(Real* running, const Tensor& batch, double momentum, double factor) {
  const Real keep = static_cast<Real>(1 - momentum), take = static_cast<Real>(momentum * factor);
  for (int64_t c = 0; c < batch.numel(); ++c) running[c] = keep * running[c] + take * batch.data()[c];
}

void describe_affine(ModuleVisitor& v, bool scale, Parameter& gamma, bool shift, Parameter& beta, const Shape& shape) {
  if (scale) v.parameter("gamma", gamma, shape, ParameterRole::kNormScale);
  if (shift) v.parameter("beta", beta, shape, ParameterRole::kNormShift);
}

// Where a pass's statistics go to and which of a layer's rows it uses.
struct Use {
  const BatchNorm& layer;
  const Pass& pass;
  const NormEnding& ending;
  int64_t step = pass.bn_mode == BnMode::kPerStep ? std::min(pass.step, layer.spec.steps - 1) : 0;
  Real epsilon = static_cast<Real>(layer.spec.epsilon);
  Tensor gamma = row(layer.gamma.value(), step), beta = row(layer.beta.value(), step);

  void leave(const Tensor& x, const Tensor& mean, const Tensor& variance) const {
    if (!pass.statistics) return;
    pass.statistics->entries.push_back({pass.path(), mean, variance, x.numel() / std::max<int64_t>(x.size(-1), 1), step});
  }
  Tensor with_batch(const Tensor& x) const {
    const FusedActivation activation = ending.activation;
    const BatchNormResult result =
        ending.addend.defined() ? batch_norm_add(x, ending.addend, gamma, beta, epsilon, activation)
        : ending.max_pool       ? batch_norm_max_pool(x, gamma, beta, epsilon, activation, *ending.max_pool)
                                : batch_norm(x, gamma, beta, epsilon, activation);
    leave(x, result.mean, result.variance);
    return result.y;
  }
  bool running() const {
    return !pass.training && (pass.bn_mode == BnMode::kRunning || pass.bn_mode == BnMode::kPerStep);
  }
  ChannelMap running_map() const {
    const Tensor inverse = reciprocal(sqrt(add(row(layer.running_variance, step), epsilon)));
    const Tensor scale = gamma.defined() ? mul(gamma, inverse) : inverse;
    const Tensor shift = neg(mul(row(layer.running_mean, step), scale));
    return {scale, beta.defined() ? add(beta, shift) : shift};
  }
  Tensor with_given(const Tensor& x, const Tensor& mean, const Tensor& variance) const {
    const FusedActivation activation = ending.activation;
    if (ending.addend.defined()) {
      const Tensor sum = batch_norm_with(x, gamma, beta, mean, variance, epsilon) + ending.addend;
      return activation == FusedActivation::kRelu ? relu(sum) : sum;
    }
    const Tensor y = batch_norm_with(x, gamma, beta, mean, variance, epsilon, activation);
    return ending.max_pool ? max_pool2d(y, *ending.max_pool) : y;
  }
  Tensor with_running(const Tensor& x) const {
    return with_given(x, row(layer.running_mean, step), row(layer.running_variance, step));
  }
  // The support set leaves statistics that still hang in its graph; the query set is normalised with them.
  Tensor with_support(const Tensor& x) const {
    if (!pass.given) {
      const Tensor mean = fewer::mean(x, all_but_last(x)), variance = fewer::variance(x, all_but_last(x));
      leave(x, mean, variance);
      return with_given(x, mean, variance);
    }
    const Statistics::Entry* given = pass.given->find(pass.path());
    ENSURE(given, "batch_norm \"", pass.path(), "\": the given statistics have no entry for it; pass the support set through "
           "the same network, with `statistics` set, first");
    return with_given(x, given->mean, given->variance);
  }
};

}  // namespace

BatchNorm::BatchNorm(const BatchNormSpec& s) : spec(s) {
  const Shape kept{spec.steps, spec.channels};
  const Shape affine = spec.affine_per_step ? kept : Shape{spec.channels};
  if (spec.scale) gamma.set(Tensor::ones(affine));
  if (spec.shift) beta.set(Tensor::zeros(affine));
  running_mean = Tensor::zeros(kept);
  running_variance = Tensor::ones(kept);
}

BatchNorm::BatchNorm(const BatchNormSpec& s, Rng& rng, const InitConfig& gamma_init) : BatchNorm(s) {
  if (spec.scale) gamma.set(initial_values(gamma_init, gamma.shape(), {.in = 1, .out = 1}, rng));
}

void BatchNorm::describe(ModuleVisitor& v) {
  v.field("channels", spec.channels, {.help = "channels to normalise", .min = 1});
  v.field("momentum", spec.momentum, {.help = "share of a batch in the running statistics", .min = 0, .max = 1});
  v.field("epsilon", spec.epsilon, {.help = "added to the variance", .above = 0});
  v.field("scale", spec.scale, {.help = "learn a scale per channel"});
  v.field("shift", spec.shift, {.help = "learn a shift per channel"});
  v.field("steps", spec.steps, {.help = "inner steps with running statistics of their own", .min = 1});
  v.field("affine_per_step", spec.affine_per_step, {.help = "scale and shift per inner step too"});
  const Shape kept{spec.steps, spec.channels};
  const Shape affine = spec.affine_per_step ? kept : Shape{spec.channels};
  describe_affine(v, spec.scale, gamma, spec.shift, beta, affine);
  v.buffer("running_mean", running_mean, kept);
  v.buffer("running_variance", running_variance, kept);
}

Tensor BatchNorm::run(const Tensor& x, const Pass& pass, const NormEnding& ending) const {
  ENSURE(x.rank() >= 2 && x.size(-1) == spec.channels, "batch_norm \"", pass.path(), "\": expected [N, ..., ", spec.channels,
         "], got ", x.shape());
  const Use use{*this, pass, ending};
  if (pass.bn_mode == BnMode::kSupport) return use.with_support(x);
  return use.running() ? use.with_running(x) : use.with_batch(x);
}

std::optional<ChannelMap> BatchNorm::fixed_map(const Pass& pass) const {
  const NormEnding none;
  const Use use{*this, pass, none};
  if (!use.running()) return std::nullopt;
  return use.running_map();
}

void BatchNorm::update_running(const Tensor& mean, const Tensor& variance, int64_t count, int64_t step) {
  ENSURE(step >= 0 && step < spec.steps && mean.numel() == spec.channels, "batch_norm: statistics ", mean.shape(), " of step ",
         step, " do not fit ", spec.steps, " steps of ", spec.channels, " channels");
  const double n = static_cast<double>(count), unbiased = count > 1 ? n / (n - 1) : 1;
  const int64_t offset = step * spec.channels;
  blend(running_mean.mutable_data() + offset, mean, spec.momentum, 1);
  blend(running_variance.mutable_data() + offset, variance, spec.momentum, unbiased);
}

void commit_statistics(Layer& net, const Statistics& statistics) {
  struct Find final : TreeVisitor {
    std::map<std::string, BatchNorm*, std::less<>> norms;
    void enter(Layer& layer) override {
      if (BatchNorm* norm = layer.as<BatchNorm>()) norms[path_] = norm;
    }
  } find;
  find.walk(net);
  for (const Statistics::Entry& entry : statistics.entries) {
    const auto norm = find.norms.find(entry.path);
    ENSURE(norm != find.norms.end(), "commit_statistics: the network has no batch norm \"", entry.path,
           "\"; commit to the network the pass went through");
    norm->second->update_running(entry.mean, entry.variance, entry.count, entry.step);
  }
}

LayerNorm::LayerNorm(const LayerNormSpec& s) : spec(s) {
  if (spec.scale) gamma.set(Tensor::ones({spec.features}));
  if (spec.shift) beta.set(Tensor::zeros({spec.features}));
}

void LayerNorm::describe(ModuleVisitor& v) {
  v.field("features", spec.features, {.help = "size of the last axis", .min = 1});
  v.field("epsilon", spec.epsilon, {.help = "added to the variance", .above = 0});
  v.field("scale", spec.scale, {.help = "learn a scale per feature"});
  v.field("shift", spec.shift, {.help = "learn a shift per feature"});
  describe_affine(v, spec.scale, gamma, spec.shift, beta, {spec.features});
}

Tensor LayerNorm::forward(const Tensor& x, const Pass& pass) const {
  ENSURE(x.rank() >= 1 && x.size(-1) == spec.features, "layer_norm \"", pass.path(), "\": expected [..., ", spec.features, "], got ",
         x.shape());
  return layer_norm(x, gamma.value(), beta.value(), static_cast<Real>(spec.epsilon));
}

}  // namespace fewer
