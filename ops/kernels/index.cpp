// Gathering is parallel over what is written. Adding must keep repeated indices in order, so its pieces are whole outer
// blocks or, when there are few of those, ranges of columns: no two pieces ever meet in one element.
#include "ops/kernels/index.h"

#include <algorithm>

#include "core/parallel.h"

namespace fewer::kernels {

void gather(const Real* x, const int32_t* index, Real* out, const RowSizes& s) {
  if (s.inner == 0) return;
  parallel_for(s.outer * s.chosen, std::max<int64_t>(1, kGrain / s.inner), [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      const int64_t outer = row / s.chosen, source = index[row % s.chosen];
      std::copy_n(x + (outer * s.size + source) * s.inner, s.inner, out + row * s.inner);
    }
  });
}

void scatter_add(const Real* rows, const int32_t* index, Real* out, const RowSizes& s) {
  constexpr int64_t kColumns = 64;  // at least four cache lines, so that pieces seldom share one
  const int64_t bands = (s.inner + kColumns - 1) / kColumns;
  parallel_for(s.outer * bands, std::max<int64_t>(1, kGrain / (kColumns * s.chosen + 1)),
               [&](int64_t begin, int64_t end) {
                 for (int64_t piece = begin; piece < end; ++piece) {
                   const int64_t outer = piece / bands, first = piece % bands * kColumns;
                   const int64_t columns = std::min(kColumns, s.inner - first);
                   for (int64_t i = 0; i < s.chosen; ++i) {
                     const Real* const from = rows + (outer * s.chosen + i) * s.inner + first;
                     Real* const to = out + (outer * s.size + index[i]) * s.inner + first;
                     for (int64_t c = 0; c < columns; ++c) to[c] += from[c];
                   }
                 }
               });
}

void take_along(const Real* x, const int32_t* index, Real* out, const RowSizes& s) {
  parallel_for(s.outer, std::max<int64_t>(1, kGrain / (s.chosen + 1)), [&](int64_t begin, int64_t end) {
    for (int64_t o = begin; o < end; ++o)
      for (int64_t i = o * s.chosen; i < (o + 1) * s.chosen; ++i) out[i] = x[o * s.size + index[i]];
  });
}

void add_along(const Real* values, const int32_t* index, Real* out, const RowSizes& s) {
  parallel_for(s.outer, std::max<int64_t>(1, kGrain / (s.chosen + 1)), [&](int64_t begin, int64_t end) {
    for (int64_t o = begin; o < end; ++o)
      for (int64_t i = o * s.chosen; i < (o + 1) * s.chosen; ++i) out[o * s.size + index[i]] += values[i];
  });
}

}  // namespace fewer::kernels
