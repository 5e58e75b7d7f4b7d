// Trajectories worked by hand (in exact fractions or to the digits shown), one weight at a time; then what groups,
// clipping and constraints do around the rules.
#include "nn/optimizer.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "core/autograd.h"
#include "core/parallel.h"
#include "core/power_of_two.h"
#include "core/rng.h"

namespace fewer {
namespace {

// A module with one parameter of each role.
struct Probe final : ModuleKind<Probe> {
  static constexpr const char* kKind = "optimizer_probe";
  Parameter weight{Tensor({2, 2}, {3, 0.5, 4, 0.5})};  // [in, out]: unit 0 has incoming weights (3, 4)
  Parameter bias{Tensor({2}, {1, 1})};
  Parameter scale{Tensor({2}, {1, 1})};
  void describe(ModuleVisitor& v) override {
    v.parameter("weight", weight, {2, 2}, ParameterRole::kWeight);
    v.parameter("bias", bias, {2}, ParameterRole::kBias);
    v.parameter("scale", scale, {2}, ParameterRole::kNormScale);
  }
  Tensor forward(const Tensor& x, const Pass&) const override { return x; }
};

// One number to optimise.
struct Single final : ModuleKind<Single> {
  static constexpr const char* kKind = "optimizer_single";
  Parameter w{Tensor({1}, {1})};
  void describe(ModuleVisitor& v) override { v.parameter("w", w, {1}, ParameterRole::kWeight); }
  Tensor forward(const Tensor& x, const Pass&) const override { return x; }
};

// The weight after each of the gradients in turn, starting at 1.
std::vector<double> trajectory(const OptimizerConfig& config, std::initializer_list<double> gradients) {
  Layer net = Single();
  Optimizer optimizer(config);
  std::vector<double> weights;
  for (const double g : gradients) {
    optimizer.step(net, std::vector{Tensor({1}, {g})});
    weights.push_back(static_cast<double>(parameters(net)[0].item()));
  }
  return weights;
}

void check_values(const std::vector<double>& actual, std::initializer_list<double> expected, double tolerance = 1e-6) {
  REQUIRE(actual.size() == expected.size());
  size_t i = 0;
  for (const double value : expected) CHECK(actual[i++] == doctest::Approx(value).epsilon(tolerance));
}

std::vector<Tensor> constant_gradients(double g) {
  return {Tensor::full({2, 2}, static_cast<Real>(g)), Tensor::full({2}, static_cast<Real>(g)),
          Tensor::full({2}, static_cast<Real>(g))};
}

std::vector<double> values(const Parameter& parameter) {
  return {parameter.value().values().begin(), parameter.value().values().end()};
}

}  // namespace

TEST_CASE("sgd: plain steps subtract lr times the gradient") {
  check_values(trajectory(SgdConfig{.lr = 0.1}, {1, 2, -4}), {0.9, 0.7, 1.1});
}

TEST_CASE("sgd: momentum adds up past gradients") {  // v = 1, 1.5, 0.75
  check_values(trajectory(SgdConfig{.lr = 0.1, .momentum = 0.5}, {1, 1, 0}), {0.9, 0.75, 0.675});
}

TEST_CASE("sgd: nesterov steps along g + momentum v") {  // v = 1, 1.5, 0.75; steps 1.5, 1.75, 0.375
  check_values(trajectory(SgdConfig{.lr = 0.1, .momentum = 0.5, .nesterov = true}, {1, 1, 0}), {0.85, 0.675, 0.6375});
}

TEST_CASE("sgd: weight decay pulls towards zero through the momentum") {  // g = 0.5 w: v = 0.5, 0.25 + 0.475
  check_values(trajectory(SgdConfig{.lr = 0.1, .momentum = 0.5, .update = {.weight_decay = 0.5}}, {0, 0}),
               {0.95, 0.8775});
}

TEST_CASE("adam: with a constant gradient every step has the length of the learning rate") {
  check_values(trajectory(AdamConfig{.lr = 0.1, .epsilon = 0}, {2, 2, 2}), {0.9, 0.8, 0.7});
}

TEST_CASE("adam: two steps by hand, beta1 = 0.5 and beta2 = 0.75") {
  // m = 1, 1.5; v = 1, 1.75; corrected m = 2, 2; corrected v = 4, 4
  check_values(trajectory(AdamConfig{.lr = 0.1, .beta1 = 0.5, .beta2 = 0.75, .epsilon = 2}, {2, 2}), {0.95, 0.9});
  // then g = 0: m = 0.75, v = 1.3125; corrected 6/7 and 2.27027
  check_values(trajectory(AdamConfig{.lr = 0.1, .beta1 = 0.5, .beta2 = 0.75, .epsilon = 2}, {2, 2, 0}),
               {0.95, 0.9, 0.9 - 0.1 * (6.0 / 7) / (std::sqrt(1.3125 / (1 - 0.421875)) + 2)});
}

TEST_CASE("adam: decoupled decay takes the share lr times decay and leaves the moments alone") {
  const UpdateConfig decay{.weight_decay = 0.5};
  check_values(trajectory(AdamConfig{.lr = 0.1, .decoupled = true, .update = decay}, {0, 0}), {0.95, 0.9025});
  check_values(trajectory(AdamConfig{.lr = 0.1, .epsilon = 0, .update = decay}, {0}), {0.9});  // coupled: a full step
}

TEST_CASE("adamax: divides by the largest recent gradient") {
  // beta1 = 0.5, beta2 = 0.5: m = 2, 1.5; v = 4, max(2, 1); corrected m = 4, 2
  check_values(trajectory(AdaMaxConfig{.lr = 0.1, .beta1 = 0.5, .beta2 = 0.5, .epsilon = 1e-12}, {4, 1}), {0.9, 0.8});
}

TEST_CASE("adamax: the shift-based form rounds both factors to powers of two") {
  // t = 1: lr / (1 - 0.5) = 0.2 -> 1/4; m = 1.5, 1/v = 1/3 -> 1/4 (log2 = -1.58): step 0.25 * 1.5 / 4
  check_values(trajectory(AdaMaxConfig{.lr = 0.1, .beta1 = 0.5, .beta2 = 0.5, .epsilon = 1e-12, .shift = true}, {3}),
               {1 - 0.25 * 1.5 / 4});
}

TEST_CASE("adamax: a weight whose gradient was always zero stays finite and still") {
  check_values(trajectory(AdaMaxConfig{.shift = true}, {0, 0}), {1, 1});
}

TEST_CASE("ap2: the nearest power of two on the logarithmic scale, with the sign") {
  CHECK(ap2(1) == 1);
  CHECK(ap2(Real(1.41)) == 1);
  CHECK(ap2(Real(1.42)) == 2);
  CHECK(ap2(Real(-3)) == -4);
  CHECK(ap2(Real(0.2)) == Real(0.25));
  CHECK(ap2(0) == 0);
}

TEST_CASE("rmsprop: divides by the running root mean square plus epsilon") {  // r = 3, 2.25; g / (sqrt(r) + 1)
  check_values(trajectory(RmsPropConfig{.lr = 0.1, .alpha = 0.75, .epsilon = 1}, {std::sqrt(12.0), 0}),
               {1 - 0.1 * std::sqrt(12.0) / (std::sqrt(3.0) + 1), 1 - 0.1 * std::sqrt(12.0) / (std::sqrt(3.0) + 1)});
}

TEST_CASE("rmsprop: the floor takes the place of epsilon") {
  // r = 0.25 g^2, so g / sqrt(r) = 2; below the floor of 1: g / 1
  check_values(trajectory(RmsPropConfig{.lr = 0.1, .alpha = 0.75, .epsilon = 9, .floor = 1}, {4}), {0.8});
  check_values(trajectory(RmsPropConfig{.lr = 0.1, .alpha = 0.75, .epsilon = 9, .floor = 1}, {0.5}), {0.95});
}

TEST_CASE("rmsprop: momentum adds up scaled steps") {  // steps 2, then 0; u = 2, 1
  check_values(trajectory(RmsPropConfig{.lr = 0.1, .alpha = 0.75, .epsilon = 0, .momentum = 0.5}, {1, 0}), {0.8, 0.7});
}

TEST_CASE("optimizer: the schedule's factor scales the step") {
  Layer net = Single();
  Optimizer optimizer(SgdConfig{.lr = 0.1});
  optimizer.step(net, std::vector{Tensor({1}, {1})}, 0.5);
  CHECK(parameters(net)[0].item() == doctest::Approx(0.95));
}

TEST_CASE("optimizer: weight decay is for weights, unless a group says more") {
  Probe probe;
  Layer net = probe;
  Optimizer plain(SgdConfig{.lr = 1, .update = {.weight_decay = 0.5}});
  plain.step(net, constant_gradients(0));
  CHECK(values(net.as<Probe>()->weight) == std::vector<double>{1.5, 0.25, 2, 0.25});
  CHECK(values(net.as<Probe>()->bias) == std::vector<double>{1, 1});
  Layer other = probe;
  Optimizer all(SgdConfig{
      .lr = 1, .update = {.weight_decay = 0.5, .groups = {{.role = ParameterRole::kBias, .weight_decay = 0.25}}}});
  all.step(other, constant_gradients(0));
  CHECK(values(other.as<Probe>()->bias) == std::vector<double>{0.75, 0.75});
  CHECK(values(other.as<Probe>()->scale) == std::vector<double>{1, 1});
}

TEST_CASE("optimizer: the first group that fits decides; scale 0 holds a parameter still") {
  Layer net = Probe();
  Optimizer optimizer(
      SgdConfig{.lr = 1, .update = {.groups = {{.match = "w*", .lr_scale = 0}, {.match = "*", .lr_scale = 2}}}});
  optimizer.step(net, constant_gradients(0.25));
  CHECK(values(net.as<Probe>()->weight) == std::vector<double>{3, 0.5, 4, 0.5});
  CHECK(optimizer.moments().count("weight") == 0);
  CHECK(values(net.as<Probe>()->bias) == std::vector<double>{0.5, 0.5});
}

TEST_CASE("optimizer: max-norm shortens only the units whose incoming weights are too long") {
  Layer net = Probe();
  Optimizer optimizer(SgdConfig{.lr = 1, .update = {.groups = {{.match = "weight", .max_norm = 2.5}}}});
  optimizer.step(net, constant_gradients(0));
  CHECK(values(net.as<Probe>()->weight) == std::vector<double>{1.5, 0.5, 2, 0.5});
}

TEST_CASE("optimizer: clipped weights end inside their bound") {
  Layer net = Probe();
  Optimizer optimizer(SgdConfig{.lr = 1, .update = {.groups = {{.match = "weight", .clip = 1}}}});
  optimizer.step(net, constant_gradients(0.25));
  CHECK(values(net.as<Probe>()->weight) == std::vector<double>{1, 0.25, 1, 0.25});
}

TEST_CASE("optimizer: glorot scale multiplies the finished step by sqrt((in + out) / 1.5)") {
  Layer net = Probe();
  Optimizer optimizer(SgdConfig{.lr = 1, .update = {.groups = {{.match = "weight", .glorot_scale = true}}}});
  optimizer.step(net, constant_gradients(1));
  CHECK(values(net.as<Probe>()->weight)[0] == doctest::Approx(3 - std::sqrt(4 / 1.5)));
}

TEST_CASE("optimizer: a gradient longer than the bound is scaled to it, a shorter one is left alone") {
  Layer net = Probe();  // 8 elements of 0.5: norm sqrt(2)
  Optimizer optimizer(SgdConfig{.lr = 1, .update = {.clip_norm = std::sqrt(2.0) / 2}});
  optimizer.step(net, constant_gradients(0.5));
  CHECK(values(net.as<Probe>()->bias)[0] == doctest::Approx(0.75).epsilon(1e-5));
  optimizer.step(net, constant_gradients(0.125));
  CHECK(values(net.as<Probe>()->bias)[0] == doctest::Approx(0.625).epsilon(1e-5));
}

TEST_CASE("optimizer: elements of the gradient are clipped one by one") {
  check_values(trajectory(SgdConfig{.lr = 0.1, .update = {.clip_value = 2}}, {5, -5, 1}), {0.8, 1.0, 0.9});
}

TEST_CASE("optimizer: a copy of the network made before a step keeps its values") {
  Layer net = Single();
  const Layer before = net;
  Optimizer optimizer(SgdConfig{.lr = 0.1});
  optimizer.step(net, std::vector{Tensor({1}, {1})});
  CHECK(parameters(before)[0].item() == 1);
}

TEST_CASE("optimizer: a copy is a snapshot of its moments") {
  Layer net = Single();
  Optimizer optimizer(SgdConfig{.lr = 0.1, .momentum = 0.5});
  optimizer.step(net, std::vector{Tensor({1}, {1})});
  const Optimizer copy = optimizer;
  optimizer.step(net, std::vector{Tensor({1}, {1})});
  CHECK(copy.moments().at("w").first.item() == 1);
  CHECK(optimizer.moments().at("w").first.item() == 1.5);
}

TEST_CASE("optimizer: in place when nobody shares the weights") {
  Layer net = Single();
  const Real* storage = net.as<Single>()->w.value().data();
  Optimizer(SgdConfig{}).step(net, std::vector{Tensor({1}, {1})});
  CHECK(net.as<Single>()->w.value().data() == storage);
}

TEST_CASE("optimizer: an undefined gradient leaves its parameter and its step count alone") {
  Layer net = Single();
  Optimizer optimizer(AdamConfig{});
  optimizer.step(net, std::vector{Tensor()});
  CHECK(parameters(net)[0].item() == 1);
  CHECK(optimizer.moments().empty());
}

TEST_CASE("optimizer: frozen parameters take no gradient") {
  Probe probe;
  probe.bias.set_trainable(false);
  Layer net = probe;
  const std::vector<Tensor> grads = constant_gradients(1);
  Optimizer(SgdConfig{.lr = 1}).step(net, std::vector{grads[0], grads[2]});
  CHECK(values(net.as<Probe>()->bias) == std::vector<double>{1, 1});
  CHECK(values(net.as<Probe>()->scale) == std::vector<double>{0, 0});
}

TEST_CASE("optimizer: contracts are refused by name, and the network stays as it was") {
  Layer net = Probe();
  Optimizer optimizer(SgdConfig{.lr = 1});
  CHECK_THROWS_WITH_AS(optimizer.step(net, std::vector{Tensor({1}, {1})}), doctest::Contains("1 gradients for 3"),
                       Error);
  std::vector<Tensor> wrong = constant_gradients(1);
  wrong[2] = Tensor::zeros({3});
  CHECK_THROWS_WITH_AS(optimizer.step(net, wrong), doctest::Contains("scale has shape [2], its gradient [3]"), Error);
  optimizer.moments()["bias"].first = Tensor::zeros({5});
  CHECK_THROWS_WITH_AS(optimizer.step(net, constant_gradients(1)),
                       doctest::Contains("bias has shape [2], but its moments have [5]"), Error);
  Optimizer misspelt(SgdConfig{.update = {.groups = {{.match = "wieght"}}}});
  CHECK_THROWS_WITH_AS(misspelt.step(net, constant_gradients(1)), doctest::Contains("\"wieght\" fits no parameter"),
                       Error);
  CHECK(values(net.as<Probe>()->weight) == std::vector<double>{3, 0.5, 4, 0.5});
}

TEST_CASE("first_nonfinite: names the parameter whose gradient is not finite") {
  const Layer net = Probe();
  std::vector<Tensor> grads = constant_gradients(1e30);
  CHECK(first_nonfinite(net, grads) == "");
  grads[1].mutable_data()[1] = std::numeric_limits<Real>::quiet_NaN();
  CHECK(first_nonfinite(net, grads) == "bias");
}

TEST_CASE("global_norm: of all gradients together, the same at any number of threads") {
  CHECK(global_norm(std::vector{Tensor({2}, {3, 0}), Tensor(), Tensor({1}, {4})}) == doctest::Approx(5));
  Rng rng(1);
  const std::vector large = {Tensor::normal({100000}, 0, 1, rng)};
  set_threads(1);
  const double alone = global_norm(large);
  set_threads(2);
  CHECK(global_norm(large) == alone);
}

TEST_CASE("glob_match: stars take any run of characters, question marks one") {
  CHECK(glob_match("*", ""));
  CHECK(glob_match("*.weight", "stage1.0.conv.weight"));
  CHECK(glob_match("stage?.*conv*", "stage1.0.conv.weight"));
  CHECK(glob_match("a*b*c", "aXbXbXc"));
  CHECK_FALSE(glob_match("*.weight", "conv.weights"));
  CHECK_FALSE(glob_match("stage?", "stage"));
  CHECK_FALSE(glob_match("", "x"));
}

}  // namespace fewer
