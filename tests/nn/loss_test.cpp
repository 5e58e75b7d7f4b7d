// Losses on outputs small enough to work by hand.
#include "nn/loss.h"

#include <doctest/doctest.h>

#include <cmath>

#include "core/autograd.h"
#include "core/config.h"
#include "core/error.h"

namespace fewer {
namespace {

const double kLog2 = std::log(2.0);

double loss(const LossConfig& config, const Tensor& outputs, const IntTensor& labels) {
  return classification_loss(config, outputs, labels).item();
}

}  // namespace

TEST_CASE("loss: cross-entropy of even logits is log K, smoothed or not") {
  const Tensor even = Tensor::zeros({2, 4});
  CHECK(loss(CrossEntropyConfig{}, even, IntTensor({2}, {0, 3})) == doctest::Approx(2 * kLog2));
  CHECK(loss(CrossEntropyConfig{.label_smoothing = 0.1}, even, IntTensor({2}, {0, 3})) == doctest::Approx(2 * kLog2));
}

TEST_CASE("loss: label smoothing s moves s / K of the target to every class") {
  const Tensor targets = smooth_one_hot(IntTensor({1}, {1}), 4, 0.2);
  CHECK(targets.at({0, 1}) == doctest::Approx(0.85));
  CHECK(targets.at({0, 0}) == doctest::Approx(0.05));
  // logits (log 3, 0): log p = log(3/4), log(1/4)
  const double expected = -0.9 * std::log(0.75) - 0.1 * std::log(0.25);
  CHECK(loss(CrossEntropyConfig{.label_smoothing = 0.2}, Tensor({1, 2}, {std::log(3.0), 0}), IntTensor({1}, {0})) ==
        doctest::Approx(expected));
}

TEST_CASE("loss: squared hinge charges outputs on the wrong side of the margin, one class against all") {
  // t = (+1, -1, -1): violations 1 - 0.5, 1 - 2 and 1 + 0.5; squares 0.25 + 0 + 2.25
  const Tensor outputs({1, 3}, {0.5, -2, 0.5});
  CHECK(loss(SquaredHingeConfig{}, outputs, IntTensor({1}, {0})) == doctest::Approx(2.5 / 3));
  CHECK(loss(SquaredHingeConfig{.margin = 2}, outputs, IntTensor({1}, {0})) == doctest::Approx((2.25 + 0 + 6.25) / 3));
}

TEST_CASE("loss: mean squared error against one-hot targets") {
  CHECK(loss(MeanSquaredErrorConfig{}, Tensor({1, 2}, {0.5, 1}), IntTensor({1}, {0})) == doctest::Approx(0.625));
}

TEST_CASE("loss: binary cross-entropy is a mean over the classes, and stays finite for large logits") {
  CHECK(loss(BinaryCrossEntropyConfig{}, Tensor::zeros({2, 3}), IntTensor({2}, {0, 1})) == doctest::Approx(kLog2));
  CHECK(loss(BinaryCrossEntropyConfig{}, Tensor({1, 2}, {1000, 1000}), IntTensor({1}, {0})) == doctest::Approx(500));
}

TEST_CASE("loss: reductions of the same losses agree") {
  const Tensor outputs({2, 2}, {1, -0.5, 0.25, 2});
  const IntTensor labels({2}, {0, 0});
  for (const LossConfig& config : {LossConfig(CrossEntropyConfig{}), LossConfig(SquaredHingeConfig{}),
                                   LossConfig(MeanSquaredErrorConfig{}), LossConfig(BinaryCrossEntropyConfig{})}) {
    const Tensor each = classification_loss(config, outputs, labels, Reduction::kNone);  // [2]
    REQUIRE(each.shape() == Shape{2});
    const double total = static_cast<double>(each.at({0})) + static_cast<double>(each.at({1}));
    CHECK(classification_loss(config, outputs, labels, Reduction::kSum).item() == doctest::Approx(total));
    CHECK(loss(config, outputs, labels) == doctest::Approx(total / 2));
  }
}

TEST_CASE("loss: the gradient of soft targets is T (q - p)") {
  const Tensor student = variable(Tensor({1, 2}, {0, 0})), teacher({1, 2}, {2 * std::log(3.0), 0});
  const Tensor g = grad(soft_target_loss(student, teacher, 2), student);  // p = (3/4, 1/4), q = (1/2, 1/2)
  CHECK(g.at({0, 0}) == doctest::Approx(-0.5));
  CHECK(g.at({0, 1}) == doctest::Approx(0.5));
}

TEST_CASE("loss: at equal logits soft targets cost T^2 times the entropy, and pull nowhere") {
  const Tensor logits = variable(Tensor({1, 2}, {3 * std::log(3.0), 0}));
  const Tensor cost = soft_target_loss(logits, logits, 3);
  CHECK(cost.item() == doctest::Approx(9 * (-0.75 * std::log(0.75) - 0.25 * std::log(0.25))));
  const Tensor g = grad(cost, logits);
  CHECK(std::abs(g.at({0, 0})) < Real(1e-6));
}

TEST_CASE("loss: outputs and labels that disagree are refused") {
  CHECK_THROWS_WITH_AS(loss(SquaredHingeConfig{}, Tensor::zeros({2, 3}), IntTensor({3}, {0, 1, 2})),
                       doctest::Contains("outputs [2, 3] and targets [3] disagree"), Error);
  CHECK_THROWS_AS(soft_target_loss(Tensor::zeros({1, 2}), Tensor::zeros({1, 2}), 0), Error);
}

TEST_CASE("loss: chosen by name in a config") {
  struct Config {
    LossConfig loss = CrossEntropyConfig{};
    void describe(Visitor& v) { v.field("loss", loss); }
  } config;
  read_json(config, R"({"loss": {"name": "squared_hinge", "margin": 0.5}})", "test");
  CHECK(std::get<SquaredHingeConfig>(config.loss).margin == 0.5);
}

}  // namespace fewer
