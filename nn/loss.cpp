#include "nn/loss.h"

#include "core/error.h"

namespace fewer {
namespace {

// One value per example -> what the caller wants of them.
Tensor reduce(const Tensor& per_example, Reduction reduction) {
  switch (reduction) {
    case Reduction::kMean: return mean(per_example);
    case Reduction::kSum: return sum(per_example);
    case Reduction::kNone: break;
  }
  return per_example;
}

void check_outputs(const char* loss, const Tensor& outputs, const Shape& targets) {
  ENSURE(outputs.rank() == 2, loss, ": outputs must be [N, K], got ", outputs.shape());
  ENSURE(targets == outputs.shape() || targets == Shape{outputs.size(0)}, loss, ": outputs ", outputs.shape(),
         " and targets ", targets, " disagree");
}

}  // namespace

Tensor smooth_one_hot(const IntTensor& labels, int64_t classes, double smoothing) {
  const Tensor hard = one_hot(labels, classes);  // [N, K]
  if (smoothing == 0) return hard;
  return hard * static_cast<Real>(1 - smoothing) + static_cast<Real>(smoothing / static_cast<double>(classes));
}

Tensor cross_entropy(const Tensor& logits, const IntTensor& labels, double label_smoothing, Reduction reduction) {
  check_outputs("cross_entropy", logits, labels.shape());
  if (label_smoothing == 0) return cross_entropy(logits, labels, reduction);
  return soft_cross_entropy(logits, smooth_one_hot(labels, logits.size(1), label_smoothing), reduction);
}

Tensor squared_hinge(const Tensor& outputs, const IntTensor& labels, double margin, Reduction reduction) {
  check_outputs("squared_hinge", outputs, labels.shape());
  const Tensor t = one_hot(labels, outputs.size(1)) * Real{2} - Real{1};        // [N, K], +1 or -1
  const Tensor violation = relu(static_cast<Real>(margin) - t * outputs);       // [N, K]
  return reduce(mean(square(violation), {1}), reduction);
}

Tensor mean_squared_error(const Tensor& outputs, const Tensor& targets, Reduction reduction) {
  check_outputs("mean_squared_error", outputs, targets.shape());
  ENSURE(targets.rank() == 2, "mean_squared_error: targets must be [N, K], got ", targets.shape());
  return reduce(mean(square(outputs - targets), {1}), reduction);
}

Tensor soft_target_loss(const Tensor& student_logits, const Tensor& teacher_logits, double temperature,
                        Reduction reduction) {
  check_outputs("soft_target_loss", student_logits, teacher_logits.shape());
  ENSURE(temperature > 0, "soft_target_loss: the temperature must be above 0, got ", temperature);
  const Real t = static_cast<Real>(temperature);
  const Tensor targets = softmax(teacher_logits.detach() / t);  // [N, K]
  return soft_cross_entropy(student_logits / t, targets, reduction) * (t * t);
}

Tensor binary_cross_entropy(const Tensor& logits, const Tensor& targets, Reduction reduction) {
  check_outputs("binary_cross_entropy", logits, targets.shape());
  // -t log sigmoid(o) - (1 - t) log(1 - sigmoid(o)) = softplus(o) - t o
  return reduce(mean(softplus(logits) - targets * logits, {1}), reduction);
}

namespace {

Tensor loss_of(const CrossEntropyConfig& c, const Tensor& outputs, const IntTensor& labels, Reduction reduction) {
  return cross_entropy(outputs, labels, c.label_smoothing, reduction);
}
Tensor loss_of(const SquaredHingeConfig& c, const Tensor& outputs, const IntTensor& labels, Reduction reduction) {
  return squared_hinge(outputs, labels, c.margin, reduction);
}
Tensor loss_of(const MeanSquaredErrorConfig&, const Tensor& outputs, const IntTensor& labels, Reduction reduction) {
  return mean_squared_error(outputs, one_hot(labels, outputs.size(-1)), reduction);
}
Tensor loss_of(const BinaryCrossEntropyConfig&, const Tensor& outputs, const IntTensor& labels, Reduction reduction) {
  return binary_cross_entropy(outputs, one_hot(labels, outputs.size(-1)), reduction);
}

}  // namespace

Tensor classification_loss(const LossConfig& config, const Tensor& outputs, const IntTensor& labels,
                           Reduction reduction) {
  return std::visit([&](const auto& chosen) { return loss_of(chosen, outputs, labels, reduction); }, config);
}

void CrossEntropyConfig::describe(Visitor& v) {
  v.field("label_smoothing", label_smoothing,
          {.help = "share of the target spread over all classes", .min = 0, .below = 1});
}

void SquaredHingeConfig::describe(Visitor& v) {
  v.field("margin", margin, {.help = "distance from 0 that costs nothing", .above = 0});
}

}  // namespace fewer
