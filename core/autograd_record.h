// The templates behind `record`: a node type per combination of rules, so that a rule is a closure stored inside its pooled
// node (no std::function, no allocation per rule), and an input that needs no gradient costs nothing: its rule is dropped
// with everything it captured. Included by core/autograd.h only.
#pragma once

#include "core/autograd.h"

namespace fewer {

// What a running `grad` offers to the rules of a node.
class GradientPass {
 public:
  const Tensor& gradient(const Node& node, uint32_t output) const { return slots_[node.slot_ + output]; }
  // The same, with zeros where no gradient arrived (an output nobody used).
  std::span<const Tensor> gradients(Node& node);
  bool needs(const Edge& edge) const { return edge.node && edge.node->visit_ == visit_ && edge.node->needed_; }
  void add(const Node& from, const Edge& edge, Tensor gradient);  // checks the shape, naming `from`'s op

  std::vector<Tensor> run(Tensor&& loss, std::span<const Tensor> wrt, const GradOptions& options);

 private:
  void run_watched(Node& node);
  void sort(const NodePtr& root, std::span<const Tensor> wrt);
  std::vector<Tensor> collect(std::span<const Tensor> wrt, const GradOptions& options) const;

  // Whether a pass in progress on this thread has number `visit`: rules may call grad, but not on the graph they are part of.
  bool is_running(uint64_t visit) const { return visit == visit_ || (outer_ && outer_->is_running(visit)); }

  uint64_t visit_ = 0;
  GradientPass* outer_ = nullptr;  // the pass whose rule started this one
  bool create_graph_ = false;
  std::vector<NodePtr> order_;  // producers before consumers; each pointer is dropped once the node's rules have run
  std::vector<Tensor> slots_;   // gradients, by node slot + output
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
template <class... Fs>
class RuleNode final : public Node {
  static constexpr bool kWantsOutput = (std::is_invocable_v<Fs&, const Tensor&, const Tensor&> || ...);

 public:
  RuleNode(const char* op, const Tensor& y, Rule<Fs>&... rules)
      : Node(op, own_edges_, sizeof...(Fs), 1), own_edges_{edge_to(*rules.input)...}, shape_(y.shape()) {
    if constexpr (kWantsOutput) output_ = y.storage();
    keep(std::index_sequence_for<Fs...>{}, rules...);
  }

  void run_rules(GradientPass& pass) override { run(pass, std::index_sequence_for<Fs...>{}); }
  const Shape& output_shape(uint32_t) const override { return shape_; }

 private:
  template <size_t... I>
  void keep(std::index_sequence<I...>, Rule<Fs>&... rules) {
    ((own_edges_[I].node ? void(std::get<I>(rules_).emplace(std::move(rules.apply))) : void()), ...);
  }
  template <size_t... I>
  void run(GradientPass& pass, std::index_sequence<I...>) {
    const Tensor& g = pass.gradient(*this, 0);
    (run_one<I>(pass, g), ...);
  }
  template <size_t I>
  void run_one(GradientPass& pass, const Tensor& g) {
    if (!pass.needs(own_edges_[I])) return;
    auto& rule = *std::get<I>(rules_);
    if constexpr (std::is_invocable_v<decltype(rule), const Tensor&, const Tensor&>)
      pass.add(*this, own_edges_[I], rule(g, Tensor(shape_, output_, NodePtr(this))));
    else
      pass.add(*this, own_edges_[I], rule(g));
  }

  Edge own_edges_[sizeof...(Fs)];
  std::tuple<std::optional<Fs>...> rules_;
  Shape shape_;
  StoragePtr output_;  // the values of the output, kept only when a rule asks for them: storage, not a handle, so no cycle
};

// A node with one rule for all inputs and outputs.
template <class F>
class JointNode final : public Node {
 public:
  JointNode(const char* op, std::span<const Tensor> outputs, JointRule<F>& rule)
      : Node(op, nullptr, static_cast<uint32_t>(rule.inputs.size()), static_cast<uint32_t>(outputs.size())),
        rule_(std::move(rule.apply)) {
    own_edges_.reserve(rule.inputs.size());
    for (const TensorRef& input : rule.inputs) own_edges_.push_back(edge_to(*input));
    set_edges(own_edges_.data());
    shapes_.reserve(outputs.size());
    for (const Tensor& y : outputs) shapes_.push_back(y.shape());
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
    std::vector<Tensor> result = rule_(pass.gradients(*this), Needed(flags, own_edges_.size()));
    ENSURE(result.size() == own_edges_.size(), op(), ": the joint rule returned ", result.size(), " gradients for ",
           own_edges_.size(), " inputs");
    for (size_t i = 0; i < own_edges_.size(); ++i)
      if (flags[i]) pass.add(*this, own_edges_[i], std::move(result[i]));
  }
  const Shape& output_shape(uint32_t output) const override { return shapes_[output]; }

 private:
  static constexpr size_t kMaxInline = 16;
  std::vector<Edge> own_edges_;
  std::vector<Shape> shapes_;
  F rule_;
};

}  // namespace detail

inline bool is_recording() { return detail::recording; }

template <class... Fs>
Tensor record(const char* op, Tensor y, std::initializer_list<TensorRef> inputs, const Attributes& attributes,
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
  return y;
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
Tensor record(const char* op, Tensor y, const Attributes& attributes, JointRule<F> rule) {
  const std::span<const TensorRef> inputs = rule.inputs;
  if (detail::recording && detail::count_tracked(inputs) > 0) {
    y.hang_on(NodePtr(new detail::JointNode<F>(op, std::span<const Tensor>(&y, 1), rule)), 0);
  }
  if (observed()) [[unlikely]] notify_observers({op, attributes, inputs, {&y, 1}, detail::in_gradient()});
  return y;
}

}  // namespace fewer
