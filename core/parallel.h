// The one way to use several cores inside a kernel.
//
// Work is cut into chunks that depend on the sizes alone, never on the number of threads, so that every result has the
// same bits at any thread count. There is no region inside a region: within `gradients_over` (core/autograd.h) or
// inside another parallel_for the loop runs serially in the calling thread. Small work branches around OpenMP
// entirely (entering a region costs 0.3 us even with one thread).
#pragma once

#include <cstdint>
#include <type_traits>
#include <utility>

namespace fewer {

int threads();              // how many threads parallel work uses
void set_threads(int n);    // 0 = one per core this process may use. Call it outside parallel work
// Pins each worker to a core of its own (when there are enough); a busy neighbour then costs a share, not a scheduler
// tick per region. `trainer` calls it; a library user decides for itself. Pinned workers do not move: call set_threads first.
void bind_threads();
void unbind_this_thread();  // a thread of its own may run on any core again, whatever core its parent was pinned to
bool inside_parallel();     // true within a parallel region of ours: nested loops run serially

// Marks the calling thread as a worker: parallel_for inside runs serially. Used by gradients_over.
class SerialScope {
 public:
  SerialScope();
  ~SerialScope();
  SerialScope(const SerialScope&) = delete;
  SerialScope& operator=(const SerialScope&) = delete;

 private:
  bool previous_;
};

namespace detail {
using ChunkFunction = void (*)(void* context, int64_t chunk);
// Runs function(context, c) for c in [0, chunks), each once, on any thread. The first exception by chunk is rethrown.
void run_chunks(int64_t chunks, ChunkFunction function, void* context);
bool worth_a_region(int64_t chunks);
}  // namespace detail

// body(chunk) for every chunk in [0, chunks). Chunks may run at the same time and in any order.
template <class Body>
void parallel_chunks(int64_t chunks, Body&& body) {
  if (!detail::worth_a_region(chunks)) {
    for (int64_t c = 0; c < chunks; ++c) body(c);
    return;
  }
  using B = std::remove_reference_t<Body>;
  detail::run_chunks(
      chunks, [](void* context, int64_t c) { (*static_cast<B*>(context))(c); },
      const_cast<void*>(static_cast<const void*>(&body)));
}

// body(begin, end) over pieces of [0, n) of `grain` elements each (the last may be shorter). Choose the grain so that a
// piece takes some microseconds: elementwise loops use kGrain.
template <class Body>
void parallel_for(int64_t n, int64_t grain, Body&& body) {
  if (n <= grain) {
    if (n > 0) body(int64_t{0}, n);
    return;
  }
  parallel_chunks((n + grain - 1) / grain, [&](int64_t c) {
    const int64_t begin = c * grain;
    body(begin, begin + grain < n ? begin + grain : n);
  });
}

inline constexpr int64_t kGrain = 16384;  // elements of an elementwise loop: 64 KiB of floats, a few microseconds

}  // namespace fewer
