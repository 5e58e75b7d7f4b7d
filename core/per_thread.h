// One object per thread that is there whenever somebody needs it.
//
// A plain thread_local object is destroyed when its thread ends, before tensors that live in static variables: they would
// then return their memory to something that is gone. Here the first use after that makes a new object, which stays until
// the process ends. Reaching the object costs one load and one branch.
#pragma once

namespace fewer {

template <class T>
class PerThread {
 public:
  static T& get() {
    if (!current_) [[unlikely]] make();
    return *current_;
  }

 private:
  struct Owner {
    ~Owner() {
      delete current_;
      current_ = nullptr;
      ended_ = true;
    }
    void touch() {}
  };

  [[gnu::noinline, gnu::cold]] static void make() {  // apart, so that the callers of get() save no registers for it
    current_ = new T;
    if (ended_) return;  // nobody is left to delete it
    thread_local Owner owner;
    owner.touch();  // constructs it, so that its destructor runs at the end of the thread
  }

  static inline thread_local constinit T* current_ = nullptr;
  static inline thread_local constinit bool ended_ = false;
};

}  // namespace fewer
