#include <doctest/doctest.h>

#include <cmath>

#include "core/autograd.h"
#include "nn/norm.h"
#include "nn/sequential.h"
#include "ops/ops.h"

using namespace fewer;

namespace {

const Tensor kBatch({4, 2}, {1, 10, 2, 20, 3, 30, 6, 60});  // means 3 and 30, population variances 3.5 and 350

void check_close(const Tensor& x, std::initializer_list<double> expected) {
  REQUIRE(x.numel() == static_cast<int64_t>(expected.size()));
  const Real* value = x.data();
  for (const double e : expected) CHECK(*value++ == doctest::Approx(e).epsilon(1e-4));
}

Layer norm_net(BatchNormSpec spec = {.channels = 2, .epsilon = 1e-8}) { return Sequential({{"norm", BatchNorm(spec)}}); }
BatchNorm& norm_of(Layer& net) { return *find_layer(net, "norm")->as<BatchNorm>(); }

}  // namespace

TEST_CASE("batch_norm: training normalises with the batch and leaves its statistics in the pass") {
  const Layer net = norm_net();
  Statistics statistics;
  const Tensor y = net.forward(kBatch, {.training = true, .statistics = &statistics});
  check_close(mean(y, {0}) + Real(1), {1, 1});
  check_close(variance(y, {0}), {1, 1});
  REQUIRE(statistics.entries.size() == 1);
  CHECK(statistics.entries[0].path == "norm");
  CHECK(statistics.entries[0].count == 4);
  check_close(statistics.entries[0].mean, {3, 30});
  check_close(statistics.entries[0].variance, {3.5, 350});
}

TEST_CASE("batch_norm: committing blends the mean and the unbiased variance into the running ones") {
  Layer net = norm_net();
  Statistics statistics;
  net.forward(kBatch, {.training = true, .statistics = &statistics});
  commit_statistics(net, statistics);
  check_close(norm_of(net).running_mean, {0.3, 3});
  check_close(norm_of(net).running_variance, {0.9 + 0.1 * 3.5 * 4 / 3, 0.9 + 0.1 * 350 * 4 / 3});
}

TEST_CASE("batch_norm: committing to a copy leaves the original alone") {
  const Layer net = norm_net();
  Layer copy = net;
  Statistics statistics;
  copy.forward(kBatch, {.training = true, .statistics = &statistics});
  commit_statistics(copy, statistics);
  check_close(net.as<Sequential>()->operator[](0).as<BatchNorm>()->running_variance, {1, 1});
}

TEST_CASE("batch_norm: outside training the running statistics are used, in mode kBatch still the batch's") {
  Layer net = norm_net();
  norm_of(net).running_mean = Tensor({1, 2}, {1, 10});
  norm_of(net).running_variance = Tensor({1, 2}, {4, 100});
  check_close(net.forward(kBatch, {}), {0, 0, 0.5, 1, 1, 2, 2.5, 5});
  check_close(variance(net.forward(kBatch, {.bn_mode = BnMode::kBatch}), {0}), {1, 1});
}

TEST_CASE("batch_norm: in mode kSupport the query is normalised with the support's statistics") {
  const Layer net = norm_net();
  Statistics support;
  net.forward(kBatch, {.statistics = &support, .bn_mode = BnMode::kSupport});
  const Tensor query({1, 2}, {3, 30 + 2 * std::sqrt(350.0)});
  check_close(net.forward(query, {.given = &support, .bn_mode = BnMode::kSupport}) + Real(1), {1, 3});
}

TEST_CASE("batch_norm: in mode kSupport gradients of the query flow into the support set") {
  const Layer net = norm_net();
  const Tensor x = variable(kBatch);
  Statistics support;
  net.forward(x, {.statistics = &support, .bn_mode = BnMode::kSupport});
  const Tensor y = net.forward(Tensor({1, 2}, {0, 0}), {.given = &support, .bn_mode = BnMode::kSupport});
  // y = -mean / sqrt(variance): dy/dx_1 = -(1/n) / s + mean (x_1 - mean) / (n s^3), s = sqrt(3.5)
  const double s = std::sqrt(3.5);
  CHECK(grad(sum(y), x).at({0, 0}) == doctest::Approx(-0.25 / s + 3 * (1 - 3) / (4 * s * s * s)).epsilon(1e-4));
}

TEST_CASE("batch_norm: in mode kSupport a layer without given statistics is named") {
  const Statistics empty;
  CHECK_THROWS_WITH_AS(norm_net().forward(kBatch, {.given = &empty, .bn_mode = BnMode::kSupport}), doctest::Contains("\"norm\""), Error);
}

TEST_CASE("batch_norm: in mode kPerStep every step has running statistics of its own, later ones share the last's") {
  Layer net = norm_net({.channels = 2, .epsilon = 1e-8, .steps = 2, .affine_per_step = true});
  Statistics statistics;
  net.forward(kBatch, {.training = true, .step = 1, .statistics = &statistics, .bn_mode = BnMode::kPerStep});
  commit_statistics(net, statistics);
  check_close(norm_of(net).running_mean, {0, 0, 0.3, 3});
  norm_of(net).beta.set(Tensor({2, 2}, {0, 0, 7, 7}));
  norm_of(net).running_variance = Tensor::ones({2, 2});
  const Tensor x({1, 2}, {0.3, 3});
  check_close(net.forward(x, {.step = 0, .bn_mode = BnMode::kPerStep}), {0.3, 3});
  check_close(net.forward(x, {.step = 5, .bn_mode = BnMode::kPerStep}), {7, 7});
}

TEST_CASE("batch_norm: scale and shift are learnt separately") {
  CHECK(parameter_count(norm_net()) == 4);
  CHECK(parameter_count(norm_net({.channels = 2, .scale = false})) == 2);
  CHECK(parameter_count(norm_net({.channels = 2, .scale = false, .shift = false})) == 0);
  check_close(variance(norm_net({.channels = 2, .scale = false}).forward(kBatch, {.training = true}), {0}), {1, 1});
}

TEST_CASE("commit_statistics: a path that is no batch norm is refused") {
  Layer net = norm_net();
  Statistics statistics;
  statistics.entries.push_back({"nrom", Tensor::zeros({2}), Tensor::ones({2}), 4, 0});
  CHECK_THROWS_WITH_AS(commit_statistics(net, statistics), doctest::Contains("\"nrom\""), Error);
}

TEST_CASE("layer_norm: every example is normalised by itself") {
  const Layer net = LayerNorm({.features = 4});
  const Tensor y = net.forward(Tensor({2, 4}, {1, 2, 3, 4, 10, 20, 30, 40}), {});
  check_close(mean(y, {1}) + Real(1), {1, 1});
  check_close(variance(y, {1}), {1, 1});
}
