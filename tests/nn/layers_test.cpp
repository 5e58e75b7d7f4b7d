#include <doctest/doctest.h>

#include "nn/activation.h"
#include "nn/conv.h"
#include "nn/dropout.h"
#include "nn/kinds.h"
#include "nn/linear.h"
#include "nn/pool.h"
#include "nn/recurrent.h"
#include "nn/residual.h"
#include "ops/ops.h"

using namespace fewer;

namespace {

void check_equal(const Tensor& x, const Tensor& y, double tolerance = 1e-5) {
  REQUIRE(x.shape() == y.shape());
  for (int64_t i = 0; i < x.numel(); ++i) CHECK(x.data()[i] == doctest::Approx(y.data()[i]).epsilon(tolerance));
}

Tensor noise(const Shape& shape, uint64_t seed = 1) {
  Rng rng(seed);
  return Tensor::normal(shape, 0, 1, rng);
}

struct Doubling final : ModuleKind<Doubling> {
  static constexpr const char* kKind = "doubling_of_this_test";
  void describe(ModuleVisitor&) override {}
  Tensor forward(const Tensor& x, const Pass&) const override { return x * Real(2); }
};

}  // namespace

TEST_CASE("linear: y = x W + b on the last axis") {
  Rng rng(1);
  Linear layer({.in = 2, .out = 1}, rng);
  layer.weight.set(Tensor({2, 1}, {3, 5}));
  layer.bias.set(Tensor({1}, {7}));
  check_equal(Layer(layer).forward(Tensor({1, 2, 2}, {1, 2, 3, 4}), {}), Tensor({1, 2, 1}, {20, 36}));
  CHECK_THROWS_WITH_AS(Layer(layer).forward(noise({1, 3}), {}), doctest::Contains("expected [..., 2], got [1, 3]"), Error);
}

TEST_CASE("conv2d: same padding of an even image at stride 2 has its extra zero after") {
  const Padding2d p = resolved(Padding2d::same(), {28, 7}, 3, 2);
  CHECK(p.top == 0);
  CHECK(p.bottom == 1);
  CHECK(p.left == 1);
  CHECK(p.right == 1);
}

TEST_CASE("conv2d: same padding gives ceil(size / stride)") {
  Rng rng(1);
  const Layer layer = Conv2d({.in = 1, .out = 2, .kernel = {3, 5}, .stride = 2, .padding = Padding2d::same()}, rng);
  CHECK(layer.forward(noise({1, 28, 7, 1}), {}).shape() == Shape{1, 14, 4, 2});
}

TEST_CASE("conv2d: with 1x1 windows it is a linear layer, with groups it is several") {
  Rng rng(2);
  const Conv2d conv({.in = 4, .out = 6, .kernel = 1, .groups = 2}, rng);
  const Tensor x = noise({2, 3, 3, 4});
  const Tensor w = reshape(conv.weight.value(), {2, 6});
  const Tensor expected = concat({matmul(slice(x, 3, 0, 2), slice(w, 1, 0, 3)), matmul(slice(x, 3, 2, 4), slice(w, 1, 3, 6))}, 3);
  check_equal(conv.forward(x, {}), expected);
  CHECK_THROWS_WITH_AS(Conv2d({.in = 4, .out = 6, .groups = 4}, rng), doctest::Contains("4 groups"), Error);
}

TEST_CASE("dropout: only training drops, and it insists on a random stream") {
  const Layer layer = Dropout(0.5);
  const Tensor x = Tensor::ones({1000});
  check_equal(layer.forward(x, {}), x);
  CHECK_THROWS_WITH_AS(layer.forward(x, {.training = true}), doctest::Contains("Pass::rng"), Error);
  Rng rng(1);
  const Tensor y = layer.forward(x, {.training = true, .rng = &rng});
  CHECK(sum(y).item() == doctest::Approx(1000).epsilon(0.1));
  CHECK(max(y).item() == 2);
}

TEST_CASE("activation: each name is its op") {
  const Tensor x({5}, {-2, -0.5, 0, 0.5, 2});
  check_equal(Layer(relu()).forward(x, {}), Tensor({5}, {0, 0, 0, 0.5, 2}));
  check_equal(activate(x, ActivationFunction::kLeakyRelu, 0.1), Tensor({5}, {-0.2, -0.05, 0, 0.5, 2}));
  check_equal(activate(x, ActivationFunction::kHardTanh), Tensor({5}, {-1, -0.5, 0, 0.5, 1}));
  check_equal(activate(x, ActivationFunction::kIdentity), x);
  check_equal(activate(x, ActivationFunction::kTanh), tanh(x));
}

TEST_CASE("maxout: the largest of a channel's pieces, which lie C apart") {
  const Layer layer = Maxout(2);
  check_equal(layer.forward(Tensor({1, 6}, {1, 5, 3, 4, 2, 3}), {}), Tensor({1, 3}, {4, 5, 3}));
  CHECK(layer.forward(noise({2, 3, 3, 8}), {}).shape() == Shape{2, 3, 3, 4});
  CHECK_THROWS_WITH_AS(layer.forward(noise({1, 5}), {}), doctest::Contains("2 pieces do not divide"), Error);
}

TEST_CASE("pools: windows and global forms") {
  const Tensor x({1, 2, 4, 1}, {1, 2, 3, 4, 5, 6, 7, 8});
  check_equal(Layer(MaxPool(PoolSpec{})).forward(x, {}), Tensor({1, 1, 2, 1}, {6, 8}));
  check_equal(Layer(AveragePool(PoolSpec{})).forward(x, {}), Tensor({1, 1, 2, 1}, {3.5, 5.5}));
  check_equal(Layer(GlobalAveragePool()).forward(x, {}), Tensor({1, 1}, {4.5}));
  check_equal(Layer(GlobalMaxPool()).forward(x, {}), Tensor({1, 1}, {8}));
  CHECK(Layer(Flatten()).forward(x, {}).shape() == Shape{1, 8});
}

TEST_CASE("lstm_cell: steps equal the whole sequence") {
  Rng rng(3);
  const Lstm lstm({.in = 3, .size = 4}, rng);
  LstmCell cell({.in = 3, .size = 4}, rng);
  cell.input_weight.set(lstm.input_weight.value());
  cell.recurrent_weight.set(lstm.recurrent_weight.value());
  cell.bias.set(lstm.bias.value());
  const Tensor x = noise({5, 2, 3});
  LstmState state;
  for (const Tensor& x_t : unstack(x)) state = cell.step(x_t, state.h, state.c);
  const LstmResult whole = lstm.run(x);
  check_equal(state.h, whole.h_last, 1e-4);
  check_equal(state.c, whole.c_last, 1e-4);
}

TEST_CASE("lstm: the forget gate starts open and recurrent gates start orthogonal") {
  Rng rng(3);
  const Lstm lstm({.in = 3, .size = 2}, rng);
  check_equal(lstm.bias.value(), Tensor({8}, {0, 0, 1, 1, 0, 0, 0, 0}));
  const Tensor gate = slice(lstm.recurrent_weight.value(), 1, 2, 4);
  const Tensor product = matmul(gate, gate, {.transpose_a = true}) + Real(1);
  check_equal(product, Tensor({2, 2}, {2, 1, 1, 2}), 1e-4);
}

TEST_CASE("lstm_cell: what is fed back may be wider than the state") {
  Rng rng(3);
  const LstmCell cell({.in = 64, .size = 64, .recurrent = 128}, rng);
  CHECK(parameter_count(Layer(cell)) == 49408);  // the attention LSTM of matching networks
  CHECK(cell.step(noise({2, 64}), noise({2, 128}), noise({2, 64})).h.shape() == Shape{2, 64});
}

TEST_CASE("bi_lstm: the second direction reads the sequence backwards; both are added or joined") {
  Rng rng(4);
  BiLstm both({.in = 3, .size = 4, .merge = Merge::kConcat}, rng);
  CHECK(parameter_count(Layer(BiLstm({.in = 64, .size = 64}, rng))) == 66048);  // full context embeddings
  const Tensor x = noise({5, 2, 3});
  const Tensor joined = both.forward(x, {});
  const Tensor ahead = both.ahead.as<Lstm>()->run(x).h, back = both.back.as<Lstm>()->run(reverse(x, 0)).h;
  check_equal(joined, concat({ahead, reverse(back, 0)}, 2));
  both.merge = Merge::kSum;
  check_equal(both.forward(x, {}), ahead + reverse(back, 0));
}

TEST_CASE("pad_shortcut: every second pixel, and zeros behind the channels") {
  const Layer layer = PadShortcut({.in = 1, .out = 2, .stride = 2});
  const Tensor x({1, 3, 3, 1}, {1, 2, 3, 4, 5, 6, 7, 8, 9});
  check_equal(layer.forward(x, {}), Tensor({1, 2, 2, 2}, {1, 0, 3, 0, 7, 0, 9, 0}));
}

TEST_CASE("kinds: every kind can be made by its name, and a misspelt one is met with the nearest") {
  for (const std::string& name : known_kinds()) CHECK(make_layer(name)->kind() == name);
  CHECK_THROWS_WITH_AS(make_layer("conv2"), doctest::Contains("did you mean \"conv2d\"?"), Error);
}

TEST_CASE("kinds: a method adds a kind of its own") {
  add_kind<Doubling>();
  CHECK(make_layer("doubling_of_this_test").forward(Tensor::ones({1}), {}).item() == 2);
}
