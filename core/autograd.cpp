#include "core/autograd.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>

#include "core/parallel.h"
#include "core/per_thread.h"

namespace fewer {

namespace {

// --- memory of nodes ---
// Blocks of a multiple of 64 bytes from free lists of the calling thread; a graph belongs to one thread, so they stay there.
constexpr size_t kNodeStep = 64, kNodeClasses = 16;

struct NodePool {
  std::vector<void*> free[kNodeClasses];
  std::vector<Node*> dying;  // nodes whose count reached 0 while another was being destroyed
  bool draining = false;
  std::atomic<int64_t> live{0};

  NodePool() {
    std::lock_guard lock(registry_mutex());
    registry().push_back(this);
  }
  ~NodePool() {
    for (std::vector<void*>& list : free)
      for (void* memory : list) ::operator delete(memory);
    std::lock_guard lock(registry_mutex());
    std::erase(registry(), this);
  }
  void count(int64_t change) { live.store(live.load(std::memory_order_relaxed) + change, std::memory_order_relaxed); }

  static NodePool& own() { return PerThread<NodePool>::get(); }
  static std::vector<NodePool*>& registry() {
    static auto* pools = new std::vector<NodePool*>;
    return *pools;
  }
  static std::mutex& registry_mutex() {
    static auto* mutex = new std::mutex;
    return *mutex;
  }
};

// A leaf: something to differentiate with respect to. No inputs, no rules.
class Variable final : public Node {
 public:
  explicit Variable(const Shape& shape) : Node("variable", nullptr, 0, 1), shape_(shape) {}
  void run_rules(GradientPass&) override {}
  const Shape& output_shape(uint32_t) const override { return shape_; }

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

// a += b for two plain tensors of one shape; written in place when nobody else holds `a`, else into a fresh tensor.
void accumulate(Tensor& a, const Tensor& b) {
  const Span span(SpanKind::kWork, "add gradients");
  const StoragePtr shared = a.unique_storage() ? StoragePtr() : a.storage();
  if (shared) a = Tensor::uninitialized(a.shape());
  Real* out = a.mutable_data();
  const Real* first = shared ? static_cast<const Real*>(shared.data()) : out;
  const Real* second = b.data();
  parallel_for(a.numel(), kGrain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) out[i] = first[i] + second[i];
  });
}

// a + b, recorded: how gradients that are themselves differentiated are summed.
Tensor add_recorded(const Tensor& a, const Tensor& b) {
  Tensor y = a.clone();
  accumulate(y, b);
  const auto pass_on = [](const Tensor& g) { return g; };
  return record("add", std::move(y), {a, b}, {}, wrt(a, pass_on), wrt(b, pass_on));
}

}  // namespace

void* Node::operator new(size_t bytes) {
  NodePool& pool = NodePool::own();
  pool.count(+1);
  const size_t size_class = (bytes + kNodeStep - 1) / kNodeStep;
  if (size_class >= kNodeClasses) return ::operator new(bytes);
  std::vector<void*>& list = pool.free[size_class];
  if (list.empty()) return ::operator new(size_class * kNodeStep);
  void* memory = list.back();
  list.pop_back();
  return memory;
}

void Node::operator delete(void* memory, size_t bytes) {
  NodePool& pool = NodePool::own();
  pool.count(-1);
  const size_t size_class = (bytes + kNodeStep - 1) / kNodeStep;
  if (size_class >= kNodeClasses)
    ::operator delete(memory);
  else
    pool.free[size_class].push_back(memory);
}

// Destroying a node drops its inputs, which may drop theirs, and so on: instead of recursing, a node that dies while another
// is being destroyed waits in a list.
void NodePtr::release(Node* node) {
  if (--node->refs_ != 0) return;
  NodePool& pool = NodePool::own();
  if (pool.draining) {
    pool.dying.push_back(node);
    return;
  }
  pool.draining = true;
  delete node;
  while (!pool.dying.empty()) {
    Node* next = pool.dying.back();
    pool.dying.pop_back();
    delete next;
  }
  pool.draining = false;
}

int64_t live_nodes() {
  std::lock_guard lock(NodePool::registry_mutex());
  int64_t live = 0;
  for (const NodePool* pool : NodePool::registry()) live += pool->live.load(std::memory_order_relaxed);
  return live;
}

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

std::span<const Tensor> GradientPass::gradients(Node& node) {
  for (uint32_t i = 0; i < node.output_count(); ++i) {
    Tensor& slot = slots_[node.slot_ + i];
    if (!slot.defined()) slot = Tensor::zeros(node.output_shape(i));
  }
  return {&slots_[node.slot_], node.output_count()};
}

void GradientPass::add(const Node& from, const Edge& edge, Tensor gradient) {
  const Shape& expected = edge.node->output_shape(edge.output);
  ENSURE(gradient.defined() && gradient.shape() == expected, from.op(), ": the rule of an input of shape ", expected,
         " returned a gradient of shape ", gradient.shape());
  Tensor& slot = slots_[edge.node->slot_ + edge.output];
  if (!slot.defined())
    slot = gradient.tracked() && !create_graph_ ? gradient.detach() : std::move(gradient);
  else if (create_graph_)
    slot = add_recorded(slot, gradient);
  else
    accumulate(slot, gradient);
}

// Depth-first from the root with an explicit stack. A node is `needed` when it leads to some wrt; only such nodes enter the
// order, so rules that nobody asked for are never run.
void GradientPass::sort(const NodePtr& root, std::span<const Tensor> wrt) {
  visit_ = ++last_visit;
  const auto see = [this](Node* node) {  // first sight of a node in this pass
    if (node->visit_ == visit_) return;
    ENSURE(!outer_ || !outer_->is_running(node->visit_), "grad: a gradient rule differentiates the graph it is part of");
    node->visit_ = visit_;
    node->entered_ = node->needed_ = node->wanted_ = false;
  };
  for (const Tensor& w : wrt) {
    if (!w.tracked()) continue;
    see(w.node().get());
    w.node()->needed_ = w.node()->wanted_ = true;
  }
  struct Frame {
    Node* node;
    uint32_t next_edge;
  };
  std::vector<Frame> stack;
  const auto enter = [&](Node* node) {
    see(node);
    if (node->entered_) return;
    node->entered_ = true;
    stack.push_back({node, 0});
  };
  uint32_t slots = 0;
  enter(root.get());
  while (!stack.empty()) {
    Frame& top = stack.back();
    Node* const node = top.node;
    if (top.next_edge < node->edge_count_) {
      Node* const input = node->edges_[top.next_edge++].node.get();
      if (input) enter(input);  // invalidates `top`
      continue;
    }
    for (uint32_t i = 0; i < node->edge_count_ && !node->needed_; ++i)
      node->needed_ = node->edges_[i].node && node->edges_[i].node->needed_;
    if (node->needed_) {
      node->slot_ = slots;
      slots += node->output_count_;
      order_.push_back(NodePtr(node));
    }
    stack.pop_back();
  }
  slots_.resize(slots);
}

std::vector<Tensor> GradientPass::run(Tensor&& loss, std::span<const Tensor> wrt, const GradOptions& options) {
  ENSURE(loss.tracked(), "grad: the loss does not depend on anything tracked (shape ", loss.shape(),
         "); make its inputs variables and compute it while recording");
  ENSURE(options.seed.defined() ? options.seed.shape() == loss.shape() : loss.numel() == 1,
         "grad: a loss of shape ", loss.shape(), " needs a seed of that shape");
  const Span span(SpanKind::kGradient, "grad");
  const bool watched = observed();
  outer_ = std::exchange(innermost_pass, this);
  struct Restore {
    GradientPass* pass;
    ~Restore() { innermost_pass = pass->outer_; }
  } restore{this};
  create_graph_ = options.create_graph;
  const RecordingScope recording(create_graph_);

  sort(loss.node(), wrt);
  if (loss.node()->needed_) {
    const Tensor seed = options.seed.defined() ? options.seed : Tensor::ones(loss.shape());
    slots_[loss.node()->slot_ + loss.output_index()] = create_graph_ ? seed : seed.detach();
  }
  loss = Tensor();  // when the caller gave the loss up, only order_ holds the graph from here on

  for (size_t i = order_.size(); i-- > 0;) {
    Node* const node = order_[i].get();
    const std::span<Tensor> arrived(&slots_[node->slot_], node->output_count_);
    if (node->edge_count_ > 0 && std::any_of(arrived.begin(), arrived.end(), [](const Tensor& g) { return g.defined(); }))
      watched ? run_watched(*node) : node->run_rules(*this);
    if (!node->wanted_) std::fill(arrived.begin(), arrived.end(), Tensor());
    order_[i] = NodePtr();
  }
  return collect(wrt, options);
}

void GradientPass::run_watched(Node& node) {
  const Span span(SpanKind::kRules, node.op());
  node.run_rules(*this);
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

// --- tasks ---

std::vector<Tensor> gradients_over(int64_t n, const std::function<std::vector<Tensor>(int64_t)>& body) {
  std::vector<Tensor> total;
  const auto add_to_total = [&](std::vector<Tensor> gradients, int64_t task) {
    if (task == 0) total.resize(gradients.size());
    ENSURE(gradients.size() == total.size(), "gradients_over: task ", task, " returned ", gradients.size(),
           " gradients, task 0 returned ", total.size());
    for (size_t i = 0; i < total.size(); ++i) {
      ENSURE(task == 0 || gradients[i].shape() == total[i].shape(), "gradients_over: gradient ", i, " of task ", task,
             " has shape ", gradients[i].shape(), ", of task 0 ", total[i].shape());
      if (task == 0)
        total[i] = std::move(gradients[i]);
      else
        accumulate(total[i], gradients[i]);
    }
  };
  const auto run_task = [&](int64_t task) {
    std::vector<Tensor> gradients = body(task);
    for (Tensor& g : gradients) g = g.detach();  // its graph belongs to this thread
    return gradients;
  };
  if (n == 1 || threads() == 1 || inside_parallel() || observed()) {  // observers belong to this thread
    for (int64_t task = 0; task < n; ++task) add_to_total(run_task(task), task);
    return total;
  }
  std::exception_ptr error;  // written and read inside the ordered part only
#pragma omp parallel for ordered schedule(static, 1) num_threads(threads())
  for (int64_t task = 0; task < n; ++task) {
    const SerialScope serial;
    std::vector<Tensor> gradients;
    std::exception_ptr own_error;
    try {
      gradients = run_task(task);
    } catch (...) {
      own_error = std::current_exception();
    }
#pragma omp ordered
    try {
      if (own_error && !error) error = own_error;
      if (!error) add_to_total(std::move(gradients), task);
    } catch (...) {
      error = std::current_exception();
    }
  }
  if (error) std::rethrow_exception(error);
  return total;
}

}  // namespace fewer
