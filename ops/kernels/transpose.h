// Transposing tiles of a matrix: four rows of four numbers at a time, in registers.
#pragma once

#include <cstdint>
#include <cstring>

namespace fewer::kernels {

// out[r, c] = in[c, r] for 4x4 elements; in_row and out_row are the distances between stored rows.
template <class T>
inline void transpose_quads(const T* in, int64_t in_row, T* out, int64_t out_row) {
  typedef T Quad __attribute__((vector_size(4 * sizeof(T))));
  using Order = decltype(Quad{} < Quad{});
  Quad a[4];
  for (int i = 0; i < 4; ++i) std::memcpy(&a[i], in + i * in_row, sizeof(Quad));
  constexpr Order low = {0, 4, 1, 5}, high = {2, 6, 3, 7}, front = {0, 1, 4, 5}, back = {2, 3, 6, 7};
  const Quad low01 = __builtin_shuffle(a[0], a[1], low), low23 = __builtin_shuffle(a[2], a[3], low);
  const Quad high01 = __builtin_shuffle(a[0], a[1], high), high23 = __builtin_shuffle(a[2], a[3], high);
  a[0] = __builtin_shuffle(low01, low23, front);
  a[1] = __builtin_shuffle(low01, low23, back);
  a[2] = __builtin_shuffle(high01, high23, front);
  a[3] = __builtin_shuffle(high01, high23, back);
  for (int i = 0; i < 4; ++i) std::memcpy(out + i * out_row, &a[i], sizeof(Quad));
}

// out[r, c] = in[c, r] for rows x columns elements of the output.
template <class T>
void transpose_tile(const T* in, int64_t in_row, T* out, int64_t out_row, int64_t rows, int64_t columns) {
  const int64_t whole_rows = rows / 4 * 4, whole_columns = columns / 4 * 4;
  for (int64_t r = 0; r < whole_rows; r += 4)
    for (int64_t c = 0; c < whole_columns; c += 4)
      transpose_quads(in + c * in_row + r, in_row, out + r * out_row + c, out_row);
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t c = r < whole_rows ? whole_columns : 0; c < columns; ++c) out[r * out_row + c] = in[c * in_row + r];
}

}  // namespace fewer::kernels
