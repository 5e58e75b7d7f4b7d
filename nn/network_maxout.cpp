// Maxout networks: FitNets, their teachers, and the networks of the depth study.
#include <charconv>
#include <sstream>

#include "core/error.h"
#include "core/spelling.h"
#include "nn/networks.h"

namespace fewer {
namespace {

constexpr int64_t kGlobal = -1;  // a max pool over the whole image

struct MaxoutLayer {
  int64_t channels, kernel, padding;
  int64_t pool = 0, pool_stride = 0;  // 0: no pooling
};
struct MaxoutPlan {
  std::vector<MaxoutLayer> layers;
  int64_t hidden = 500;
};

// Networks of 3x3 layers, in the paper's notation.
struct Written {
  const char* name;
  const char* layers;
};
constexpr Written kWritten[] = {
    {"fitnet_1", "16 16 16 p 32 32 32 p 48 48 64 P"},
    {"fitnet_2", "16 32 32 p 48 64 80 p 96 96 128 P"},
    {"fitnet_3", "32 48 64 64 p 80 80 80 80 p 128 128 128 P"},
    {"fitnet_4", "32 32 32 48 48 p 80 80 80 80 80 80 p 128 128 128 128 128 128 P"},
    {"depth_5_30m", "64 p 64 p 64 P"},
    {"depth_7_30m", "16 32 p 32 64 p 64 P"},
    {"depth_9_30m", "16 32 p 32 32 32 p 48 64 P"},
    {"depth_5_107m", "128 p 128 p 128 P"},
    {"depth_7_107m", "32 64 p 80 80 p 128 P"},
    {"depth_9_107m", "32 32 p 64 80 80 p 96 128 P"}};

std::vector<std::string> net_names() {
  std::vector<std::string> names;
  for (const Written& net : kWritten) names.push_back(net.name);
  for (const char* name : {"cifar_teacher", "mnist_teacher", "mnist_student", "custom"}) names.push_back(name);
  return names;
}

[[noreturn]] void bad_notation(const std::string& layers, const std::string& word) {
  fail_config("network maxout: layers \"", layers, "\": expected channels, p or P, a pool only after channels, got \"", word, "\"");
}

void read_word(const std::string& word, const std::string& layers, std::vector<MaxoutLayer>& plan) {
  const bool is_pool = word == "p" || word == "P";
  if (is_pool) {
    if (plan.empty() || plan.back().pool != 0) bad_notation(layers, word);
    plan.back().pool = word == "P" ? kGlobal : 2;
    plan.back().pool_stride = 2;
    return;
  }
  int64_t channels = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), channels);
  if (error != std::errc() || end != word.data() + word.size() || channels < 1) bad_notation(layers, word);
  plan.push_back({.channels = channels, .kernel = 3, .padding = 1});
}

std::vector<MaxoutLayer> parse(const std::string& layers) {
  std::vector<MaxoutLayer> plan;
  std::istringstream words(layers);
  for (std::string word; words >> word;) read_word(word, layers, plan);
  if (plan.empty()) bad_notation(layers, "");
  return plan;
}

MaxoutPlan plan_of(const MaxoutConfig& config) {
  if (config.net == "custom") return {parse(config.layers), config.hidden};
  for (const Written& net : kWritten)
    if (config.net == net.name) return {parse(net.layers)};
  if (config.net == "cifar_teacher")  // [32, 32, 3] -> [16, 16, 96] -> [7, 7, 192] -> [5, 5, 192]
    return {{{96, 8, 4, 4, 2}, {192, 8, 3, 4, 2}, {192, 5, 3, 2, 2}}};
  if (config.net == "mnist_teacher")  // [28, 28, 1] -> [10, 10, 48] -> [4, 4, 48] -> [3, 3, 24]
    return {{{48, 8, 0, 4, 2}, {48, 8, 3, 4, 2}, {24, 5, 3, 2, 2}}, 0};
  if (config.net == "mnist_student")  // [28, 28, 1] -> [24, ..] -> [10, 10, 16] -> [12, ..] -> [4, 4, 16] -> [8, ..] -> [3, 3, 12]
    return {{{16, 5, 0}, {16, 3, 0, 4, 2}, {16, 5, 3}, {16, 3, 0, 4, 2}, {12, 3, 3}, {12, 3, 0, 2, 2}}, 0};
  fail_config("network maxout: there is no net \"", config.net, "\"", did_you_mean(config.net, net_names()));
}

void add_conv_layer(Stack& layer, const MaxoutLayer& size, int64_t pieces) {
  layer.conv("conv", {.out = size.channels * pieces, .kernel = size.kernel, .padding = size.padding});
  layer.maxout("maxout", pieces);
  if (size.pool == kGlobal) layer.global_max_pool("pool");
  if (size.pool > 0) layer.max_pool("pool", {.kernel = size.pool, .stride = size.pool_stride, .ceil_mode = true});
}

}  // namespace

void MaxoutConfig::describe(Visitor& v) {
  v.field("net", net, {.help = "which network of the paper, or custom", .choices = net_names()});
  v.field("layers", layers, {.help = "of a custom net: channels of 3x3 layers, p and P for pools: \"16 16 p 32 P\""});
  v.field("hidden", hidden, {.help = "of a custom net: units of the fully connected maxout layer; 0: none", .min = 0});
  v.field("pieces", pieces, {.help = "linear pieces of a unit", .min = 1});
  v.field("dropout_input", dropout_input, {.help = "share of the inputs dropped", .min = 0, .below = 1});
  v.field("dropout", dropout, {.help = "share dropped before every later layer", .min = 0, .below = 1});
  v.field("init", init, {.help = "initial weights and biases"});
  v.check((net == "custom") != layers.empty(), "layers are for net \"custom\", which needs them", {"net", "layers"});
}

Layer MaxoutConfig::build(const NetworkInput& input) const {
  const MaxoutPlan plan = plan_of(*this);
  Stack stack(kName, input.shape, input.rng, init);
  int64_t index = 0;
  const auto add_layer = [&](auto fill) {
    const std::string name = "layer" + std::to_string(++index);
    Stack layer = stack.inside(name);
    layer.dropout("dropout", index == 1 ? dropout_input : dropout);
    fill(layer);
    stack.add(name, layer);
  };
  for (const MaxoutLayer& size : plan.layers) add_layer([&](Stack& layer) { add_conv_layer(layer, size, pieces); });
  if (plan.hidden > 0) {
    add_layer([&](Stack& layer) {
      layer.flatten("flatten");
      layer.linear("fc", plan.hidden * pieces);
      layer.maxout("maxout", pieces);
    });
  }
  stack.flatten("flatten");
  stack.dropout("dropout", dropout);
  if (input.classes > 0) stack.linear("fc", input.classes);
  return stack.layers();
}

std::vector<std::string> MaxoutConfig::default_taps() const {
  const MaxoutPlan plan = plan_of(*this);
  std::vector<std::string> names;
  for (size_t i = 1; i <= plan.layers.size() + (plan.hidden > 0); ++i) names.push_back("layer" + std::to_string(i));
  return names;
}

}  // namespace fewer
