// What a kernel file compiled for one instruction set offers to the rest of the program.
//
// This header is included by both sides, so it holds plain structs only. Kernels behind the table start no threads: the
// drivers in ops/kernels/*.cpp cut the work into chunks and call the table from each.
#pragma once

#include <cstdint>

#include "ops/kernels/epilogue.h"

namespace fewer::kernels {

// One stretch of the reduction: `run_length` steps starting at offset `a` of A and offset `b` of B.
struct Run {
  int64_t a, b;
};

// The product behind GEMM, convolution and Winograd: a strip of columns of C = A B, where A need not be a matrix
// in memory but only something with affine addresses:
//
//   C[r, j] (+)= sum over runs u, steps t:  a[a_rows[r] + u.a + t * a_step]  *  b[u.b + t * b_step + j]       then the epilogue
//
// A matrix is one run of length k with a_rows[r] = r * lda, a_step = 1; its transpose has a_rows[r] = r, a_step = lda. In a convolution
// rows are pixels, runs are rows of the filter; in its weight gradient rows are filter taps and runs are rows of pixels.
// Each C[r, j] is summed in the order of runs and steps, whatever its place in a tile, starting from the bias.
// REQUIRES: columns <= the strip width of the table; at every b address the whole vectors that cover `columns` may be read (lanes beyond are ignored).
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
  const int64_t* c_rows;  // [rows] offsets of the rows of C; only [c_row, c_row + columns) is touched
  int64_t columns;
  bool accumulate;
  Epilogue<T> end = {};  // bias [columns]; addend with the offsets of c_rows
};

// Depthwise convolution: C[r, c] = sum over taps u of a[a_rows[r] + taps[u] + c] * w[u * channels + c], for all channels c; then the
// epilogue.
template <class T>
struct DepthwiseProduct {
  const T* a;
  const int64_t* a_rows;
  int64_t rows;
  const int64_t* taps;
  int64_t tap_count;
  const T* w;
  T* c;
  const int64_t* c_rows;
  int64_t channels;
  Epilogue<T> end = {};  // bias [channels]; addend with the offsets of c_rows
};

// Its weight gradient: dw[u * channels + c] += sum over rows of a[a_rows[r] + taps[u] + c] * g[g_rows[r] + c].
template <class T>
struct DepthwiseWeight {
  const T* a;
  const int64_t* a_rows;
  int64_t rows;
  const int64_t* taps;
  int64_t tap_count;
  const T* g;
  const int64_t* g_rows;
  T* dw;
  int64_t channels;
};

// The transforms of Winograd's F(4x4, 3x3) on many tiles (ops/kernels/isa/winograd.cpp has the matrices), from pixels to planes or back.
// The pixels are an image: tile t starts at offsets[t], its pixel (y, x) lies y * row_step + x * pixel_step further. The planes are
// [36][tile][channel]: plane p of tile t starts at p * plane_step + t * tile_step.
struct WinogradTiles {
  const float* from;
  float* to;
  int64_t tiles, channels;
  const int64_t* offsets;  // [tiles]
  int64_t row_step, pixel_step;
  int64_t plane_step, tile_step;
  const uint8_t* heights;  // [tiles] rows and columns, 1 to 4, of a 4x4 tile that exist in the image
  const uint8_t* widths;
  Epilogue<float> end = {};  // of the output transform: bias [channels]; addend laid out as `to`
};

struct KernelTable {
  const char* name;                             // "avx512"
  int64_t tile_rows;                            // rows of C a tile holds in registers
  int64_t float_lanes, float_columns;           // elements of a vector; columns of a strip (whole vectors)
  int64_t double_lanes, double_columns;
  void (*strip_product_float)(const StripProduct<float>&);
  void (*strip_product_double)(const StripProduct<double>&);

  void (*depthwise_float)(const DepthwiseProduct<float>&);
  void (*depthwise_double)(const DepthwiseProduct<double>&);
  void (*depthwise_weight_float)(const DepthwiseWeight<float>&);
  void (*depthwise_weight_double)(const DepthwiseWeight<double>&);

  // to[i] += from[i] for i < n
  void (*add_float)(const float* from, float* to, int64_t n);
  void (*add_double)(const double* from, double* to, int64_t n);
  // sums[c] += sum over rows r of x[r * row_step + c], for c < columns
  void (*add_rows_float)(const float* x, int64_t row_step, int64_t rows, int64_t columns, float* sums);
  void (*add_rows_double)(const double* x, int64_t row_step, int64_t rows, int64_t columns, double* sums);

  // planes = B' d B of the 6x6 pixels d, which all exist. Whole vectors of channels are read and written.
  void (*winograd_input)(const WinogradTiles&);
  // pixels (4x4) = A' m A of the planes m, then the epilogue. Only existing pixels and channels are written; whole vectors of planes are read.
  void (*winograd_output)(const WinogradTiles&);
  // planes = A g A' of the 4x4 pixels g; pixels that do not exist count as 0. Only existing pixels and channels are read.
  void (*winograd_output_adjoint)(const WinogradTiles&);
  // planes[36][n] = G w G' of filters w[9][n], n a multiple of the lanes; plane steps plane_step, n.
  void (*winograd_filter)(const float* w, float* planes, int64_t n, int64_t plane_step);
  // w[9][n] = G' s G of planes s.
  void (*winograd_filter_adjoint)(const float* planes, float* w, int64_t n, int64_t plane_step);
};

}  // namespace fewer::kernels
