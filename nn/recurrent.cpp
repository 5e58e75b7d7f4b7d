#include "nn/recurrent.h"

#include <algorithm>

#include "core/error.h"

namespace fewer {
namespace {

constexpr int64_t kGates = 4, kForgetGate = 1;

// A weight [in, 4*size] whose gates are drawn one by one, each with the fans of its own [in, size].
Tensor gate_weights(const InitConfig& init, int64_t in, int64_t size, Rng& rng) {
  Tensor result = Tensor::uninitialized({in, kGates * size});
  Real* out = result.mutable_data();
  for (int64_t gate = 0; gate < kGates; ++gate) {
    const Tensor block = initial_values(init, {in, size}, {.in = in, .out = size}, rng);
    for (int64_t i = 0; i < in; ++i)
      std::copy_n(block.data() + i * size, size, out + (i * kGates + gate) * size);
  }
  return result;
}

Tensor gate_biases(const LstmInit& init, int64_t in, int64_t size, Rng& rng) {
  Tensor result = initial_values(init.bias, {kGates * size}, {.in = in, .out = size}, rng);
  Real* forget = result.mutable_data() + kForgetGate * size;
  for (int64_t i = 0; i < size; ++i) forget[i] += static_cast<Real>(init.forget_bias);
  return result;
}

void describe_sizes(Visitor& v, int64_t& in, int64_t& size) {
  v.field("in", in, {.help = "features of the input", .min = 1});
  v.field("size", size, {.help = "units", .min = 1});
}

}  // namespace

void LstmInit::describe(Visitor& v) {
  v.field("input", input, {.help = "of the weights on the input"});
  v.field("recurrent", recurrent, {.help = "of the weights on what is fed back, gate by gate"});
  v.field("bias", bias, {.help = "of the biases"});
  v.field("forget_bias", forget_bias, {.help = "added to the bias of the forget gate"});
}

Lstm::Lstm(const LstmSpec& s, Rng& rng, const LstmInit& init) : spec(s) {
  input_weight.set(gate_weights(init.input, spec.in, spec.size, rng));
  recurrent_weight.set(gate_weights(init.recurrent, spec.size, spec.size, rng));
  bias.set(gate_biases(init, spec.in, spec.size, rng));
}

void Lstm::describe(ModuleVisitor& v) {
  describe_sizes(v, spec.in, spec.size);
  v.parameter("input_weight", input_weight, {spec.in, kGates * spec.size}, ParameterRole::kWeight);
  v.parameter("recurrent_weight", recurrent_weight, {spec.size, kGates * spec.size}, ParameterRole::kWeight);
  v.parameter("bias", bias, {kGates * spec.size}, ParameterRole::kBias);
}

LstmResult Lstm::run(const Tensor& x, const Tensor& h0, const Tensor& c0) const {
  return lstm(x, h0, c0, input_weight.value(), recurrent_weight.value(), bias.value());
}

Tensor Lstm::forward(const Tensor& x, const Pass& pass) const {
  ENSURE(x.rank() == 3 && x.size(2) == spec.in, "lstm \"", pass.path(), "\": expected [T, N, ", spec.in, "], got ", x.shape());
  return run(x).h;
}

BiLstm::BiLstm(const BiLstmSpec& spec, Rng& rng, const LstmInit& init)
    : merge(spec.merge),
      ahead(Lstm({.in = spec.in, .size = spec.size}, rng, init)),
      back(Lstm({.in = spec.in, .size = spec.size}, rng, init)) {}

void BiLstm::describe(ModuleVisitor& v) {
  v.choice("merge", merge, {{"sum", Merge::kSum}, {"concat", Merge::kConcat}}, {.help = "what becomes of the two directions"});
  v.child("forward", ahead);
  v.child("backward", back);
}

Tensor BiLstm::forward(const Tensor& x, const Pass& pass) const {
  const Tensor h = ahead.forward(x, pass, "forward");                            // [T, N, size]
  const Tensor g = reverse(back.forward(reverse(x, 0), pass, "backward"), 0);    // [T, N, size]
  return merge == Merge::kSum ? h + g : concat({h, g}, 2);
}

LstmCell::LstmCell(const LstmCellSpec& s, Rng& rng, const LstmInit& init) : spec(s) {
  if (spec.recurrent == 0) spec.recurrent = spec.size;
  input_weight.set(gate_weights(init.input, spec.in, spec.size, rng));
  recurrent_weight.set(gate_weights(init.recurrent, spec.recurrent, spec.size, rng));
  bias.set(gate_biases(init, spec.in, spec.size, rng));
}

void LstmCell::describe(ModuleVisitor& v) {
  describe_sizes(v, spec.in, spec.size);
  v.field("recurrent", spec.recurrent, {.help = "width of what is fed back", .min = 1});
  v.parameter("input_weight", input_weight, {spec.in, kGates * spec.size}, ParameterRole::kWeight);
  v.parameter("recurrent_weight", recurrent_weight, {spec.recurrent, kGates * spec.size}, ParameterRole::kWeight);
  v.parameter("bias", bias, {kGates * spec.size}, ParameterRole::kBias);
}

LstmState LstmCell::step(const Tensor& x, const Tensor& fed_back, const Tensor& c) const {
  Tensor gates = linear(x, input_weight.value(), bias.value());  // [N, 4*size]
  if (fed_back.defined()) gates = gates + matmul(fed_back, recurrent_weight.value());
  const std::vector<Tensor> gate = split(gates, kGates, 1);  // i, f, g, o [N, size]
  Tensor next_c = sigmoid(gate[0]) * tanh(gate[2]);
  if (c.defined()) next_c = sigmoid(gate[1]) * c + next_c;
  return {.h = sigmoid(gate[3]) * tanh(next_c), .c = next_c};
}

Tensor LstmCell::forward(const Tensor& x, const Pass& pass) const {
  ENSURE(x.rank() == 2 && x.size(1) == spec.in, "lstm_cell \"", pass.path(), "\": expected [N, ", spec.in, "], got ", x.shape());
  return step(x, {}, {}).h;
}

}  // namespace fewer
