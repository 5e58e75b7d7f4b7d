// Observers: who wants to see every op as it happens, and where a program is between ops.
//
// The channel graph, the profile, the layer table, the search for the op that made the first NaN and the tests' op
// coverage are all observers. Off by default, at the price of one branch per op.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <span>

namespace fewer {

class Tensor;

// Integers that describe an op (kernel, stride, axis, ...), for observers only: a view of a list written in the call.
class Attributes {
 public:
  Attributes() = default;
  Attributes(std::initializer_list<int64_t> list) : values_(list.begin(), list.size()) {}
  template <size_t N>
  Attributes(const std::array<int64_t, N>& list) : values_(list) {}  // NOLINT: implicit, like the list
  int64_t operator[](size_t i) const { return values_[i]; }
  size_t size() const { return values_.size(); }
  auto begin() const { return values_.begin(); }
  auto end() const { return values_.end(); }

 private:
  std::span<const int64_t> values_;
};

// A tensor by reference, so that a list of inputs costs no reference counts.
struct TensorRef {
  const Tensor* tensor;
  TensorRef(const Tensor& t) : tensor(&t) {}  // NOLINT: implicit, so that {x, w} is a list of inputs
  const Tensor& operator*() const { return *tensor; }
};

struct OpEvent {
  const char* op;                     // the name of the op, static storage
  const Attributes& attributes;
  std::span<const TensorRef> inputs;  // all inputs, constants too
  std::span<const Tensor> outputs;
  bool in_gradient;                   // the op runs as part of a gradient rule
};

// What a program does between ops and around them. Spans nest.
enum class SpanKind {
  kGradient,  // a call of `grad`: sorting the graph, running the rules, freeing nodes
  kRules,     // the rules of one recorded op, named after it; the ops they call are seen inside
  kWork,      // anything else that takes time: adding up gradients, loading a batch, the optimiser's step
};

class Observer {
 public:
  virtual ~Observer() = default;
  virtual void on_op(const OpEvent& event) = 0;  // the op is done
  // `name` has static storage. An observer installed within a span does not hear of it.
  virtual void on_span_begin([[maybe_unused]] SpanKind kind, [[maybe_unused]] const char* name) {}
  virtual void on_span_end() {}  // must not throw
};

// Installs an observer for the ops of this thread while it lives; scopes nest, and each sees the ops.
class ObserverScope {
 public:
  explicit ObserverScope(Observer& observer);
  ~ObserverScope();
  ObserverScope(const ObserverScope&) = delete;
  ObserverScope& operator=(const ObserverScope&) = delete;

 private:
  Observer& observer_;
  ObserverScope* outer_;
  template <class Tell>
  friend void tell_observers(Tell tell);
};

namespace detail {
extern thread_local constinit ObserverScope* innermost_observer;
}
inline bool observed() { return detail::innermost_observer != nullptr; }
void notify_observers(const OpEvent& event);  // REQUIRES: observed()

// A span of the calling thread while it lives.
class Span {
 public:
  Span(SpanKind kind, const char* name) : observed_(observed()) {
    if (observed_) [[unlikely]] begin(kind, name);
  }
  ~Span() {
    if (observed_) [[unlikely]] end();
  }
  Span(const Span&) = delete;
  Span& operator=(const Span&) = delete;

 private:
  static void begin(SpanKind kind, const char* name);
  static void end();
  const bool observed_;
};

}  // namespace fewer
