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

// Where a tile lies in an image: its first pixel (row 0, column 0), and the rows [top, bottom) and columns [left, right) of the
// tile that the image has. Only those are touched; reading others gives zeros.
struct WinogradPlace {
  int64_t pixel;  // offset from `from` or `to`; may be outside them
  uint8_t top, bottom, left, right;
};

// A transform of Winograd's F(height x width, 3x3) on many tiles (ops/kernels/isa/winograd.cpp), from pixels to planes or back. Pixel (y, x) of a
// tile lies y * row_step + x * pixel_step after its first. The planes are [height + 2][width + 2][tile][channel]: plane p of tile t starts
// at p * plane_step + t * tile_step.
struct WinogradTiles {
  int64_t height, width;  // outputs of a tile, 1 to 6 each
  const float* from;
  float* to;
  int64_t tiles, channels;
  const WinogradPlace* places;  // [tiles]
  int64_t row_step, pixel_step;
  int64_t plane_step, tile_step;
  const float* zeros = nullptr;  // 8 * pixel_step + channels zeros, where pixels are read
  Epilogue<float> end = {};      // of the output transform: bias [channels]; addend laid out as `to`
};

// `count` filters that lie side by side, [3][3][count], and their planes for F(height x width, 3x3), [height + 2][width + 2], plane_step apart.
struct WinogradFilters {
  int64_t height, width;
  const float* from;
  float* to;
  int64_t count;  // a multiple of the lanes
  int64_t plane_step;
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

  // planes = B' d B of the (height + 2) x (width + 2) pixels d. Whole vectors of planes are written.
  void (*winograd_input)(const WinogradTiles&);
  // pixels = A' m A of the planes m, then the epilogue. Whole vectors of planes are read. REQUIRES: all pixels of a tile exist
  void (*winograd_output)(const WinogradTiles&);
  // planes = A g A' of the height x width pixels g. Whole vectors of planes are written.
  void (*winograd_output_adjoint)(const WinogradTiles&);
  // planes = G w G' of filters w.
  void (*winograd_filter)(const WinogradFilters&);
  // w = G' s G of planes s.
  void (*winograd_filter_adjoint)(const WinogradFilters&);
};

}  // namespace fewer::kernels
