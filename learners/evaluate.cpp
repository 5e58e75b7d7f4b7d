#include "learners/evaluate.h"

#include "core/error.h"
#include "datasets/loader.h"
#include "ops/ops.h"

namespace fewer {

Evaluation evaluate(const Layer& net, const Split& split, const Normalization& normalization, int64_t batch) {
  const Span span(SpanKind::kWork, "evaluate");
  const NoGrad no_grad;
  const int64_t classes = static_cast<int64_t>(split.classes().size());
  Evaluation result;
  result.confusion.assign(static_cast<size_t>(classes * classes), 0);
  double loss_sum = 0;
  Loader loader(split, normalization, batch);
  for (const Batch& part : loader.epoch()) {
    const Tensor logits = net.forward(part.x, Pass{});
    ENSURE(logits.shape() == Shape({part.y.numel(), classes}), "evaluate: expected logits of shape ",
           Shape({part.y.numel(), classes}), ", the network gave ", logits.shape());
    const IntTensor predicted = argmax(logits, -1);
    for (int64_t i = 0; i < part.y.numel(); ++i) {
      ++result.confusion[static_cast<size_t>(part.y[i] * classes + predicted[i])];
      result.errors += predicted[i] != part.y[i];
    }
    loss_sum += static_cast<double>(cross_entropy(logits, part.y, Reduction::kSum).item());
    result.images += part.y.numel();
  }
  result.loss = result.images > 0 ? loss_sum / static_cast<double>(result.images) : 0;
  return result;
}

}  // namespace fewer
