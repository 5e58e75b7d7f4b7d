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

// Pieces of some 32 KiB, so that a float takes few summands at each of the two levels.
template <class T>
void sum_rows(const T* x, int64_t rows, int64_t columns, T* sums) {
  const int64_t piece = std::max<int64_t>(16, kGrain / 2 / (columns + 1)), pieces = ceil_div(rows, piece);
  const Scratch<T> parts(pieces * columns);
  std::fill_n(parts.data(), pieces * columns, T{0});
  parallel_for(pieces, 4, [&](int64_t begin, int64_t end) {
    for (int64_t p = begin; p < end; ++p)
      add_rows(x + p * piece * columns, columns, std::min(piece, rows - p * piece), columns, parts.data() + p * columns);
  });
  std::fill_n(sums, columns, T{0});
  add_rows(parts.data(), columns, pieces, columns, sums);
}

template void sum_rows(const float*, int64_t, int64_t, float*);
template void sum_rows(const double*, int64_t, int64_t, double*);
template void sum_parts(const float*, int64_t, int64_t, float*);
template void sum_parts(const double*, int64_t, int64_t, double*);

}  // namespace fewer::kernels
