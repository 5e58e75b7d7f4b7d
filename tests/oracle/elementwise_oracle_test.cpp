#include <doctest/doctest.h>

#include "ops/ops.h"
#include "tests/oracle/draw.h"
#include "tests/support/requirements.h"
#include "tests/support/torch_oracle.h"

namespace fewer::testing {
namespace {

using Unary = Tensor (*)(const Tensor&);
using Binary = Tensor (*)(const Tensor&, const Tensor&);
using Reduce = Tensor (*)(const Tensor&, const Axes&, bool);

TensorFunction of(Unary f) {
  return [f](const Tensors& in) { return Tensors{f(in[0])}; };
}
TensorFunction of(Binary f) {
  return [f](const Tensors& in) { return Tensors{f(in[0], in[1])}; };
}

void ask_arithmetic(TorchOracle& oracle, Draw& draw) {
  const Shape wide = draw.shape(0, 4), narrow = draw.broadcastable(wide);
  const bool swap = draw.coin();
  const Shape &a = swap ? narrow : wide, &b = swap ? wide : narrow;
  oracle.ask("add", {}, {draw.normal(a), draw.normal(b)}, of(add));
  oracle.ask("sub", {}, {draw.normal(a), draw.normal(b)}, of(sub));
  oracle.ask("mul", {}, {draw.normal(a), draw.normal(b)}, of(mul));
  oracle.ask("div", {}, {draw.normal(a), draw.positive(b)}, of(div));
  oracle.ask("maximum", {}, {draw.normal(a), draw.normal(b)}, of(maximum));
  oracle.ask("minimum", {}, {draw.normal(a), draw.normal(b)}, of(minimum));
  const Tensor kept = greater(draw.normal(wide), Tensor::scalar(0));
  oracle.ask("where", {}, {draw.normal(a), draw.normal(b)},
             [kept](const Tensors& in) { return Tensors{where(kept, in[0], in[1])}; },
             {IntTensor::from(std::vector<int32_t>(kept.values().begin(), kept.values().end()), wide)});
}

void ask_comparisons(TorchOracle& oracle, Draw& draw) {
  const auto factor = [](Binary f) { return [f](const Tensors& in) { return Tensors{f(in[0], in[1]) * in[0]}; }; };
  const Shape shape = draw.shape(1, 3);
  const auto small_integers = [&] { return to_tensor(draw.indices(shape, 3)); };  // with ties
  oracle.ask("greater", {}, {small_integers(), small_integers()}, factor(greater));
  oracle.ask("greater_equal", {}, {small_integers(), small_integers()}, factor(greater_equal));
  oracle.ask("equal", {}, {small_integers(), small_integers()}, factor(equal));
  oracle.ask("sign", {}, {draw.normal(shape)}, [](const Tensors& in) { return Tensors{sign(in[0]) * in[0]}; });
}

void ask_unary(TorchOracle& oracle, Draw& draw) {
  const std::pair<const char*, Unary> anywhere[] = {
      {"neg", neg}, {"exp", exp},         {"square", square}, {"abs", abs},   {"sin", sin},           {"cos", cos},
      {"tanh", tanh}, {"sigmoid", sigmoid}, {"relu", relu},   {"softplus", softplus}, {"hard_tanh", hard_tanh}};
  const std::pair<const char*, Unary> positive[] = {
      {"reciprocal", reciprocal}, {"log", log}, {"log1p", log1p}, {"sqrt", sqrt}};
  const Shape shape = draw.shape(0, 4, 9);
  for (const auto& [name, f] : anywhere) oracle.ask(name, {}, {mul(draw.normal(shape), 2)}, of(f));
  for (const auto& [name, f] : positive) oracle.ask(name, {}, {draw.positive(shape)}, of(f));
  const double exponent = draw.coin() ? static_cast<double>(draw.between(-3, 4)) : draw.real(-2, 3),
               slope = draw.real(0, 0.5);
  const double low = draw.real(-1, 0), high = draw.real(0, 1);
  const auto real = [](double x) { return static_cast<Real>(x); };
  oracle.ask("pow", {{"exponent", exponent}}, {draw.positive(shape)},
             [=](const Tensors& in) { return Tensors{pow(in[0], real(exponent))}; });
  oracle.ask("leaky_relu", {{"slope", slope}}, {draw.normal(shape)},
             [=](const Tensors& in) { return Tensors{leaky_relu(in[0], real(slope))}; });
  oracle.ask("clamp", {{"low", low}, {"high", high}}, {draw.normal(shape)},
             [=](const Tensors& in) { return Tensors{clamp(in[0], real(low), real(high))}; });
}

// Any set of axes, none meaning all; some counted from the end.
Axes random_axes(Draw& draw, int rank) {
  Axes axes;
  for (int axis = 0; axis < rank; ++axis)
    if (draw.coin()) axes.push_back(draw.coin() ? axis : axis - rank);
  return axes;
}

void ask_reductions(TorchOracle& oracle, Draw& draw) {
  const std::pair<const char*, Reduce> reductions[] = {
      {"sum", sum}, {"mean", mean}, {"max", max}, {"min", min}, {"variance", variance}, {"log_sum_exp", log_sum_exp}};
  const Shape shape = draw.shape(1, 4);
  const Axes axes = random_axes(draw, shape.rank());
  const std::vector<int64_t> axes64(axes.begin(), axes.end());
  const bool keep = draw.coin();
  for (const auto& [name, f] : reductions)
    oracle.ask(name, {{"axes", axes64}, {"keep", keep}}, {draw.distinct(shape)},
               [=, f = f](const Tensors& in) { return Tensors{f(in[0], axes, keep)}; });
  const double p = static_cast<double>(draw.between(8, 32)) / 8;  // exact in float, to which PyTorch rounds it
  oracle.ask("norm", {{"p", p}, {"axes", axes64}, {"keep", keep}}, {draw.distinct(shape)},
             [=](const Tensors& in) { return Tensors{norm(in[0], static_cast<Real>(p), axes, keep)}; });
  const int axis = static_cast<int>(draw.between(-shape.rank(), shape.rank() - 1));
  oracle.ask("cumulative_sum", {{"axis", axis}, {"reverse", keep}}, {draw.normal(shape)},
             [=](const Tensors& in) { return Tensors{cumulative_sum(in[0], axis, keep)}; });
  const Shape narrow = draw.broadcastable(shape);
  oracle.ask("sum_to", {{"shape", std::vector<int64_t>(narrow.begin(), narrow.end())}}, {draw.normal(shape)},
             [=](const Tensors& in) { return Tensors{sum_to(in[0], narrow)}; });
  oracle.ask("expand", {{"shape", std::vector<int64_t>(shape.begin(), shape.end())}}, {draw.normal(narrow)},
             [=](const Tensors& in) { return Tensors{expand(in[0], shape)}; });
}

}  // namespace

TEST_CASE("oracle: elementwise ops and reductions agree with PyTorch, forward and backward") {
  if (!have_torch()) return;
  TorchOracle oracle(1);
  Draw draw(2);
  for (int i = 0; i < kOracleCases; ++i) {
    ask_arithmetic(oracle, draw);
    ask_comparisons(oracle, draw);
    ask_unary(oracle, draw);
    ask_reductions(oracle, draw);
  }
  oracle.compare();
}

}  // namespace fewer::testing
