#include "learners/divergence.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "core/observer.h"

namespace fewer {
namespace {

bool all_finite(const Tensor& tensor) {
  const auto values = tensor.values();
  return std::all_of(values.begin(), values.end(), [](Real v) { return std::isfinite(v); });
}

// Remembers the first op with a finite input side and an output that is not.
class FirstNonFinite final : public Observer {
 public:
  void on_op(const OpEvent& event) override {
    if (!found_.empty()) return;
    for (const Tensor& output : event.outputs)
      if (!all_finite(output)) found_ = describe(event);
  }
  const std::string& found() const { return found_; }

 private:
  static std::string describe(const OpEvent& event) {
    std::string shapes;
    bool finite = true;
    for (const TensorRef& input : event.inputs) {
      shapes += (shapes.empty() ? "" : ", ") + (*input).shape().str();
      finite = finite && all_finite(*input);
    }
    return text(event.op, " of ", shapes, finite ? " (its inputs were finite)" : " (its inputs were not finite either)");
  }
  std::string found_;
};

std::string first_bad_parameter(Layer& net) {
  for (const NamedParameter& p : named_parameters(net, true))
    if (!all_finite(p.parameter->value())) return p.name;
  return {};
}

}  // namespace

void ensure_finite(const Tensor& loss, Layer& net, const std::string& where, FunctionRef<void()> forward) {
  if (std::isfinite(loss.item())) return;
  const std::string broken = first_bad_parameter(net);
  FirstNonFinite observer;
  {
    const ObserverScope scope(observer);
    forward();
  }
  fail(where, ": the loss became ", loss.item(), "; the first op to make it was ",
       observer.found().empty() ? "none of those repeated" : observer.found(),
       broken.empty() ? "" : ", after the step before had already spoilt parameter " + broken,
       "; lower the learning rate or clip the gradient");
}

}  // namespace fewer
