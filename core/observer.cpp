#include "core/observer.h"

#include <utility>

namespace fewer {

thread_local constinit ObserverScope* detail::innermost_observer = nullptr;

ObserverScope::ObserverScope(Observer& observer) : observer_(observer), outer_(detail::innermost_observer) {
  detail::innermost_observer = this;
}
ObserverScope::~ObserverScope() { detail::innermost_observer = outer_; }

// An observer may itself compute with tensors; it does not see those ops.
template <class Tell>
void tell_observers(Tell tell) {
  struct Blindfold {
    ObserverScope* const innermost = std::exchange(detail::innermost_observer, nullptr);
    ~Blindfold() { detail::innermost_observer = innermost; }  // also when an observer throws
  } blindfold;
  for (ObserverScope* scope = blindfold.innermost; scope != nullptr; scope = scope->outer_) tell(scope->observer_);
}

void notify_observers(const OpEvent& event) {
  tell_observers([&](Observer& observer) { observer.on_op(event); });
}

void Span::begin(SpanKind kind, const char* name) {
  tell_observers([&](Observer& observer) { observer.on_span_begin(kind, name); });
}
void Span::end() {
  tell_observers([](Observer& observer) { observer.on_span_end(); });
}

}  // namespace fewer
