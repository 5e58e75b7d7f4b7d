#include <doctest/doctest.h>

#include "core/autograd.h"
#include "nn/networks.h"
#include "nn/op_cost.h"
#include "nn/recurrent.h"
#include "nn/summary.h"
#include "ops/ops.h"

using namespace fewer;

namespace {

Layer resnet8() { return build_network(ResNetConfig{.depth = 8}, {32, 32, 3}, 10, Rng(1)); }

const LayerRow& row_of(const Summary& summary, const std::string& path) {
  for (const LayerRow& row : summary.layers)
    if (row.path == path) return row;
  FAIL("no row ", path);
  return summary.layers.front();
}

struct Counter final : Observer {
  int64_t forward = 0, backward = 0;
  void on_op(const OpEvent& event) override { (event.in_gradient ? backward : forward) += multiply_adds(event); }
};

template <class F>
Counter count(F run) {
  Counter counter;
  const ObserverScope scope(counter);
  run();
  return counter;
}

}  // namespace

TEST_CASE("summary: each layer has its own shape, parameters and multiply-adds") {
  const Summary summary = summarize(resnet8(), {32, 32, 3});
  const LayerRow& conv = row_of(summary, "stage2.0.conv1");
  CHECK(conv.kind == "conv2d");
  CHECK(conv.output == Shape{16, 16, 32});
  CHECK(conv.parameters == 3 * 3 * 16 * 32);
  CHECK(conv.multiply_adds == 16 * 16 * 32 * 3 * 3 * 16);
  CHECK(row_of(summary, "fc").parameters == 650);
  CHECK(summary.parameters == 75290);
  CHECK(summary.multiply_adds == doctest::Approx(12.2e6).epsilon(0.005));
}

TEST_CASE("summary: the table ends with the totals") {
  const std::string table = format_summary(summarize(resnet8(), {32, 32, 3}));
  CHECK(table.find("stage3.0.shortcut") != std::string::npos);
  CHECK(table.substr(table.rfind('\n', table.size() - 2)).find("75,290") != std::string::npos);
}

TEST_CASE("summary: a gradient costs as many multiply-adds as its product, for each input") {
  const Tensor x = variable(Tensor::ones({2, 6, 6, 4})), w = variable(Tensor::ones({3, 3, 2, 6}));
  const Counter counter = count([&] { grad(sum(conv2d(x, w, {.groups = 2})), std::vector<Tensor>{x, w}); });
  CHECK(counter.forward == 2 * 4 * 4 * 6 * 3 * 3 * 2);
  CHECK(counter.backward == 2 * counter.forward);
}

TEST_CASE("summary: a product costs the same multiply-adds from either side") {
  const Tensor a = Tensor::ones({7, 5}), b = Tensor::ones({7, 3});
  CHECK(count([&] { matmul(a, b, {.transpose_a = true}); }).forward == 7 * 5 * 3);
  CHECK(count([&] { matmul(transpose(a), b); }).forward == 7 * 5 * 3);
}

TEST_CASE("summary: an LSTM multiplies its input and its state by the weights of four gates at every step") {
  Rng rng(1);
  const Lstm lstm({.in = 5, .size = 3}, rng);
  CHECK(count([&] { lstm.run(Tensor::ones({7, 2, 5})); }).forward == 7 * 2 * (5 + 3) * 4 * 3);
}

TEST_CASE("summary: the memory of a step grows with the batch as it is measured to") {
  const Layer net = resnet8();
  const Shape input{32, 32, 3};
  const int64_t once = training_bytes(net, input, 64), twice = training_bytes(net, input, 128);  // large, as some memory is the kernels' own
  CHECK(twice == doctest::Approx(2.0 * static_cast<double>(once)).epsilon(0.2));
  CHECK(once > 64 * 32 * 32 * 16 * static_cast<int64_t>(sizeof(Real)));  // more than one map
}
