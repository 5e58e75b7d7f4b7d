// Optimisers: from gradients to new parameters.
//
//   Optimizer optimizer(SgdConfig{.lr = 0.1, .momentum = 0.9, .update = {.weight_decay = 1e-4}});
//   std::vector<Tensor> grads = grad(std::move(loss), parameters(net));
//   optimizer.step(net, grads, schedule.factor(step));
//
// An optimiser is a value and holds no handles: it is shown the network at every step, and keeps what it remembers of
// each parameter under the parameter's name. So a network may be copied, pruned or loaded between two steps, and a copy
// of the optimiser is a snapshot. Each parameter is updated in one pass over memory, in place when nobody shares its
// storage. The update rules stand in the files sgd.cpp, adam.cpp, adamax.cpp and rmsprop.cpp.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "core/describe.h"
#include "core/tensor.h"
#include "nn/module.h"

namespace fewer {

class StateVisitor;

// Parameters that are treated alike. A parameter belongs to the first group whose name pattern and role both fit it.
struct ParameterGroup {
  std::string match = "*";                  // glob over the name: '*' is any run of characters, '?' any one
  std::optional<ParameterRole> role = {};   // without: any role
  double lr_scale = 1;                      // times the learning rate; 0 holds the parameter still
  std::optional<double> weight_decay = {};  // in place of the optimiser's, and whatever the role
  double max_norm = 0;  // of the weights into one unit (all axes but the last), after the step; 0: no bound
  double clip = 0;                          // weights stay in [-clip, clip] after the step; 0: no bound
  bool glorot_scale = false;                // also scale the step by sqrt((fan in + fan out) / 1.5)
  void describe(Visitor& v);
  bool fits(const NamedParameter& parameter) const;
};

// What every optimiser can do around its rule, in this order: scale the gradient, clip its elements, add the decay,
// update, clip the weights, bound their norm.
struct UpdateConfig {
  double weight_decay =
      0;  // times the weights, added to the gradient of parameters of role kWeight that no group decides
  double clip_norm = 0;     // all gradients together are scaled to at most this norm; 0: no bound
  double clip_value = 0;    // each element of the gradient stays in [-clip_value, clip_value]; 0: no bound
  std::vector<ParameterGroup> groups = {};
  void describe(Visitor& v);
};

// Stochastic gradient descent with (Nesterov) momentum.
struct SgdConfig {
  static constexpr const char* kName = "sgd";
  double lr = 0.1;
  double momentum = 0;
  bool nesterov = false;
  UpdateConfig update = {};
  void describe(Visitor& v);
};

// Kingma & Ba 2015; with `decoupled` AdamW, Loshchilov & Hutter 2019.
struct AdamConfig {
  static constexpr const char* kName = "adam";
  double lr = 1e-3;
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
  bool decoupled = false;  // decay the weights themselves rather than through the gradient
  UpdateConfig update = {};
  void describe(Visitor& v);
};

// Adam with the largest gradient in place of the mean square (Kingma & Ba 2015, section 7.1); with `shift` every factor
// is rounded to a power of two (Courbariaux et al. 2016, algorithm 4).
struct AdaMaxConfig {
  static constexpr const char* kName = "adamax";
  double lr = 2e-3;
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
  bool shift = false;
  UpdateConfig update = {};
  void describe(Visitor& v);
};

// Tieleman & Hinton 2012. With `floor` above 0 the root mean square is kept above it instead of adding epsilon.
struct RmsPropConfig {
  static constexpr const char* kName = "rmsprop";
  double lr = 1e-2;
  double alpha = 0.99;
  double epsilon = 1e-8;
  double floor = 0;
  double momentum = 0;
  UpdateConfig update = {};
  void describe(Visitor& v);
};

using OptimizerConfig = std::variant<SgdConfig, AdamConfig, AdaMaxConfig, RmsPropConfig>;

// What an optimiser remembers of one parameter. Undefined tensors: not needed by the rule, or no step yet.
struct Moments {
  int64_t steps = 0;  // how often the parameter was updated: t of the bias corrections
  Tensor first;       // of the parameter's shape. SGD and RMSProp: momentum. Adam, AdaMax: mean gradient
  Tensor second;      // of the parameter's shape. Adam, RMSProp: mean square. AdaMax: largest magnitude
};

class Optimizer {
 public:
  static constexpr const char* kSpan = "optimizer";  // what observers see of a step
  explicit Optimizer(const OptimizerConfig& config);

  // Changes the trainable parameters of `net`. grads[i] belongs to parameters(net)[i]; an undefined one leaves its
  // parameter alone. The learning rate is the configured one times `lr_factor`. Throws when sizes disagree or a group's
  // pattern fits no parameter at all; the network is then unchanged.
  void step(Layer& net, std::span<const Tensor> grads, double lr_factor = 1);

  const OptimizerConfig& config() const { return config_; }
  double lr() const;  // as configured

  // By parameter name. Surgery that shrinks or renames a parameter does the same to its moments, or erases them.
  std::map<std::string, Moments>& moments() { return moments_; }
  const std::map<std::string, Moments>& moments() const { return moments_; }

  void describe(StateVisitor& v);  // the moments, for checkpoints; the config is the run's

 private:
  OptimizerConfig config_;
  std::map<std::string, Moments> moments_;
};

// Euclidean norm of all gradients together, in double. Undefined ones count as 0.
double global_norm(std::span<const Tensor> grads);
// Name of the first trainable parameter whose gradient has a NaN or an infinity; "" when there is none.
std::string first_nonfinite(const Layer& net, std::span<const Tensor> grads);

bool glob_match(std::string_view pattern, std::string_view name);

}  // namespace fewer
