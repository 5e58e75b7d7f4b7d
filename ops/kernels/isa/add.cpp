// Sums bound by memory: to += from, and the sum of rows. An addition per four or twelve bytes moved; wide vectors only cut instructions.
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

// V vectors of columns, R rows at a time: R V sums hide how long an addition takes, and several vectors of a row are read in one go, as
// memory likes it.
template <class T, int R, int V>
void add_strip(const T* x, int64_t row_step, int64_t rows, T* sums) {
  Vec<T> acc[R][V] = {};
  int64_t r = 0;
  for (; r + R <= rows; r += R)
#pragma GCC unroll 8
    for (int i = 0; i < R; ++i)
#pragma GCC unroll 4
      for (int v = 0; v < V; ++v) acc[i][v] += load(x + (r + i) * row_step + v * kLanes<T>);
  for (; r < rows; ++r)
#pragma GCC unroll 4
    for (int v = 0; v < V; ++v) acc[0][v] += load(x + r * row_step + v * kLanes<T>);
#pragma GCC unroll 4
  for (int v = 0; v < V; ++v) {
#pragma GCC unroll 8
    for (int i = 1; i < R; ++i) acc[0][v] += acc[i][v];
    store(sums + v * kLanes<T>, load(sums + v * kLanes<T>) + acc[0][v]);
  }
}

template <class T>
void add_all_rows(const T* x, int64_t row_step, int64_t rows, int64_t columns, T* sums) {
  int64_t c = 0;
  for (; c + 4 * kLanes<T> <= columns; c += 4 * kLanes<T>) add_strip<T, 2, 4>(x + c, row_step, rows, sums + c);
  for (; c + kLanes<T> <= columns; c += kLanes<T>) add_strip<T, 8, 1>(x + c, row_step, rows, sums + c);
  if (c == columns) return;
  Vec<T> acc = load_first(sums + c, columns - c);
  for (int64_t r = 0; r < rows; ++r) acc += load_first(x + r * row_step + c, columns - c);
  store_first(sums + c, acc, columns - c);
}

}  // namespace

void add_to(const float* from, float* to, int64_t n) { add(from, to, n); }
void add_to(const double* from, double* to, int64_t n) { add(from, to, n); }
void add_rows(const float* x, int64_t row_step, int64_t rows, int64_t columns, float* sums) {
  add_all_rows(x, row_step, rows, columns, sums);
}
void add_rows(const double* x, int64_t row_step, int64_t rows, int64_t columns, double* sums) {
  add_all_rows(x, row_step, rows, columns, sums);
}

}  // namespace fewer::kernels::FEWER_ISA
