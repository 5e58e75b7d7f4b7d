// The gradient of a parameter that every step of a chain uses is one addition per step, so this loop is as hot as the op
// itself. `ops` and their kernels are out of reach from here; an addition per element needs no more than a compiler
// that may use wide vectors.
#include "core/accumulate.h"

#include "core/observer.h"
#include "core/parallel.h"

namespace fewer {
namespace {

// Compiled for both, chosen once when the program is loaded. Additions round alike on all.
#if defined(__x86_64__)
__attribute__((target_clones("avx2", "default")))
#endif
void add_values(const Real* a, const Real* b, Real* out, int64_t n) {
#pragma GCC ivdep  // `out` may be `a`, but never a part of it that lies elsewhere
#pragma GCC unroll 4
  for (int64_t i = 0; i < n; ++i) out[i] = a[i] + b[i];
}

// out = a + b, on several cores when there is much to add.
void sum(const Real* a, const Real* b, Real* out, int64_t n) {
  parallel_for(n, kGrain, [=](int64_t begin, int64_t end) { add_values(a + begin, b + begin, out + begin, end - begin); });
}

}  // namespace

void accumulate(Tensor& a, const Tensor& b) {
  const Span span(SpanKind::kWork, "add gradients");
  if (a.unique_storage()) return sum(a.data(), b.data(), a.mutable_data(), a.numel());
  Tensor fresh = Tensor::uninitialized(a.shape());
  sum(a.data(), b.data(), fresh.mutable_data(), a.numel());
  a = std::move(fresh);
}

}  // namespace fewer
