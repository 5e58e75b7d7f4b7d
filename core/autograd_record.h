// The templates behind `record`: a node type per combination of rules, so that a rule is a closure stored inside its pooled
// node (no std::function, no allocation per rule), and an input that needs no gradient costs nothing: its rule is dropped
// with everything it captured. Included by core/autograd.h only.
#pragma once

#include "core/autograd.h"

namespace fewer {

// What a running `grad` offers to the rules of a node.
class GradientPass {
 public:
  Tensor& gradient(const Node& node) { return slots_[node.slot_]; }  // what arrived at output 0
  // What arrived at all outputs; zeros for one that nobody used.
  std::span<Tensor> gradients(const Node& node);
  // Whether nobody asks for these gradients any more once the rules of `node` have run.
  bool may_take(const Node& node) const { return !node.wanted_; }
  bool needs(const Edge& edge) const { return edge.node && edge.node->visit_ == visit_ && edge.node->needed_; }
  // Adds to what has arrived at an input. Checks the shape, naming the op of `from`.
  void add(const Node& from, const Edge& edge, Tensor&& gradient);
  void add(const Node& from, const Edge& edge, const Tensor& gradient);

  GradientPass() = default;
  ~GradientPass() {
    while (order_) drop_first();
  }
  GradientPass(const GradientPass&) = delete;
  GradientPass& operator=(const GradientPass&) = delete;
  std::vector<Tensor> run(Tensor&& loss, std::span<const Tensor> wrt, const GradOptions& options);

 private:
  void mark(std::span<const Tensor> wrt);
  void sort(Node* root);
  void see(Node* node);
  void run_rules(Node* node);
  Tensor& slot_of(const Node& from, const Edge& edge, const Tensor& gradient);
  void add_to(Tensor& slot, const Tensor& gradient) const;
  std::vector<Tensor> collect(std::span<const Tensor> wrt, const GradOptions& options) const;
  void drop_first();

  // Whether a pass in progress on this thread has number `visit`: rules may call grad, but not on the graph they are part of.
  bool is_running(uint64_t visit) const { return visit == visit_ || (outer_ && outer_->is_running(visit)); }

  uint64_t visit_ = 0;
  GradientPass* outer_ = nullptr;  // the pass whose rule started this one
  bool create_graph_ = false;
  Node* order_ = nullptr;      // nodes whose rules have yet to run, consumers before producers; the list owns them
  std::vector<Tensor> slots_;  // gradients, by node slot + output
};

namespace detail {

inline thread_local constinit bool recording = true;

inline Edge edge_to(const Tensor& input) { return {input.node(), input.output_index()}; }
bool in_gradient();
[[noreturn]] void missing_rule(const char* op, std::span<const TensorRef> inputs);

inline int64_t count_tracked(std::span<const TensorRef> inputs) {
  int64_t tracked = 0;
  for (const TensorRef& input : inputs) tracked += (*input).tracked();
  return tracked;
}

// A node with one rule per input. N edges, N optional closures, side by side in one pooled block.
//
// The rules run from the last input to the first. A rule that returns the gradient it was given (`pass_on`) costs no copy of a handle: the
// gradient is added where it lies, and the first input, by then the last one to ask for it, takes it over. In a chain
// `h = h + w` one tensor thus travels all the way back along h.
template <class... Fs>
class RuleNode final : public Node {
  static constexpr bool kWantsOutput = (std::is_invocable_v<Fs&, const Tensor&, const Tensor&> || ...);

 public:
  RuleNode(const char* op, const Tensor& y, Rule<Fs>&... rules)
      : Node(op, own_edges_, sizeof...(Fs), &shape_, 1), own_edges_{edge_to(*rules.input)...}, shape_(y.shape()) {
    if constexpr (kWantsOutput) output_ = y.storage();
    keep(std::index_sequence_for<Fs...>{}, rules...);
  }

  void run_rules(GradientPass& pass) override { run(pass, std::index_sequence_for<Fs...>{}); }

 private:
  template <size_t... I>
  void keep(std::index_sequence<I...>, Rule<Fs>&... rules) {
    ((own_edges_[I].node ? void(std::get<I>(rules_).emplace(std::move(rules.apply))) : void()), ...);
  }
  template <size_t... I>
  void run(GradientPass& pass, std::index_sequence<I...>) {
    Tensor& g = pass.gradient(*this);
    (run_one<sizeof...(Fs) - 1 - I>(pass, g), ...);
  }
  template <size_t I>
  void run_one(GradientPass& pass, Tensor& g) {
    const Edge& edge = own_edges_[I];
    if (!pass.needs(edge)) return;
    auto& rule = *std::get<I>(rules_);
    if constexpr (std::is_invocable_v<decltype(rule), const Tensor&, const Tensor&>)
      pass.add(*this, edge, rule(g, Tensor(shape_, output_, NodePtr(this))));
    else if constexpr (!std::is_reference_v<decltype(rule(g))>)
      pass.add(*this, edge, rule(g));
    else if (I == 0 && pass.may_take(*this))
      pass.add(*this, edge, std::move(g));
    else
      pass.add(*this, edge, std::as_const(g));
  }

  Edge own_edges_[sizeof...(Fs)];
  std::tuple<std::optional<Fs>...> rules_;
  Shape shape_;
  StoragePtr output_;  // the values of the output, kept only when a rule asks for them: storage, not a handle, so no cycle
};

inline std::vector<Edge> edges_to(std::span<const TensorRef> inputs) {
  std::vector<Edge> edges;
  edges.reserve(inputs.size());
  for (const TensorRef& input : inputs) edges.push_back(edge_to(*input));
  return edges;
}
inline std::vector<Shape> shapes_of(std::span<const Tensor> tensors) {
  std::vector<Shape> shapes;
  shapes.reserve(tensors.size());
  for (const Tensor& tensor : tensors) shapes.push_back(tensor.shape());
  return shapes;
}

// A node with one rule for all inputs and outputs.
template <class F>
class JointNode final : public Node {
  static constexpr bool kWantsOutput = std::is_invocable_v<F&, std::span<const Tensor>, Needed, const Tensor&>;

 public:
  JointNode(const char* op, std::span<const Tensor> outputs, JointRule<F>& rule)
      : JointNode(op, edges_to(rule.inputs), shapes_of(outputs), std::move(rule.apply)) {
    if constexpr (kWantsOutput) output_ = outputs[0].storage();
  }

  void run_rules(GradientPass& pass) override {
    bool needed[kMaxInline];
    std::vector<char> many;
    bool* flags = needed;
    if (own_edges_.size() > kMaxInline) {
      many.resize(own_edges_.size());
      flags = reinterpret_cast<bool*>(many.data());
    }
    for (size_t i = 0; i < own_edges_.size(); ++i) flags[i] = pass.needs(own_edges_[i]);
    std::vector<Tensor> result = call_rule(pass.gradients(*this), Needed(flags, own_edges_.size()));
    ENSURE(result.size() == own_edges_.size(), op(), ": the joint rule returned ", result.size(), " gradients for ",
           own_edges_.size(), " inputs");
    for (size_t i = 0; i < own_edges_.size(); ++i)
      if (flags[i]) pass.add(*this, own_edges_[i], std::move(result[i]));
  }

 private:
  static constexpr size_t kMaxInline = 16;

  // The arrays keep their place when the vectors that hold them are moved.
  JointNode(const char* op, std::vector<Edge> edges, std::vector<Shape> shapes, F rule)
      : Node(op, edges.data(), edges.size(), shapes.data(), shapes.size()),
        own_edges_(std::move(edges)),
        shapes_(std::move(shapes)),
        rule_(std::move(rule)) {}

  std::vector<Tensor> call_rule(std::span<const Tensor> gradients, Needed needed) {
    if constexpr (kWantsOutput)
      return rule_(gradients, needed, Tensor(shapes_[0], output_, NodePtr(this)));
    else
      return rule_(gradients, needed);
  }

  std::vector<Edge> own_edges_;
  std::vector<Shape> shapes_;
  F rule_;
  StoragePtr output_;  // as in RuleNode
};

}  // namespace detail

inline bool is_recording() { return detail::recording; }

template <class... Fs>
Tensor record(const char* op, Tensor&& y, std::initializer_list<TensorRef> inputs, const Attributes& attributes,
              Rule<Fs>... rules) {
  const std::span<const TensorRef> all(inputs.begin(), inputs.size());
  if (detail::recording) {
    const int64_t with_rule = (int64_t{0} + ... + int64_t{rules.input->tracked()});
    if (with_rule != detail::count_tracked(all)) [[unlikely]] detail::missing_rule(op, all);
    if (with_rule > 0) {
      y.hang_on(NodePtr(new detail::RuleNode<Fs...>(op, y, rules...)), 0);
    }
  }
  if (observed()) [[unlikely]] notify_observers({op, attributes, all, {&y, 1}, detail::in_gradient()});
  return std::move(y);
}

template <class F>
std::vector<Tensor> record(const char* op, std::vector<Tensor> outputs, const Attributes& attributes, JointRule<F> rule) {
  const std::span<const TensorRef> inputs = rule.inputs;
  if (detail::recording && detail::count_tracked(inputs) > 0) {
    const NodePtr node(new detail::JointNode<F>(op, outputs, rule));
    for (size_t i = 0; i < outputs.size(); ++i) outputs[i].hang_on(node, static_cast<uint32_t>(i));
  }
  if (observed()) [[unlikely]] notify_observers({op, attributes, inputs, outputs, detail::in_gradient()});
  return outputs;
}

template <class F>
Tensor record(const char* op, Tensor&& y, const Attributes& attributes, JointRule<F> rule) {
  const std::span<const TensorRef> inputs = rule.inputs;
  if (detail::recording && detail::count_tracked(inputs) > 0) {
    y.hang_on(NodePtr(new detail::JointNode<F>(op, std::span<const Tensor>(&y, 1), rule)), 0);
  }
  if (observed()) [[unlikely]] notify_observers({op, attributes, inputs, {&y, 1}, detail::in_gradient()});
  return std::move(y);
}

}  // namespace fewer
