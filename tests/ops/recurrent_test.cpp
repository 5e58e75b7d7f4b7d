#include <doctest/doctest.h>

#include <cmath>

#include "core/parallel.h"
#include "core/rng.h"
#include "ops/ops.h"

namespace fewer {
namespace {

Tensor random_tensor(const Shape& shape, uint64_t seed) {
  Rng rng(seed);
  return Tensor::normal(shape, 0, Real(0.6), rng);
}

// x, h0, c0, w_x, w_h, bias
std::vector<Tensor> random_inputs(int64_t steps, int64_t batch, int64_t in, int64_t units) {
  const Shape shapes[] = {{steps, batch, in}, {batch, units},     {batch, units},
                          {in, 4 * units},    {units, 4 * units}, {4 * units}};
  std::vector<Tensor> inputs;
  for (const Shape& shape : shapes) inputs.push_back(variable(random_tensor(shape, 10 + inputs.size())));
  return inputs;
}

LstmResult run(const std::vector<Tensor>& in) { return lstm(in[0], in[1], in[2], in[3], in[4], in[5]); }

double largest_difference(const Tensor& a, const Tensor& b) {
  REQUIRE(a.shape() == b.shape());
  double worst = 0;
  for (int64_t i = 0; i < a.numel(); ++i) worst = std::max(worst, std::abs(double(a.data()[i]) - double(b.data()[i])));
  return worst;
}

// One step of one sequence by the formulas, in double.
struct Cell {
  std::vector<double> h, c;
};
Cell next(const Cell& before, const Real* x, const std::vector<Tensor>& in) {
  const int64_t units = in[4].size(0), inputs = in[3].size(0);
  std::vector<double> sums(static_cast<size_t>(4 * units));
  for (int64_t j = 0; j < 4 * units; ++j) {
    sums[j] = in[5].data()[j];
    for (int64_t i = 0; i < inputs; ++i) sums[j] += double(x[i]) * in[3].at({i, j});
    for (int64_t i = 0; i < units; ++i) sums[j] += before.h[i] * in[4].at({i, j});
  }
  const auto sigmoid = [](double v) { return 1 / (1 + std::exp(-v)); };
  Cell now = before;
  for (int64_t j = 0; j < units; ++j) {
    now.c[j] = sigmoid(sums[units + j]) * before.c[j] + sigmoid(sums[j]) * std::tanh(sums[2 * units + j]);
    now.h[j] = sigmoid(sums[3 * units + j]) * std::tanh(now.c[j]);
  }
  return now;
}

}  // namespace

TEST_CASE("lstm: every step follows the formulas") {
  const int64_t steps = 6, batch = 3, units = 5;
  const std::vector<Tensor> in = random_inputs(steps, batch, 4, units);
  const LstmResult result = run(in);
  REQUIRE(result.h.shape() == Shape{steps, batch, units});
  for (int64_t n = 0; n < batch; ++n) {
    Cell cell;
    for (int64_t j = 0; j < units; ++j) cell.h.push_back(in[1].at({n, j})), cell.c.push_back(in[2].at({n, j}));
    for (int64_t t = 0; t < steps; ++t) {
      cell = next(cell, in[0].data() + (t * batch + n) * 4, in);
      for (int64_t j = 0; j < units; ++j) CHECK(std::abs(result.h.at({t, n, j}) - cell.h[j]) < 1e-5);
    }
    for (int64_t j = 0; j < units; ++j) {
      CHECK(std::abs(result.h_last.at({n, j}) - cell.h[j]) < 1e-5);
      CHECK(std::abs(result.c_last.at({n, j}) - cell.c[j]) < 1e-5);
    }
  }
}

TEST_CASE("lstm: undefined states are zeros, an undefined bias too") {
  const std::vector<Tensor> in = random_inputs(3, 2, 4, 5);
  const Tensor zeros = Tensor::zeros({2, 5});
  const LstmResult a = lstm(in[0], {}, {}, in[3], in[4], {}),
                   b = lstm(in[0], zeros, zeros, in[3], in[4], Tensor::zeros({20}));
  CHECK(largest_difference(a.h, b.h) < 1e-6);
  CHECK(grad(sum(a.h), in[4]).shape() == Shape{5, 20});
}

TEST_CASE("lstm: the fused gradient equals the recorded one, for every use of the outputs") {
  const std::vector<Tensor> in = random_inputs(5, 3, 4, 7);
  const LstmResult r = run(in);
  const Tensor uses[] = {sum(mul(r.h, random_tensor(r.h.shape(), 1))), sum(square(r.h_last)), sum(square(r.c_last)),
                         sum(square(r.h)) + sum(mul(r.h_last, r.c_last))};
  for (const Tensor& loss : uses) {
    const std::vector<Tensor> fused = grad(loss, in), recorded = grad(loss, in, {.create_graph = true});
    for (size_t i = 0; i < in.size(); ++i) CHECK(largest_difference(fused[i], recorded[i]) < 1e-4);
  }
}

TEST_CASE("lstm: a sequence run in two parts gives the same as in one") {
  const std::vector<Tensor> in = random_inputs(6, 2, 3, 4);
  const LstmResult whole = run(in);
  const LstmResult first = lstm(slice(in[0], 0, 0, 2), in[1], in[2], in[3], in[4], in[5]);
  const LstmResult second = lstm(slice(in[0], 0, 2, 6), first.h_last, first.c_last, in[3], in[4], in[5]);
  CHECK(largest_difference(second.h_last, whole.h_last) < 1e-5);
  const std::vector<Tensor> a = grad(sum(second.h_last), in), b = grad(sum(whole.h_last), in);
  for (size_t i = 0; i < in.size(); ++i) CHECK(largest_difference(a[i], b[i]) < 1e-4);
}

TEST_CASE("lstm: the same bits at any number of threads") {
  const std::vector<Tensor> in = random_inputs(4, 21, 33, 70);
  const auto all = [&] {
    const LstmResult r = run(in);
    std::vector<Real> values(r.h.values().begin(), r.h.values().end());
    for (const Tensor& d : grad(sum(r.h), in)) values.insert(values.end(), d.values().begin(), d.values().end());
    return values;
  };
  set_threads(1);
  const std::vector<Real> serial = all();
  for (const int n : {2, 3}) {
    set_threads(n);
    CHECK(all() == serial);
  }
}

TEST_CASE("lstm: errors name the shapes") {
  std::vector<Tensor> in = random_inputs(3, 2, 4, 5);
  const auto with = [&](size_t i, const Shape& shape) {
    std::vector<Tensor> changed = in;
    changed[i] = Tensor::zeros(shape);
    return run(changed);
  };
  CHECK_THROWS_WITH_AS(with(0, {3, 4}), doctest::Contains("[3, 4]"), Error);
  CHECK_THROWS_WITH_AS(with(0, {0, 2, 4}), doctest::Contains("at least one step"), Error);
  CHECK_THROWS_WITH_AS(with(1, {3, 5}), doctest::Contains("initial states [2, 5], got [3, 5]"), Error);
  CHECK_THROWS_WITH_AS(with(3, {3, 20}), doctest::Contains("need w_x [4, 20], got [3, 20]"), Error);
  CHECK_THROWS_WITH_AS(with(4, {5, 15}), doctest::Contains("w_h [D, 4D]"), Error);
  CHECK_THROWS_WITH_AS(with(5, {5}), doctest::Contains("bias [20]"), Error);
}

}  // namespace fewer
