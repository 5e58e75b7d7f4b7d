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

// R rows at a time into R sums: an addition takes as long as R loads, so one sum alone would wait for itself.
template <class T, int R, class Load>
Vec<T> sum_of_rows(int64_t rows, Load load_row) {
  Vec<T> sums[R] = {};
  int64_t r = 0;
  for (; r + R <= rows; r += R)
#pragma GCC unroll 8
    for (int i = 0; i < R; ++i) sums[i] += load_row(r + i);
  for (; r < rows; ++r) sums[0] += load_row(r);
#pragma GCC unroll 8
  for (int i = 1; i < R; ++i) sums[0] += sums[i];
  return sums[0];
}

template <class T>
void add_all_rows(const T* x, int64_t row_step, int64_t rows, int64_t columns, T* sums) {
  int64_t c = 0;
  for (; c + kLanes<T> <= columns; c += kLanes<T>)
    store(sums + c, load(sums + c) + sum_of_rows<T, 8>(rows, [&](int64_t r) { return load(x + r * row_step + c); }));
  if (const int64_t left = columns - c; left > 0) {
    const auto load_row = [&](int64_t r) { return load_first(x + r * row_step + c, left); };
    store_first(sums + c, load_first(sums + c, left) + sum_of_rows<T, 8>(rows, load_row), left);
  }
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
