#include <doctest/doctest.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <regex>

#include "ops/ops.h"
#include "tests/oracle/draw.h"
#include "tests/support/op_coverage.h"
#include "tests/support/requirements.h"
#include "tests/support/torch_oracle.h"

namespace fewer::testing {
namespace {

using List = std::vector<int64_t>;

Tensor optional(const Tensors& in, size_t i) { return i < in.size() ? in[i] : Tensor(); }

void ask_norms(TorchOracle& oracle, Draw& draw) {
  const double epsilon = draw.real(1e-5, 1e-2);
  const Real e = static_cast<Real>(epsilon);
  const int64_t channels = draw.between(3, 20);
  const Shape rows{draw.between(8, 40), channels},
      images{draw.between(2, 4), draw.between(2, 5), draw.between(2, 5), channels};
  const Shape& shape = draw.coin() ? rows : images;
  const auto vector = [&] { return draw.normal({channels}); };
  Tensors inputs{draw.normal(shape)};
  const Tensor x = inputs[0];
  for (int64_t given = draw.between(0, 2); given > 0; --given) inputs.push_back(vector());  // gamma, then beta
  const bool relu = draw.coin();
  const FusedActivation activation = relu ? FusedActivation::kRelu : FusedActivation::kNone;
  oracle.ask("batch_norm", {{"epsilon", epsilon}, {"then_relu", relu}}, inputs, [=](const Tensors& in) {
    return Tensors{batch_norm(in[0], optional(in, 1), optional(in, 2), e, activation).y};
  });
  Tensors with_shortcut = inputs;
  with_shortcut.insert(with_shortcut.begin() + 1, draw.normal(shape));
  oracle.ask("batch_norm_add", {{"epsilon", epsilon}, {"then_relu", relu}}, with_shortcut, [=](const Tensors& in) {
    return Tensors{batch_norm_add(in[0], in[1], optional(in, 2), optional(in, 3), e, activation).y};
  });
  oracle.ask("layer_norm", {{"epsilon", epsilon}}, inputs,
             [e](const Tensors& in) { return Tensors{layer_norm(in[0], optional(in, 1), optional(in, 2), e)}; });
  const BatchNormResult statistics = batch_norm(x, {}, {}, e);
  oracle.ask_values("batch_norm_statistics", {}, {x}, {statistics.mean, statistics.variance});
  oracle.ask("batch_norm_with", {{"epsilon", epsilon}, {"then_relu", relu}},
             {x, vector(), vector(), vector(), draw.positive({channels})}, [=](const Tensors& in) {
               return Tensors{batch_norm_with(in[0], in[1], in[2], in[3], in[4], e, activation)};
             });
}

void ask_pooled_norm(TorchOracle& oracle, Draw& draw) {
  const int64_t channels = draw.between(3, 20), k = draw.between(1, 3), stride = draw.between(1, 3);
  const Shape shape{draw.between(2, 4), draw.between(k, 9), draw.between(k, 9), channels};
  const bool relu = draw.coin();
  const double epsilon = draw.real(1e-5, 1e-2);
  Pool2dOptions o = Pool2dOptions::square(k, stride);
  o.ceil_mode = draw.coin();
  const OracleAttributes attributes{{"epsilon", epsilon},
                                    {"then_relu", relu},
                                    {"kernel", List{k, k}},
                                    {"stride", List{stride, stride}},
                                    {"pads", List{0, 0, 0, 0}},
                                    {"ceil_mode", o.ceil_mode}};
  oracle.ask("batch_norm_max_pool", attributes, {draw.normal(shape), draw.normal({channels}), draw.normal({channels})},
             [=](const Tensors& in) {
               const FusedActivation activation = relu ? FusedActivation::kRelu : FusedActivation::kNone;
               return Tensors{batch_norm_max_pool(in[0], in[1], in[2], static_cast<Real>(epsilon), activation, o).y};
             });
}

void ask_classes(TorchOracle& oracle, Draw& draw) {
  const Shape shape = draw.shape(1, 4);
  const int axis = static_cast<int>(draw.between(-shape.rank(), shape.rank() - 1));
  oracle.ask("softmax", {{"axis", axis}}, {mul(draw.normal(shape), 3)},
             [=](const Tensors& in) { return Tensors{softmax(in[0], axis)}; });
  oracle.ask("log_softmax", {{"axis", axis}}, {mul(draw.normal(shape), 3)},
             [=](const Tensors& in) { return Tensors{log_softmax(in[0], axis)}; });
  const int64_t n = draw.between(1, 9), k = draw.between(2, 9), which = draw.between(0, 2);
  const Reduction r = std::array{Reduction::kMean, Reduction::kSum, Reduction::kNone}[static_cast<size_t>(which)];
  const std::string name = std::array{"mean", "sum", "none"}[static_cast<size_t>(which)];
  const IntTensor labels = draw.indices({n}, k);
  oracle.ask("cross_entropy", {{"reduction", name}}, {mul(draw.normal({n, k}), 3)},
             [=](const Tensors& in) { return Tensors{cross_entropy(in[0], labels, r)}; }, {labels});
  oracle.ask("soft_cross_entropy", {{"reduction", name}}, {draw.normal({n, k}), softmax(draw.normal({n, k}))},
             [=](const Tensors& in) { return Tensors{soft_cross_entropy(in[0], in[1], r)}; });
  oracle.ask("binary_cross_entropy_with_logits", {{"reduction", name}},
             {mul(draw.normal({n, k}), 5), draw.uniform({n, k}, 0, 1)},
             [=](const Tensors& in) { return Tensors{binary_cross_entropy_with_logits(in[0], in[1], r)}; });
}

void ask_recurrence(TorchOracle& oracle, Draw& draw) {
  const int64_t t = draw.between(1, 7), n = draw.between(1, 5), i = draw.between(1, 6), d = draw.between(1, 6);
  oracle.ask("lstm", {},
             {draw.normal({t, n, i}), draw.normal({n, d}), draw.normal({n, d}), draw.normal({i, 4 * d}),
              draw.normal({d, 4 * d}), draw.normal({4 * d})},
             [](const Tensors& in) {
               const LstmResult r = lstm(in[0], in[1], in[2], in[3], in[4], in[5]);
               return Tensors{r.h, r.h_last, r.c_last};
             });
}

}  // namespace

TEST_CASE("oracle: normalisation, classes and recurrence agree with PyTorch, forward and backward") {
  if (!have_torch()) return;
  TorchOracle oracle(7);
  Draw draw(8);
  for (int i = 0; i < kOracleCases; ++i) {
    ask_norms(oracle, draw);
    ask_pooled_norm(oracle, draw);
    ask_classes(oracle, draw);
    ask_recurrence(oracle, draw);
  }
  oracle.compare();
}

TEST_CASE("oracle: PyTorch is asked about every op of the menu that it has") {
  const std::set<std::string> ours_alone{
      "dropout",                                    // random: other numbers by nature
      "sign_straight_through", "straight_through",  // estimators: their rows in the gradient table say what they are
      "stop_gradient",
  };
  std::ifstream file(std::filesystem::path(__FILE__).parent_path() / "functions.py");
  std::set<std::string> known;
  const std::regex definition(R"(^(?:def )?(\w+)(?: =|\())");
  for (std::string line; std::getline(file, line);) {
    std::smatch match;
    if (std::regex_search(line, match, definition)) known.insert(match[1]);
  }
  for (const std::string& op : menu_ops())
    CHECK_MESSAGE(known.count(op) + ours_alone.count(op) == 1,
                  op << " of ops/ops.h is not in tests/oracle/functions.py");
}

}  // namespace fewer::testing
