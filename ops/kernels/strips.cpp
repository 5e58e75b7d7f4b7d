#include "ops/kernels/strips.h"

#include "core/parallel.h"

namespace fewer::kernels {

template <class T>
void sum_parts(const T* parts, int64_t part_count, int64_t n, T* out) {
  parallel_for(n, kGrain / 4, [&](int64_t begin, int64_t end) {
    std::copy(parts + begin, parts + end, out + begin);
    for (int64_t p = 1; p < part_count; ++p) add_to(parts + p * n + begin, out + begin, end - begin);
  });
}

template void sum_parts(const float*, int64_t, int64_t, float*);
template void sum_parts(const double*, int64_t, int64_t, double*);

}  // namespace fewer::kernels
