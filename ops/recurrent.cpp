// A whole-sequence LSTM (Hochreiter, Schmidhuber 1997; with forget gates, Gers et al. 2000) as one op.
//
//   [i f g o] = x_t W_x + h_{t-1} W_h + bias      i f o = sigmoid, g = tanh
//   c_t = f c_{t-1} + i g                          h_t = o tanh(c_t)
//
// What the steps share is done at once: x W_x of all of them is one product before the loop, and the weight gradients
// are one product each after the way back. A gradient that is itself recorded walks the same way back in ops.
#include <algorithm>

#include "ops/kernels/gemm.h"
#include "ops/kernels/lstm.h"
#include "ops/ops.h"

namespace fewer {
namespace {

using kernels::LstmSizes;

struct LstmInputs {
  Tensor x, h0, c0, w_x, w_h, bias;
};

// What a first gradient needs to know of the forward pass; constants for the gradient.
struct LstmMemory {
  Tensor gates, c, h;  // [T, N, 4D], [T, N, D], [T, N, D]
};

LstmSizes lstm_sizes(const LstmInputs& in) {
  ENSURE(in.x.rank() == 3 && in.x.size(0) > 0, "lstm: expected x [T, N, I] of at least one step, got ", in.x.shape());
  ENSURE(in.w_h.rank() == 2 && in.w_h.size(1) == 4 * in.w_h.size(0), "lstm: expected w_h [D, 4D], got ",
         in.w_h.shape());
  const LstmSizes s{in.x.size(0), in.x.size(1), in.w_h.size(0)};
  ENSURE(in.w_x.shape() == (Shape{in.x.size(2), 4 * s.units}), "lstm: x ", in.x.shape(), " and w_h ", in.w_h.shape(),
         " need w_x ", Shape{in.x.size(2), 4 * s.units}, ", got ", in.w_x.shape());
  ENSURE(!in.bias.defined() || in.bias.shape() == Shape{4 * s.units}, "lstm: w_h ", in.w_h.shape(), " needs a bias [",
         4 * s.units, "], got ", in.bias.shape());
  for (const Tensor* state : {&in.h0, &in.c0})
    ENSURE(!state->defined() || state->shape() == (Shape{s.batch, s.units}), "lstm: x ", in.x.shape(), " and w_h ",
           in.w_h.shape(), " need initial states ", Shape{s.batch, s.units}, ", got ", state->shape());
  return s;
}

Tensor or_zeros(const Tensor& state, const LstmSizes& s) {
  return state.defined() ? state : Tensor::zeros({s.batch, s.units});
}

Tensor last_step(const Tensor& sequence) {  // [T, N, D] -> [N, D], outside any graph
  const int64_t size = sequence.numel() / sequence.size(0);
  return Tensor::from({sequence.data() + sequence.numel() - size, static_cast<size_t>(size)},
                      sequence.shape().without(0));
}

LstmMemory run_forward(const LstmInputs& in, const LstmSizes& s) {
  const int64_t rows = s.steps * s.batch, width = 4 * s.units;
  LstmMemory m{Tensor::uninitialized({s.steps, s.batch, width}), Tensor::uninitialized({s.steps, s.batch, s.units}),
               Tensor::uninitialized({s.steps, s.batch, s.units})};
  Real* const gates = m.gates.mutable_data();
  if (in.bias.defined())
    for (int64_t row = 0; row < rows; ++row) std::copy_n(in.bias.data(), width, gates + row * width);
  kernels::gemm(in.x.data(), in.w_x.data(), gates,
                {.m = rows, .n = width, .k = in.x.size(2), .accumulate = in.bias.defined()});
  const Tensor h0 = or_zeros(in.h0, s), c0 = or_zeros(in.c0, s);
  kernels::lstm(h0.data(), c0.data(), in.w_h.data(), gates, m.c.mutable_data(), m.h.mutable_data(), s);
  return m;
}

// The gradients of the inputs, once those of the gates' sums (d_gates [T, N, 4D]) and of the states are known. h_before
// [T, N, D].
std::vector<Tensor> input_gradients(const LstmInputs& in, const Tensor& d_gates, const Tensor& h_before,
                                    const Tensor& dh0, const Tensor& dc0, Needed needed) {
  const Tensor rows = reshape(d_gates, {-1, d_gates.size(2)});
  const auto product_with = [&](const Tensor& a) {
    return matmul(reshape(a, Shape{rows.size(0), a.size(2)}), rows, {true, false});
  };
  return {needed[0] ? matmul(d_gates, in.w_x, {false, true}) : Tensor(),
          needed[1] ? dh0 : Tensor(),
          needed[2] ? dc0 : Tensor(),
          needed[3] ? product_with(in.x) : Tensor(),
          needed[4] ? product_with(h_before) : Tensor(),
          needed[5] ? sum(rows, {0}) : Tensor()};
}

std::vector<Tensor> gradients(const LstmInputs& in, const LstmMemory& m, std::span<const Tensor> g, Needed needed,
                              const LstmSizes& s) {
  const Tensor h0 = or_zeros(in.h0, s), c0 = or_zeros(in.c0, s);
  Tensor d_gates = Tensor::uninitialized(m.gates.shape());
  Tensor dh = g[1].clone(), dc = g[2].clone();
  kernels::lstm_gradient(g[0].data(), m.gates.data(), c0.data(), m.c.data(), in.w_h.data(), d_gates.mutable_data(),
                         dh.mutable_data(), dc.mutable_data(), s);
  const Tensor first = reshape(h0, {1, s.batch, s.units});
  const Tensor h_before = needed[4] ? concat({first, slice(m.h, 0, 0, s.steps - 1)}, 0) : Tensor();
  return input_gradients(in, d_gates, h_before, dh, dc, needed);
}

// The same in ops, the forward pass included: its values take part in the gradient.
std::vector<Tensor> gradients_composed(const LstmInputs& in, std::span<const Tensor> g, Needed needed,
                                       const LstmSizes& s) {
  struct Step {
    Tensor h_before, c_before, i, f, g, o, tanh_c;
  };
  std::vector<Step> steps;
  Tensor h = or_zeros(in.h0, s), c = or_zeros(in.c0, s);
  for (const Tensor& from_x : unstack(linear(in.x, in.w_x, in.bias))) {
    const std::vector<Tensor> gates = split(add(from_x, matmul(h, in.w_h)), 4, -1);
    Step step{h, c, sigmoid(gates[0]), sigmoid(gates[1]), tanh(gates[2]), sigmoid(gates[3]), {}};
    c = add(mul(step.f, c), mul(step.i, step.g));
    step.tanh_c = tanh(c);
    h = mul(step.o, step.tanh_c);
    steps.push_back(std::move(step));
  }
  const auto through_sigmoid = [](const Tensor& y) { return mul(y, 1 - y); };
  const auto through_tanh = [](const Tensor& y) { return 1 - square(y); };
  const std::vector<Tensor> g_h = unstack(g[0]);
  std::vector<Tensor> d_gates(steps.size()), h_before(steps.size());
  Tensor dh = g[1], dc = g[2];
  for (size_t t = steps.size(); t-- > 0;) {
    const Step& at = steps[t];
    dh = add(dh, g_h[t]);
    dc = add(dc, mul(mul(dh, at.o), through_tanh(at.tanh_c)));
    d_gates[t] = concat({mul(mul(dc, at.g), through_sigmoid(at.i)), mul(mul(dc, at.c_before), through_sigmoid(at.f)),
                         mul(mul(dc, at.i), through_tanh(at.g)), mul(mul(dh, at.tanh_c), through_sigmoid(at.o))},
                        -1);
    h_before[t] = at.h_before;
    dc = mul(dc, at.f);
    dh = matmul(d_gates[t], in.w_h, {false, true});
  }
  return input_gradients(in, stack(d_gates), stack(h_before), dh, dc, needed);
}

}  // namespace

LstmResult lstm(const Tensor& x, const Tensor& h0, const Tensor& c0, const Tensor& w_x, const Tensor& w_h,
                const Tensor& bias) {
  const LstmInputs in{x, h0, c0, w_x, w_h, bias};
  const LstmSizes s = lstm_sizes(in);
  const LstmMemory memory = run_forward(in, s);
  std::vector<Tensor> outputs{memory.h, last_step(memory.h), last_step(memory.c)};
  outputs = record("lstm", std::move(outputs), {s.steps, s.batch, x.size(2), s.units},
                   wrt_all({x, h0, c0, w_x, w_h, bias}, [in, memory, s](std::span<const Tensor> g, Needed needed) {
                     return is_recording() ? gradients_composed(in, g, needed, s) : gradients(in, memory, g, needed, s);
                   }));
  return {outputs[0], outputs[1], outputs[2]};
}

}  // namespace fewer
