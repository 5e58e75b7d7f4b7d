// Softmax and the losses over classes.
//
// Classes on the last axis are the usual case and have fused kernels, forward and first order. Other axes, and
// gradients that are themselves being recorded, are composed of ops.
#include "ops/kernels/softmax.h"

#include <utility>

#include "ops/apply.h"

namespace fewer {
namespace {

using kernels::RowSizes;

RowSizes rows_of(const Shape& shape) {
  return {shape.size(-1) == 0 ? 0 : shape.numel() / shape.size(-1), shape.size(-1)};
}

bool is_last(const Tensor& x, int axis) { return x.shape().axis(axis) == x.rank() - 1; }

Tensor softmax_values(const Tensor& x, int axis) {
  if (is_last(x, axis)) {
    Tensor y = Tensor::uninitialized(x.shape());
    kernels::softmax(x.data(), y.mutable_data(), rows_of(x.shape()));
    return y;
  }
  const NoGrad values_only;
  const Tensor e = exp(x - max(x, {axis}, true));
  return e / sum(e, {axis}, true);
}

Tensor log_softmax_values(const Tensor& x, int axis) {
  if (is_last(x, axis)) {
    Tensor y = Tensor::uninitialized(x.shape());
    kernels::log_softmax(x.data(), y.mutable_data(), rows_of(x.shape()));
    return y;
  }
  const NoGrad values_only;
  const Tensor z = x - max(x, {axis}, true);
  return z - log(sum(exp(z), {axis}, true));
}

}  // namespace

Tensor softmax(const Tensor& x, int axis) {
  ENSURE(x.defined() && x.rank() > 0 && x.size(axis) > 0, "softmax: x ", x.shape(), " has no classes along axis ",
         axis);
  return record("softmax", softmax_values(x, axis), {x}, {axis}, wrt(x, [axis](const Tensor& g, const Tensor& y) {
                  if (is_recording() || !is_last(y, axis)) return y * (g - sum(g * y, {axis}, true));
                  Tensor d = Tensor::uninitialized(y.shape());
                  kernels::softmax_grad(g.data(), y.data(), d.mutable_data(), rows_of(y.shape()));
                  return record_constant("softmax_grad", std::move(d), {g, y});
                }));
}

Tensor log_softmax(const Tensor& x, int axis) {
  ENSURE(x.defined() && x.rank() > 0 && x.size(axis) > 0, "log_softmax: x ", x.shape(), " has no classes along axis ",
         axis);
  return record("log_softmax", log_softmax_values(x, axis), {x}, {axis},
                wrt(x, [axis](const Tensor& g, const Tensor& y) {
                  if (is_recording() || !is_last(y, axis)) return g - exp(y) * sum(g, {axis}, true);
                  Tensor d = Tensor::uninitialized(y.shape());
                  kernels::log_softmax_grad(g.data(), y.data(), d.mutable_data(), rows_of(y.shape()));
                  return record_constant("log_softmax_grad", std::move(d), {g, y});
                }));
}

namespace {

Tensor reduced(Tensor losses, Reduction reduction) {
  if (reduction == Reduction::kNone) return losses;
  return reduction == Reduction::kSum ? sum(losses) : mean(losses);
}

Tensor as_column(const Tensor& g) { return reshape(g, g.shape().inserted(-1, 1)); }  // [...] -> [..., 1]

void check_labels(const Tensor& logits, const IntTensor& labels) {
  ENSURE(logits.rank() > 0 && labels.shape() == logits.shape().without(-1), "cross_entropy: logits ", logits.shape(),
         " expect one label per row, but labels are ", labels.shape());
  const int64_t classes = logits.size(-1);
  for (int64_t i = 0; i < labels.numel(); ++i)
    ENSURE(labels[i] >= 0 && labels[i] < classes, "cross_entropy: label ", i, " is ", labels[i], ", but logits ",
           logits.shape(), " have classes 0 to ", classes - 1);
}

Tensor cross_entropy_grad(const Tensor& logits, const IntTensor& labels, const Tensor& sums, const Tensor& g) {
  if (is_recording()) return (softmax(logits) - one_hot(labels, logits.size(-1))) * as_column(g);
  Tensor d = Tensor::uninitialized(logits.shape());
  kernels::cross_entropy_grad(logits.data(), labels.data(), sums.data(), g.data(), d.mutable_data(),
                              rows_of(logits.shape()));
  return record_constant("cross_entropy_grad", std::move(d), {logits, g});
}

Tensor soft_cross_entropy_grad(const Tensor& logits, const Tensor& targets, const Tensor& sums, const Tensor& g) {
  if (is_recording()) return (softmax(logits) * sum(targets, {-1}, true) - targets) * as_column(g);
  Tensor d = Tensor::uninitialized(logits.shape());
  kernels::soft_cross_entropy_grad(logits.data(), targets.data(), sums.data(), g.data(), d.mutable_data(),
                                   rows_of(logits.shape()));
  return record_constant("soft_cross_entropy_grad", std::move(d), {logits, targets, g});
}

}  // namespace

Tensor cross_entropy(const Tensor& logits, const IntTensor& labels, Reduction reduction) {
  check_labels(logits, labels);
  Tensor losses = Tensor::uninitialized(labels.shape());
  Tensor sums = Tensor::uninitialized({2, labels.numel()});
  kernels::cross_entropy(logits.data(), labels.data(), losses.mutable_data(), sums.mutable_data(),
                         rows_of(logits.shape()));
  const auto rule = [logits, labels, sums](const Tensor& g) { return cross_entropy_grad(logits, labels, sums, g); };
  return reduced(record("cross_entropy", std::move(losses), {logits}, {}, wrt(logits, rule)), reduction);
}

Tensor soft_cross_entropy(const Tensor& logits, const Tensor& targets, Reduction reduction) {
  ENSURE(logits.rank() > 0 && targets.shape() == logits.shape() && logits.size(-1) > 0, "soft_cross_entropy: logits ",
         logits.shape(), " expect targets of the same shape, at least one class, but targets are ", targets.shape());
  const Shape rows = logits.shape().without(-1);
  Tensor losses = Tensor::uninitialized(rows);
  Tensor sums = Tensor::uninitialized({2, rows.numel()});
  kernels::soft_cross_entropy(logits.data(), targets.data(), losses.mutable_data(), sums.mutable_data(),
                              rows_of(logits.shape()));
  const auto by_logits = [logits, targets, sums](const Tensor& g) {
    return soft_cross_entropy_grad(logits, targets, sums, g);
  };
  const auto by_targets = [logits](const Tensor& g) { return neg(log_softmax(logits) * as_column(g)); };
  return reduced(record("soft_cross_entropy", std::move(losses), {logits, targets}, {}, wrt(logits, by_logits),
                        wrt(targets, by_targets)),
                 reduction);
}

// log(1 + e^x) - x t, which is -t log p - (1 - t) log(1 - p) with p = sigmoid(x).
Tensor binary_cross_entropy_with_logits(const Tensor& logits, const Tensor& targets, Reduction reduction) {
  constexpr const char* kName = "binary_cross_entropy_with_logits";
  ENSURE(logits.shape() == targets.shape(), kName, ": logits ", logits.shape(), " and targets ", targets.shape(),
         " must have one shape");
  Tensor losses = apply(kName, kernels::Binary::kBinaryCrossEntropy, logits, targets);
  const auto by_logits = [logits, targets](const Tensor& g) { return g * (sigmoid(logits) - targets); };
  const auto by_targets = [logits](const Tensor& g) { return neg(g * logits); };
  return reduced(record(kName, std::move(losses), {logits, targets}, {}, wrt(logits, by_logits),
                        wrt(targets, by_targets)),
                 reduction);
}

}  // namespace fewer
