// The pass from the loss to `wrt`: sort the nodes, run their rules, add up what arrives.
//
// Meta-learning and recurrent networks live on thousands of ops whose arithmetic takes ten nanoseconds, so what surrounds it counts.
// Four habits keep it small: nodes come from free lists (core/node.cpp); what a pass needs to know of a node is kept in the node, so
// there is no set of visited nodes and no stack to grow; a gradient that is only handed on is never copied (`pass_on`); and
// gradients are added into the first one where it lies, as soon as nobody else holds it (core/accumulate.h).
#include "core/autograd.h"

#include "core/accumulate.h"

namespace fewer {
namespace {

// A leaf: something to differentiate with respect to. No inputs, no rules.
class Variable final : public Node {
 public:
  explicit Variable(const Shape& shape) : Node("variable", nullptr, 0, &shape_, 1), shape_(shape) {}
  void run_rules(GradientPass&) override {}

 private:
  Shape shape_;
};

class RecordingScope {
 public:
  explicit RecordingScope(bool on) : previous_(std::exchange(detail::recording, on)) {}
  ~RecordingScope() { detail::recording = previous_; }

 private:
  bool previous_;
};

thread_local constinit uint64_t last_visit = 0;
thread_local constinit GradientPass* innermost_pass = nullptr;

// a + b, recorded: how gradients that are themselves differentiated are summed.
Tensor add_recorded(const Tensor& a, const Tensor& b) {
  Tensor y = a.detach();
  accumulate(y, b);  // into a fresh tensor, since `a` holds these values too
  return record("add", std::move(y), {a, b}, {}, wrt(a, pass_on), wrt(b, pass_on));
}

}  // namespace

Tensor variable(const Tensor& value) {
  ENSURE(value.defined(), "variable: the tensor is undefined");
  return Tensor(value.shape(), value.storage(), NodePtr(new Variable(value.shape())));
}

NoGrad::NoGrad() : previous_(std::exchange(detail::recording, false)) {}
NoGrad::~NoGrad() { detail::recording = previous_; }

Tensor record_constant(const char* op, Tensor y, std::initializer_list<TensorRef> inputs, const Attributes& attributes) {
  if (observed()) [[unlikely]] notify_observers({op, attributes, Inputs(inputs.begin(), inputs.size()), {&y, 1}, detail::in_gradient()});
  return y;
}

void detail::missing_rule(const char* op, std::span<const TensorRef> inputs) {
  std::ostringstream which;
  for (size_t i = 0; i < inputs.size(); ++i)
    if ((*inputs[i]).tracked()) which << (which.tellp() > 0 ? ", " : "") << i;
  fail(op, ": a tracked input (one of ", which.str(), ") has no gradient rule; detach() it or compute under NoGrad");
}

// --- the pass ---

std::span<Tensor> GradientPass::gradients(const Node& node) {
  for (uint32_t i = 0; i < node.output_count(); ++i) {
    Tensor& slot = slots_[node.slot_ + i];
    if (!slot.defined()) slot = Tensor::zeros(node.output_shape(i));
  }
  return {&slots_[node.slot_], node.output_count()};
}

Tensor& GradientPass::slot_of(const Node& from, const Edge& edge, const Tensor& gradient) {
  const Shape& expected = edge.node->output_shape(edge.output);
  ENSURE(gradient.defined() && gradient.shape() == expected, from.op(), ": the rule of an input of shape ", expected,
         " returned a gradient of shape ", gradient.shape());
  return slots_[edge.node->slot_ + edge.output];
}

void GradientPass::add(const Node& from, const Edge& edge, Tensor&& gradient) {
  Tensor& slot = slot_of(from, edge, gradient);
  if (slot.defined()) return add_to(slot, gradient);
  slot = std::move(gradient);
  if (slot.tracked() && !create_graph_) slot = slot.detach();
}

void GradientPass::add(const Node& from, const Edge& edge, const Tensor& gradient) {
  Tensor& slot = slot_of(from, edge, gradient);
  if (slot.defined()) return add_to(slot, gradient);
  slot = create_graph_ ? gradient : gradient.detach();
}

void GradientPass::add_to(Tensor& slot, const Tensor& gradient) const {
  if (create_graph_)
    slot = add_recorded(slot, gradient);
  else
    accumulate(slot, gradient);
}

// Marks a node that the pass meets for the first time.
inline void GradientPass::see(Node* node) {
  if (node->visit_ == visit_) return;
  ENSURE(!outer_ || !outer_->is_running(node->visit_), "grad: a gradient rule differentiates the graph it is part of");
  node->visit_ = visit_;
  node->entered_ = node->needed_ = node->wanted_ = false;
}

void GradientPass::mark(std::span<const Tensor> wrt) {
  visit_ = ++last_visit;
  for (const Tensor& w : wrt) {
    if (!w.tracked()) continue;
    see(w.node().get());
    w.node()->needed_ = w.node()->wanted_ = true;
  }
}

// Depth-first from the root. The path from there to the node at hand is a list through the nodes themselves; when all inputs
// of a node are done it leaves the path and is put in front of the order, so producers come after their consumers. A node is
// `needed` when it leads to some wrt; only such nodes enter the order, so rules that nobody asked for are never run.
void GradientPass::sort(Node* root) {
  Node* path = nullptr;
  const auto enter = [&](Node* node) {
    see(node);
    node->entered_ = true;
    node->next_edge_ = 0;
    node->next_ = std::exchange(path, node);
  };
  uint32_t slots = 0;
  enter(root);
  while (path) {
    Node* const node = path;
    if (node->next_edge_ < node->edge_count_) {
      Node* const input = node->edges_[node->next_edge_++].node.get();
      if (!input) continue;
      if (input->visit_ != visit_ || !input->entered_)
        enter(input);
      else
        node->needed_ |= input->needed_;  // it is done: the graph has no cycles
      continue;
    }
    path = node->next_;
    if (!node->needed_) continue;
    if (path) path->needed_ = true;
    node->slot_ = slots;
    slots += node->output_count_;
    node->next_ = std::exchange(order_, NodePtr(node).give_up());
  }
  slots_.resize(slots);
}

void GradientPass::drop_first() {
  const NodePtr owner = NodePtr::take_over(std::exchange(order_, order_->next_));
}

void GradientPass::run_rules(Node* node) {
  Tensor* const arrived = &slots_[node->slot_];
  bool any = false;
  for (uint32_t i = 0; i < node->output_count_; ++i) any |= arrived[i].defined();
  if (any && node->edge_count_ > 0) {
    const Span span(SpanKind::kRules, node->op());
    node->run_rules(*this);
  }
  for (uint32_t i = 0; i < node->output_count_; ++i)
    if (arrived[i].defined() && may_take(*node)) arrived[i] = Tensor();
}

std::vector<Tensor> GradientPass::run(Tensor&& loss, std::span<const Tensor> wrt, const GradOptions& options) {
  ENSURE(loss.tracked(), "grad: the loss does not depend on anything tracked (shape ", loss.shape(),
         "); make its inputs variables and compute it while recording");
  ENSURE(options.seed.defined() ? options.seed.shape() == loss.shape() : loss.numel() == 1,
         "grad: a loss of shape ", loss.shape(), " needs a seed of that shape");
  const Span span(SpanKind::kGradient, "grad");
  outer_ = std::exchange(innermost_pass, this);
  struct Restore {
    GradientPass* pass;
    ~Restore() { innermost_pass = pass->outer_; }
  } restore{this};
  create_graph_ = options.create_graph;
  const RecordingScope recording(create_graph_);

  mark(wrt);
  sort(loss.node().get());
  if (loss.node()->needed_) {
    const Tensor seed = options.seed.defined() ? options.seed : Tensor::ones(loss.shape());
    slots_[loss.node()->slot_ + loss.output_index()] = create_graph_ ? seed : seed.detach();
  }
  loss = Tensor();  // when the caller gave the loss up, only the order holds the graph from here on
  for (; order_; drop_first()) run_rules(order_);
  return collect(wrt, options);
}

std::vector<Tensor> GradientPass::collect(std::span<const Tensor> wrt, const GradOptions& options) const {
  std::vector<Tensor> result(wrt.size());
  for (size_t i = 0; i < wrt.size(); ++i) {
    const Node* const node = wrt[i].node().get();
    if (node && node->entered_ && node->visit_ == visit_) result[i] = slots_[node->slot_ + wrt[i].output_index()];
    ENSURE(result[i].defined() || options.allow_unused, "grad: the loss does not depend on wrt[", i, "] (shape ",
           wrt[i].shape(), node ? ")" : ", not tracked)", "; leave it out, or set allow_unused to get an undefined tensor");
  }
  return result;
}

std::vector<Tensor> grad(const Tensor& loss, std::span<const Tensor> wrt, const GradOptions& options) {
  return grad(Tensor(loss), wrt, options);
}
std::vector<Tensor> grad(Tensor&& loss, std::span<const Tensor> wrt, const GradOptions& options) {
  GradientPass pass;
  return pass.run(std::move(loss), wrt, options);
}
Tensor grad(const Tensor& loss, const Tensor& wrt, const GradOptions& options) {
  return grad(loss, std::span<const Tensor>(&wrt, 1), options)[0];
}

bool detail::in_gradient() { return innermost_pass != nullptr; }

}  // namespace fewer
