#include "nn/op_cost.h"

#include <algorithm>
#include <string_view>

#include "core/tensor.h"

namespace fewer {

int64_t multiply_adds(const OpEvent& event) {
  const std::string_view op = event.op;
  const auto in = [&](size_t i) -> const Tensor& { return *event.inputs[i]; };
  const auto per_output = [](const Shape& weight) { return weight.numel() / std::max<int64_t>(weight.size(-1), 1); };
  const Tensor& out = event.outputs[0];
  const Attributes& a = event.attributes;
  if (op == "matmul") return out.numel() * in(0).size(a[0] ? -2 : -1);
  if (op == "linear") return out.numel() * in(0).size(-1);
  if (op == "conv2d") return out.numel() * per_output(in(1).shape());
  if (op == "conv2d_grad_input") return in(0).numel() * per_output(in(1).shape());
  if (op == "conv2d_grad_weight") return in(1).numel() * per_output(out.shape());
  if (op == "lstm") return a[0] * a[1] * (a[2] + a[3]) * 4 * a[3];  // T, N, I, D
  if (op == "lstm_grad") return a[0] * a[1] * a[2] * 4 * a[2];      // T, N, D: back through w_h; the other products are matmuls
  return 0;
}

int64_t bytes_moved(const OpEvent& event) {
  const auto bytes = [](const Tensor& x) { return x.defined() ? x.numel() * static_cast<int64_t>(sizeof(Real)) : 0; };
  const auto shared = [&](const Tensor& y) {
    return std::any_of(event.inputs.begin(), event.inputs.end(),
                       [&](const TensorRef& x) { return (*x).defined() && (*x).shares_storage_with(y); });
  };
  if (shared(event.outputs[0])) return 0;
  int64_t total = 0;
  for (const TensorRef& x : event.inputs) total += bytes(*x);
  for (const Tensor& y : event.outputs) total += bytes(y);
  return total;
}

}  // namespace fewer
