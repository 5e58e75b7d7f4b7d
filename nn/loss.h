// Losses for classification: what a network's outputs and the labels make of each other.
//
// N examples, K classes. Each is a function anybody may call; LossConfig chooses one by name in a config file.
#pragma once

#include <variant>

#include "core/describe.h"
#include "core/tensor.h"
#include "ops/ops.h"

namespace fewer {

// -log softmax at the label. With smoothing s the target is (1 - s) one_hot + s / K (Szegedy et al. 2016).
Tensor cross_entropy(const Tensor& logits, const IntTensor& labels, double label_smoothing, Reduction reduction);

// L2-SVM, one against all: mean over the classes of max(0, margin - t o)^2, t = +1 at the label and -1 elsewhere.
Tensor squared_hinge(const Tensor& outputs, const IntTensor& labels, double margin = 1,
                     Reduction reduction = Reduction::kMean);

// Mean over the classes of (o - target)^2. outputs, targets [N, K]
Tensor mean_squared_error(const Tensor& outputs, const Tensor& targets, Reduction reduction = Reduction::kMean);

// Cross-entropy at a temperature, between the softened teacher and the softened student, times T^2 so that the gradient
// keeps its size when T changes (Hinton et al. 2014, section 2). Both [N, K]; the teacher is a constant.
Tensor soft_target_loss(const Tensor& student_logits, const Tensor& teacher_logits, double temperature,
                        Reduction reduction = Reduction::kMean);

// A logit for each class on its own: mean over the classes of -t log sigmoid(o) - (1 - t) log(1 - sigmoid(o)).
// logits, targets [N, K]
Tensor binary_cross_entropy(const Tensor& logits, const Tensor& targets, Reduction reduction = Reduction::kMean);

Tensor smooth_one_hot(const IntTensor& labels, int64_t classes, double smoothing);  // [N] -> [N, K]

struct CrossEntropyConfig {
  static constexpr const char* kName = "cross_entropy";
  double label_smoothing = 0;
  void describe(Visitor& v);
};
struct SquaredHingeConfig {
  static constexpr const char* kName = "squared_hinge";
  double margin = 1;
  void describe(Visitor& v);
};
struct MeanSquaredErrorConfig {  // against one-hot targets
  static constexpr const char* kName = "mse";
  void describe(Visitor&) {}
};
struct BinaryCrossEntropyConfig {  // a logit per class, against one-hot targets; mean over the classes
  static constexpr const char* kName = "binary_cross_entropy";
  void describe(Visitor&) {}
};
using LossConfig =
    std::variant<CrossEntropyConfig, SquaredHingeConfig, MeanSquaredErrorConfig, BinaryCrossEntropyConfig>;

// outputs [N, K], labels [N]; kMean and kSum over the examples -> scalar, kNone -> [N].
Tensor classification_loss(const LossConfig& config, const Tensor& outputs, const IntTensor& labels,
                           Reduction reduction = Reduction::kMean);

}  // namespace fewer
