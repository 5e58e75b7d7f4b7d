// Reverse-mode automatic differentiation, to any order.
//
// How it works, in one screen. Every op (ops/ops.h) computes its result and calls `record`, which, when an input is tracked, hangs
// a node on the result: the op's inputs and one gradient rule per input, a closure that turns the gradient of the output
// into the gradient of that input. `grad(loss, wrt)` walks the nodes from the loss towards `wrt`, consumers before
// producers, calls the rules and adds up what arrives at each tensor. Rules are written in the same ops a user calls; with
// `.create_graph` those ops are recorded too, and the gradient can be differentiated again.
//
//   Tensor w = variable(Tensor::normal({784, 10}, 0, 0.01, rng));
//   Tensor loss = cross_entropy(matmul(x, w), labels);
//   Tensor g = grad(loss, w);                                        // [784, 10]; w and loss are unchanged
//
// There is no gradient field and no tape: the graph is the nodes themselves, shared by the handles that can reach them,
// and gone with the last handle. Three rules keep that safe: nodes are destroyed iteratively; graphs are walked with an
// explicit stack; a rule never captures its own output (it may receive it as an argument). A graph belongs to one thread.
#pragma once

#include <array>
#include <functional>
#include <optional>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/node.h"
#include "core/observer.h"
#include "core/tensor.h"

namespace fewer {

// --- Differentiating ---------------------------------------------------------------------------------------------

// A tracked tensor with the values of `value` and no history: something to differentiate with respect to.
Tensor variable(const Tensor& value);

struct GradOptions {
  bool create_graph = false;  // record the gradient itself, so that it can be differentiated
  bool allow_unused = false;  // an unreachable `wrt` yields an undefined tensor instead of an error
  Tensor seed = {};           // gradient arriving at `loss`, of its shape; undefined: 1, and `loss` must have one element
};

// d loss / d w for every w in `wrt` (interior tensors too), each of the shape of its w. With a seed: the vector-Jacobian product.
// Throws when a w is not tracked or `loss` does not depend on it (unless allow_unused), naming its position.
std::vector<Tensor> grad(const Tensor& loss, std::span<const Tensor> wrt, const GradOptions& options = {});
// Gives up the loss: each node is freed as soon as its rules have run, which is what keeps the peak memory low.
std::vector<Tensor> grad(Tensor&& loss, std::span<const Tensor> wrt, const GradOptions& options = {});
Tensor grad(const Tensor& loss, const Tensor& wrt, const GradOptions& options = {});

// While it lives, ops of this thread record nothing.
class NoGrad {
 public:
  NoGrad();
  ~NoGrad();
  NoGrad(const NoGrad&) = delete;
  NoGrad& operator=(const NoGrad&) = delete;

 private:
  bool previous_;
};

// Gradients of n independent tasks (a meta-batch, shards of a batch), added in the order of their index. `body(i)` runs on
// any worker thread, with kernels inside it running serially, and returns its gradients; every body returns the same shapes. Bodies
// must not share tracked tensors: give each its own snapshot of the parameters. An exception ends the call; the one with the
// lowest index is rethrown. Results are the same at any number of threads, and at most one result per thread is held. While
// somebody observes, the tasks run one after another in the calling thread, with kernels in parallel, so that they are seen.
std::vector<Tensor> gradients_over(int64_t n, const std::function<std::vector<Tensor>(int64_t)>& body);

// --- Recording: for authors of ops ---------------------------------------------------------------------------------

// The rule of one input: f(g) or f(g, y), with g the gradient of the output and y the output itself; returns the
// gradient of the input, of the input's shape.
template <class F>
struct Rule {
  const Tensor* input;
  F apply;
};
// The rule of an input whose gradient is that of the output, as in y = a + b. Returning g itself, not a copy, lets the engine pass it on
// without counting references.
inline constexpr auto pass_on = [](const Tensor& g) -> const Tensor& { return g; };
template <class F>
Rule<F> wrt(const Tensor& input, F apply) {
  return {&input, std::move(apply)};
}

// One rule for several inputs or outputs: f(gradients of the outputs, needed) returns one gradient per input; those where
// needed[i] is false are not looked at, and work for them can be skipped. With a single output y the rule may ask for it as
// well: f(gradients, needed, y).
using Needed = std::span<const bool>;
template <class F>
struct JointRule {
  std::span<const TensorRef> inputs;
  F apply;
};
template <class F>
JointRule<F> wrt_all(std::span<const TensorRef> inputs, F apply) {
  return {inputs, std::move(apply)};
}
template <class F>
JointRule<F> wrt_all(std::initializer_list<TensorRef> inputs, F apply) {
  return {std::span(inputs.begin(), inputs.size()), std::move(apply)};
}

using Inputs = std::span<const TensorRef>;

// Takes y and returns it, hung on a new node when an input is tracked and recording is on, and tells the observers. `inputs` are
// all inputs. Throws when a tracked input has no rule: a gradient is never silently missing.
template <class... Fs>
Tensor record(const char* op, Tensor&& y, std::initializer_list<TensorRef> inputs, const Attributes& attributes,
              Rule<Fs>... rules);
template <class F>
Tensor record(const char* op, Tensor&& y, const Attributes& attributes, JointRule<F> rule);
template <class F>
std::vector<Tensor> record(const char* op, std::vector<Tensor> outputs, const Attributes& attributes, JointRule<F> rule);
// An op whose result is a constant for the gradient (comparisons, detached results): only the observers see it.
Tensor record_constant(const char* op, Tensor y, std::initializer_list<TensorRef> inputs, const Attributes& attributes = {});

bool is_recording();

}  // namespace fewer

#include "core/autograd_record.h"  // the templates above
