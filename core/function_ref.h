// FunctionRef<R(Args...)>: a reference to something callable, for parameters only.
//
// Two pointers, no allocation. It does not own what it calls, so never keep one beyond the call it was passed to.
#pragma once

#include <concepts>
#include <memory>
#include <type_traits>
#include <utility>

namespace fewer {

template <class Signature>
class FunctionRef;

template <class R, class... Args>
class FunctionRef<R(Args...)> {
 public:
  template <class F>
    requires(!std::same_as<std::remove_cvref_t<F>, FunctionRef> && std::is_invocable_r_v<R, F&, Args...>)
  FunctionRef(F&& function)
      : function_(const_cast<void*>(static_cast<const void*>(std::addressof(function)))),
        call_(call<std::remove_reference_t<F>>) {}

  R operator()(Args... args) const { return call_(function_, std::forward<Args>(args)...); }

 private:
  template <class F>
  static R call(void* function, Args... args) {
    return (*static_cast<F*>(function))(std::forward<Args>(args)...);
  }

  void* function_;
  R (*call_)(void*, Args...);
};

}  // namespace fewer
