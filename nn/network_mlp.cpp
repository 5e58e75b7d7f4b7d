// Fully connected networks.
#include "core/error.h"
#include "nn/networks.h"

namespace fewer {
namespace {

const char* name_of(ActivationFunction function) {
  for (const auto& entry : activation_names())
    if (entry.value == function) return entry.name;
  fail("mlp: activation function ", static_cast<int>(function), " has no name");
}

MlpConfig lenet_300_100(const LayerInit& init) {
  MlpConfig config;
  config.hidden = {300, 100};
  config.init = init;
  return config;
}

}  // namespace

void MlpConfig::describe(Visitor& v) {
  v.field("hidden", hidden, {.help = "units of the hidden layers", .min = 1});
  v.choice("activation", activation, activation_names(), {.help = "of the hidden layers"});
  v.field("norm", norm, {.help = "batch norm before the activations; null: none"});
  v.field("dropout_input", dropout_input, {.help = "share of the inputs dropped", .min = 0, .below = 1});
  v.field("dropout", dropout, {.help = "share of the hidden units dropped", .min = 0, .below = 1});
  v.field("init", init, {.help = "initial weights and biases"});
}

Layer MlpConfig::build(const NetworkInput& input) const {
  Stack stack(kName, input.shape, input.rng, init);
  stack.flatten("flatten");
  stack.dropout("dropout_input", dropout_input);
  for (size_t i = 0; i < hidden.size(); ++i) {
    const std::string n = std::to_string(i + 1);
    stack.linear("fc" + n, hidden[i]);
    if (norm) stack.norm("norm" + n, *norm);
    stack.add(name_of(activation) + n, Activation(activation), stack.shape());
    stack.dropout("dropout" + n, dropout);
  }
  if (input.classes > 0) stack.linear("fc" + std::to_string(hidden.size() + 1), input.classes);
  return stack.layers();
}

std::vector<std::string> MlpConfig::default_taps() const {
  std::vector<std::string> names;
  for (size_t i = 0; i < hidden.size(); ++i) names.push_back(name_of(activation) + std::to_string(i + 1));
  return names;
}

void LeNet300100Config::describe(Visitor& v) { v.field("init", init, {.help = "initial weights and biases"}); }
Layer LeNet300100Config::build(const NetworkInput& input) const { return lenet_300_100(init).build(input); }
std::vector<std::string> LeNet300100Config::default_taps() const { return lenet_300_100(init).default_taps(); }

}  // namespace fewer
