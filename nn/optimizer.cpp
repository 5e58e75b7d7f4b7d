#include "nn/optimizer.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/observer.h"
#include "core/parallel.h"
#include "nn/state.h"
#include "nn/update.h"

namespace fewer {
namespace {

constexpr Real kUnbounded = std::numeric_limits<Real>::infinity();

const UpdateConfig& update_config(const OptimizerConfig& config) {
  return std::visit([](const auto& c) -> const UpdateConfig& { return c.update; }, config);
}

void check_gradients(const std::vector<NamedParameter>& parameters, std::span<const Tensor> grads) {
  ENSURE(parameters.size() == grads.size(), "optimizer: ", grads.size(), " gradients for ", parameters.size(),
         " trainable parameters; pass what grad(loss, parameters(net)) returned");
  for (size_t i = 0; i < grads.size(); ++i) {
    ENSURE(!grads[i].defined() || grads[i].shape() == parameters[i].parameter->shape(),
           "optimizer: ", parameters[i].name, " has shape ", parameters[i].parameter->shape(), ", its gradient ",
           grads[i].shape());
  }
}

void check_moments(const std::vector<NamedParameter>& parameters, const std::map<std::string, Moments>& moments) {
  for (const NamedParameter& p : parameters) {
    const auto found = moments.find(p.name);
    if (found == moments.end()) continue;
    for (const Tensor* moment : {&found->second.first, &found->second.second}) {
      ENSURE(!moment->defined() || moment->shape() == p.parameter->shape(), "optimizer: ", p.name, " has shape ",
             p.parameter->shape(), ", but its moments have ", moment->shape(),
             "; what reshapes a parameter must reshape or erase them");
    }
  }
}

// A pattern that fits nothing is a misspelt name. Frozen parameters count: a stage may hold a group's parameters still.
void check_groups(Layer& net, const std::vector<ParameterGroup>& groups) {
  if (groups.empty()) return;
  const std::vector<NamedParameter> all = named_parameters(net, true);
  for (const ParameterGroup& group : groups) {
    const bool used =
        std::any_of(all.begin(), all.end(), [&](const auto& p) { return glob_match(group.match, p.name); });
    ENSURE(used, "optimizer: group \"", group.match, "\" fits no parameter; the first is called \"",
           all.empty() ? "(none)" : all.front().name, "\"");
  }
}

const ParameterGroup& group_of(const NamedParameter& parameter, const std::vector<ParameterGroup>& groups) {
  static const ParameterGroup kNoGroup;
  for (const ParameterGroup& group : groups)
    if (group.fits(parameter)) return group;
  return kNoGroup;
}

// sqrt((fan in + fan out) / 1.5): the inverse of Glorot's standard deviation, up to a constant.
double glorot_step_scale(const Shape& shape) {
  if (shape.rank() < 2) return 1;
  const double elements = static_cast<double>(shape.numel());
  const double fan_in = elements / static_cast<double>(shape.size(-1));
  const double fan_out = elements / static_cast<double>(shape.size(-2));
  return std::sqrt((fan_in + fan_out) / 1.5);
}

double decay_of(const NamedParameter& parameter, const ParameterGroup& group, const UpdateConfig& config) {
  if (group.weight_decay) return *group.weight_decay;
  return parameter.role == ParameterRole::kWeight ? config.weight_decay : 0;
}

Real bound_or_none(double bound) { return bound > 0 ? static_cast<Real>(bound) : kUnbounded; }

double clipping_scale(std::span<const Tensor> grads, double clip_norm) {
  if (clip_norm == 0) return 1;
  return std::min(1.0, clip_norm / (global_norm(grads) + 1e-6));
}

}  // namespace

Optimizer::Optimizer(const OptimizerConfig& config) : config_(config) {}

double Optimizer::lr() const {
  return std::visit([](const auto& c) { return c.lr; }, config_);
}

void Optimizer::step(Layer& net, std::span<const Tensor> grads, double lr_factor) {
  const Span span(SpanKind::kWork, kSpan);
  const UpdateConfig& common = update_config(config_);
  const std::vector<NamedParameter> parameters = named_parameters(net);
  check_gradients(parameters, grads);
  check_moments(parameters, moments_);
  check_groups(net, common.groups);
  const Real scale = static_cast<Real>(clipping_scale(grads, common.clip_norm));
  for (size_t i = 0; i < grads.size(); ++i) {
    const ParameterGroup& group = group_of(parameters[i], common.groups);
    if (!grads[i].defined() || group.lr_scale == 0) continue;
    Parameter& parameter = *parameters[i].parameter;
    const Shape& shape = parameter.shape();
    Update update{.size = shape.numel(),
                  .weights = parameter.mutable_data(),
                  .gradient = grads[i].data(),
                  .lr = lr() * lr_factor * group.lr_scale * (group.glorot_scale ? glorot_step_scale(shape) : 1),
                  .weight_decay = decay_of(parameters[i], group, common),
                  .gradient_scale = scale,
                  .gradient_bound = bound_or_none(common.clip_value),
                  .weight_bound = bound_or_none(group.clip)};
    Moments& moments = moments_[parameters[i].name];
    ++moments.steps;
    std::visit([&](const auto& config) { apply_rule(config, update, shape, moments); }, config_);
    if (group.max_norm > 0) bound_incoming_norms(update.weights, shape, group.max_norm);
  }
}

void Optimizer::describe(StateVisitor& v) {
  std::vector<std::string> names;
  for (const auto& [name, moments] : moments_) names.push_back(name);
  v.field("parameters", names);
  std::map<std::string, Moments> described;  // what a reader did not name is forgotten
  for (const std::string& name : names) described[name] = moments_[name];
  moments_ = std::move(described);
  for (const std::string& name : names) {
    Moments& moments = moments_[name];
    v.scope(name, [&](StateVisitor& s) {
      s.field("steps", moments.steps, {.min = 0});
      s.tensor("first", moments.first);
      s.tensor("second", moments.second);
    });
  }
}

void bound_incoming_norms(Real* weights, const Shape& shape, double max_norm) {
  if (shape.rank() < 2) return;
  const int64_t units = shape.size(-1), inputs = units == 0 ? 0 : shape.numel() / units;
  parallel_for(units, 64, [&](int64_t begin, int64_t end) {
    std::vector<double> squares(static_cast<size_t>(end - begin));
    for (int64_t i = 0; i < inputs; ++i)
      for (int64_t u = begin; u < end; ++u) {
        const double w = weights[i * units + u];
        squares[static_cast<size_t>(u - begin)] += w * w;
      }
    for (double& square : squares) square = square > max_norm * max_norm ? max_norm / std::sqrt(square) : 1;
    for (int64_t i = 0; i < inputs; ++i)
      for (int64_t u = begin; u < end; ++u)
        weights[i * units + u] *= static_cast<Real>(squares[static_cast<size_t>(u - begin)]);
  });
}

}  // namespace fewer
