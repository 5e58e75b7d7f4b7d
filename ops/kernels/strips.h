// What the drivers in this folder share: the kernels by number type, strips and how to pack them, scratch memory.
//
// A strip is strip_columns<T>() columns of B (whole vectors: as wide as the register tile), stored [k][columns] without
// gaps, so that the microkernel streams it. Columns beyond the end of B hold zeros and are never stored to C.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "core/storage.h"
#include "ops/kernels/isa.h"
#include "ops/kernels/transpose.h"

namespace fewer::kernels {

inline int64_t ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }
inline int64_t round_up(int64_t a, int64_t b) { return ceil_div(a, b) * b; }

template <class T>
int64_t vector_lanes() {
  return std::is_same_v<T, float> ? kernel_table().float_lanes : kernel_table().double_lanes;
}
template <class T>
int64_t strip_columns() {
  return std::is_same_v<T, float> ? kernel_table().float_columns : kernel_table().double_columns;
}
inline void strip_product(const StripProduct<float>& p) { kernel_table().strip_product_float(p); }
inline void strip_product(const StripProduct<double>& p) { kernel_table().strip_product_double(p); }
inline void add_to(const float* from, float* to, int64_t n) { kernel_table().add_float(from, to, n); }
inline void add_to(const double* from, double* to, int64_t n) { kernel_table().add_double(from, to, n); }
inline void add_rows(const float* x, int64_t row_step, int64_t rows, int64_t columns, float* sums) {
  kernel_table().add_rows_float(x, row_step, rows, columns, sums);
}
inline void add_rows(const double* x, int64_t row_step, int64_t rows, int64_t columns, double* sums) {
  kernel_table().add_rows_double(x, row_step, rows, columns, sums);
}
inline void depthwise(const DepthwiseProduct<float>& p) { kernel_table().depthwise_float(p); }
inline void depthwise(const DepthwiseProduct<double>& p) { kernel_table().depthwise_double(p); }
inline void depthwise_weight(const DepthwiseWeight<float>& p) { kernel_table().depthwise_weight_float(p); }
inline void depthwise_weight(const DepthwiseWeight<double>& p) { kernel_table().depthwise_weight_double(p); }

// The width a strip is stored with: only the vectors its columns touch.
template <class T>
int64_t strip_width(int64_t columns) {
  return round_up(std::min(columns, strip_columns<T>()), vector_lanes<T>());
}

// Elements all strips of a [k, n] matrix take.
template <class T>
int64_t packed_size(int64_t k, int64_t n) {
  return k * round_up(n, vector_lanes<T>());
}

// out[t][j] = b[t * row_step + j * column_step] for t < k, j < columns; zeros for columns <= j < width.
template <class T>
void pack_strip(const T* b, int64_t row_step, int64_t column_step, int64_t k, int64_t columns, int64_t width, T* out) {
  if (column_step == 1) {
    for (int64_t t = 0; t < k; ++t, b += row_step, out += width) {
      std::copy_n(b, columns, out);
      std::fill(out + columns, out + width, T{0});
    }
    return;
  }
  if (row_step == 1) {
    transpose_tile(b, column_step, out, width, k, columns);
  } else {
    for (int64_t t = 0; t < k; ++t)
      for (int64_t j = 0; j < columns; ++j) out[t * width + j] = b[t * row_step + j * column_step];
  }
  if (columns < width)
    for (int64_t t = 0; t < k; ++t) std::fill(out + t * width + columns, out + (t + 1) * width, T{0});
}

// The epilogue of a part of the result that starts `offset` elements and `column` columns further.
template <class T>
Epilogue<T> shifted(const Epilogue<T>& end, int64_t offset, int64_t column) {
  return {end.bias ? end.bias + column : nullptr, end.addend ? end.addend + offset : nullptr, end.relu};
}

// Uninitialised memory from the pool, until the end of the scope.
template <class T>
class Scratch {
 public:
  explicit Scratch(int64_t count) : storage_(StoragePtr::allocate(count * static_cast<int64_t>(sizeof(T)))) {}
  T* data() const { return static_cast<T*>(storage_.data()); }
  T& operator[](int64_t i) const { return data()[i]; }

 private:
  StoragePtr storage_;
};

// out[i] = sum of parts[p * n + i] over p, in the order of p.
template <class T>
void sum_parts(const T* parts, int64_t part_count, int64_t n, T* out);

// sums[c] = sum of x[r, c] over all rows.
template <class T>
void sum_rows(const T* x, int64_t rows, int64_t columns, T* sums);

}  // namespace fewer::kernels
