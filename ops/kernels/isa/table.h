// What a kernel file compiled for one instruction set offers to the rest of the program.
//
// This header is included by both sides, so it holds plain structs only. Kernels behind the table start no threads: the
// drivers in ops/kernels/*.cpp cut the work into chunks and call the table from each.
#pragma once

#include <cstdint>

namespace fewer::kernels {

// One stretch of the reduction: `run_length` steps starting at offset `a` of A and offset `b` of B.
struct Run {
  int64_t a, b;
};

// The product behind GEMM, convolution and Winograd: a few columns (at most tile_columns) of C = A B, where A need not be a matrix
// in memory but only something with affine addresses:
//
//   C[r, j] (+)= sum over runs u, steps t:  a[a_rows[r] + u.a + t * a_step]  *  b[u.b + t * b_step + j]
//
// A matrix is one run of length k with a_rows[r] = r * lda, a_step = 1; its transpose has a_rows[r] = r, a_step = lda. In a convolution
// rows are pixels, runs are rows of the filter; in its weight gradient rows are filter taps and runs are rows of pixels.
// Each C[r, j] is summed in the order of runs and steps, whatever its place in a tile.
// REQUIRES: from every b address on, tile_columns<= the whole vectors covering `columns` may be read (B is padded with anything).
template <class T>
struct StripProduct {
  const T* a;
  const int64_t* a_rows;  // [rows] offsets
  int64_t rows;
  const T* b;
  const Run* runs;  // [run_count]
  int64_t run_count, run_length;
  int64_t a_step, b_step;
  T* c;
  const int64_t* c_rows;  // [rows] offsets of the rows of C; never read or written outside [c_row, c_row + columns)
  int64_t columns;
  bool accumulate;
};

struct KernelTable {
  const char* name;                             // "avx512"
  int64_t tile_rows;                            // rows of C a tile holds in registers
  int64_t float_lanes, float_columns;           // elements of a vector; columns of a strip (whole vectors)
  int64_t double_lanes, double_columns;
  void (*strip_product_float)(const StripProduct<float>&);
  void (*strip_product_double)(const StripProduct<double>&);
};

}  // namespace fewer::kernels
