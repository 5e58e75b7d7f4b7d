// A node of the gradient graph, and the pointer that owns it. Users see only `Tensor`; this is the engine's side.
//
// Three rules keep the graph safe (core/autograd.h explains them):
//   1. nodes are destroyed iteratively, never by recursion: a chain of a million ops dies on a constant stack;
//   2. graphs are walked with an explicit stack, for the same reason;
//   3. a rule never captures its own output: that would be a cycle, and reference counts never free a cycle.
// A graph belongs to one thread, so the count is a plain integer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include "core/shape.h"

namespace fewer {

class Tensor;
class Node;

class NodePtr {
 public:
  NodePtr() = default;
  explicit NodePtr(Node* node);  // takes part in the ownership
  NodePtr(const NodePtr& other);
  NodePtr(NodePtr&& other) noexcept : node_(std::exchange(other.node_, nullptr)) {}
  NodePtr& operator=(NodePtr other) noexcept {
    std::swap(node_, other.node_);
    return *this;
  }
  ~NodePtr();
  Node* get() const { return node_; }
  Node* operator->() const { return node_; }
  explicit operator bool() const { return node_ != nullptr; }
  bool operator==(const NodePtr& other) const { return node_ == other.node_; }

  // For lists that hold nodes by plain pointers: the share in the ownership without its handle, and back.
  Node* give_up() { return std::exchange(node_, nullptr); }
  static NodePtr take_over(Node* node) {
    NodePtr owner;
    owner.node_ = node;
    return owner;
  }

 private:
  static void destroy(Node* node);
  Node* node_ = nullptr;
};

// The other end of an input: which output of which node it was.
struct Edge {
  NodePtr node;  // empty for a constant input
  uint32_t output = 0;
};

class GradientPass;

// One recorded op. The rules live in the derived class that `record` instantiates, and so do the arrays of edges and shapes;
// memory comes from per-thread pools.
class Node {
 public:
  virtual ~Node() = default;
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  // Calls the rules: reads the gradients of this node's outputs from `pass`, adds those of its needed inputs to it.
  virtual void run_rules(GradientPass& pass) = 0;

  const char* op() const { return op_; }
  uint32_t edge_count() const { return edge_count_; }
  uint32_t output_count() const { return output_count_; }
  const Edge& edge(uint32_t i) const { return edges_[i]; }
  const Shape& output_shape(uint32_t output) const { return output_shapes_[output]; }

  static void* operator new(size_t bytes);
  static void operator delete(void* memory, size_t bytes);

 protected:
  Node(const char* op, const Edge* edges, size_t edge_count, const Shape* output_shapes, size_t output_count)
      : op_(op),
        edges_(edges),
        output_shapes_(output_shapes),
        edge_count_(static_cast<uint32_t>(edge_count)),
        output_count_(static_cast<uint32_t>(output_count)) {}

 private:
  friend class NodePtr;
  friend class GradientPass;

  const char* op_;
  const Edge* edges_;
  const Shape* output_shapes_;
  uint32_t edge_count_;
  uint32_t output_count_;
  uint32_t refs_ = 0;
  // Scratch of the pass that saw the node last; `visit_` tells whether it is the current one.
  bool entered_ = false;    // the pass reached it from the loss
  bool needed_ = false;     // it leads to something in wrt
  bool wanted_ = false;     // it is in wrt itself
  uint32_t next_edge_ = 0;  // the input to look at next while the graph is being sorted
  uint32_t slot_ = 0;       // where the gradient of output 0 is kept
  uint64_t visit_ = 0;
  Node* next_ = nullptr;    // in the path or the order of a pass, or among dying nodes: a list that needs no memory of its own
};

inline NodePtr::NodePtr(Node* node) : node_(node) { ++node_->refs_; }
inline NodePtr::NodePtr(const NodePtr& other) : node_(other.node_) {
  if (node_) ++node_->refs_;
}
inline NodePtr::~NodePtr() {
  if (node_ && --node_->refs_ == 0) destroy(node_);
}

int64_t live_nodes();  // over all threads; a test asserts 0 at its end

}  // namespace fewer
