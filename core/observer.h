// Observers: who wants to see every op as it happens.
//
// The channel graph, the profile, the layer table, the search for the op that made the first NaN and the tests' op
// coverage are all observers. Off by default, at the price of one branch per op.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>

namespace fewer {

class Tensor;

// Up to eight integers that describe an op (kernel, stride, axis, ...), for observers only.
struct Attributes {
  static constexpr int kMax = 8;
  int64_t values[kMax] = {};
  int count = 0;
  Attributes() = default;
  Attributes(std::initializer_list<int64_t> list) {
    for (const int64_t value : list)
      if (count < kMax) values[count++] = value;
  }
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

class Observer {
 public:
  virtual ~Observer() = default;
  virtual void on_op(const OpEvent& event) = 0;
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
  friend void notify_observers(const OpEvent& event);
};

namespace detail {
extern thread_local constinit ObserverScope* innermost_observer;
}
inline bool observed() { return detail::innermost_observer != nullptr; }
void notify_observers(const OpEvent& event);  // REQUIRES: observed()

}  // namespace fewer
