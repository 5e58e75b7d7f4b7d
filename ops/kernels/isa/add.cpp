// to += from. One addition for twelve bytes moved: memory sets the speed, wide vectors only cut instructions.
#include "ops/kernels/isa/kernels.h"
#include "ops/kernels/isa/vec.h"

namespace fewer::kernels::FEWER_ISA {
namespace {

template <class T>
void add(const T* from, T* to, int64_t n) {
  int64_t i = 0;
  for (; i + kLanes<T> <= n; i += kLanes<T>) store(to + i, load(to + i) + load(from + i));
  if (i < n) store_first(to + i, load_first(to + i, n - i) + load_first(from + i, n - i), n - i);
}

}  // namespace

void add_to(const float* from, float* to, int64_t n) { add(from, to, n); }
void add_to(const double* from, double* to, int64_t n) { add(from, to, n); }

}  // namespace fewer::kernels::FEWER_ISA
