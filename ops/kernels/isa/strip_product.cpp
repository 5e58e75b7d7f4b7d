// The microkernel: one register tile that is GEMM, direct convolution, its weight gradient and the products of Winograd.
//
//                    b: tile_columns wide, streamed
//                    +-----+-----+
//   step t           | b0  | b1  |     2 vector loads
//                    +-----+-----+
//        a row 0  x  |acc00|acc01|     one scalar of each row, broadcast, meets both vectors:
//        a row 1  x  |acc10|acc11|     8 rows x 2 vectors = 16 fused multiply-adds on 16 accumulators that stay in
//          ...       | ... | ... |     registers through the whole reduction
//        a row 7  x  |acc70|acc71|
//                    +-----+-----+
//
// Why this shape: a fused multiply-add takes 4 cycles and one (AVX-512) or two (AVX2) start per cycle, so 8 independent accumulators
// hide the latency; the others only save loads. Per step the tile reads 2 vectors of B and R scalars of A for 2 R vector products:
// with R = 8 and 16 lanes 512 FLOP for 160 bytes, 3.2 FLOP per byte, all of them from the first-level cache, which can deliver three times that.
// From the second level only B and one pass over A must come.
//
// Rows of A are eight independent addresses. That costs registers, not time, and is what makes one kernel enough: a row may be a
// matrix row, a pixel anywhere in a batch of images, or a tap of a filter.
#include "ops/kernels/isa/kernels.h"
#include "ops/kernels/isa/vec.h"

namespace fewer::kernels::FEWER_ISA {
namespace {

template <class T, int R, int V>
inline __attribute__((always_inline)) void store_rows(const Vec<T> (&acc)[R][V], T* const (&c)[R]) {
#pragma GCC unroll 8
  for (int r = 0; r < R; ++r)
#pragma GCC unroll 4
    for (int v = 0; v < V; ++v) store(c[r] + v * kLanes<T>, acc[r][v]);
}

// The same when the last vector has only `last` columns.
template <class T, int R, int V>
inline __attribute__((always_inline)) void store_rows_cut(const Vec<T> (&acc)[R][V], T* const (&c)[R], int64_t last) {
#pragma GCC unroll 8
  for (int r = 0; r < R; ++r) {
#pragma GCC unroll 4
    for (int v = 0; v + 1 < V; ++v) store(c[r] + v * kLanes<T>, acc[r][v]);
    store_first(c[r] + (V - 1) * kLanes<T>, acc[r][V - 1], last);
  }
}

template <class T, int R, int V>
inline __attribute__((always_inline)) void add_to_sums(Vec<T> (&acc)[R][V], const T* const (&c)[R], int64_t last) {
#pragma GCC unroll 8
  for (int r = 0; r < R; ++r) {
#pragma GCC unroll 4
    for (int v = 0; v + 1 < V; ++v) acc[r][v] += load(c[r] + v * kLanes<T>);
    const T* end = c[r] + (V - 1) * kLanes<T>;
    acc[r][V - 1] += last == kLanes<T> ? load(end) : load_first(end, last);
  }
}

template <class T, int R, int V>
inline __attribute__((always_inline)) void finish(const StripProduct<T>& p, int64_t row, Vec<T> (&acc)[R][V], int64_t last) {
  if (p.end.addend) {
    const T* addend[R];
#pragma GCC unroll 8
    for (int r = 0; r < R; ++r) addend[r] = p.end.addend + p.c_rows[row + r];
    add_to_sums<T, R, V>(acc, addend, last);
  }
  if (!p.end.relu) return;
#pragma GCC unroll 8
  for (int r = 0; r < R; ++r)
#pragma GCC unroll 4
    for (int v = 0; v < V; ++v) acc[r][v] = rectified(acc[r][v]);
}

// What the sums of every row start from.
template <class T, int R, int V>
inline __attribute__((always_inline)) void start_from(const T* bias, Vec<T> (&acc)[R][V], int64_t last) {
#pragma GCC unroll 4
  for (int v = 0; v < V; ++v) {
    const Vec<T> b = v + 1 < V || last == kLanes<T> ? load(bias + v * kLanes<T>) : load_first(bias + v * kLanes<T>, last);
#pragma GCC unroll 8
    for (int r = 0; r < R; ++r) acc[r][v] = b;
  }
}

// R rows x V vectors of C, starting at `row`. The last vector writes `last` lanes.
template <class T, int R, int V>
void tile(const StripProduct<T>& p, int64_t row, int64_t last) {
  Vec<T> acc[R][V] = {};
  if (p.end.bias) start_from<T, R, V>(p.end.bias, acc, last);
  for (int64_t u = 0; u < p.run_count; ++u) {
    const T* a[R];
#pragma GCC unroll 8
    for (int r = 0; r < R; ++r) a[r] = p.a + p.a_rows[row + r] + p.runs[u].a;
    const T* b = p.b + p.runs[u].b;
    for (int64_t t = 0, at = 0; t < p.run_length; ++t, at += p.a_step, b += p.b_step) {
      Vec<T> bv[V];
#pragma GCC unroll 4
      for (int v = 0; v < V; ++v) bv[v] = load(b + v * kLanes<T>);
#pragma GCC unroll 8
      for (int r = 0; r < R; ++r) {
        const Vec<T> av = splat(a[r][at]);
#pragma GCC unroll 4
        for (int v = 0; v < V; ++v) acc[r][v] += av * bv[v];
      }
    }
  }
  T* c[R];
#pragma GCC unroll 8
  for (int r = 0; r < R; ++r) c[r] = p.c + p.c_rows[row + r];
  if (p.accumulate) add_to_sums<T, R, V>(acc, c, last);
  if (p.end.addend || p.end.relu) finish<T, R, V>(p, row, acc, last);
  if (last == kLanes<T>)
    store_rows<T, R, V>(acc, c);
  else
    store_rows_cut<T, R, V>(acc, c, last);
}

// All rows with V vectors: whole tiles, then one smaller tile for the rows left.
template <class T, int V>
void all_rows(const StripProduct<T>& p) {
  const int64_t last = p.columns - (V - 1) * kLanes<T>;
  int64_t row = 0;
  for (; row + kTileRows <= p.rows; row += kTileRows) tile<T, kTileRows, V>(p, row, last);
  switch (p.rows - row) {
#if defined(__AVX512F__) || defined(__aarch64__)
    case 7: return tile<T, 7, V>(p, row, last);
    case 6: return tile<T, 6, V>(p, row, last);
#endif
#if defined(__AVX2__) || defined(__aarch64__)
    case 5: return tile<T, 5, V>(p, row, last);
    case 4: return tile<T, 4, V>(p, row, last);
#endif
    case 3: return tile<T, 3, V>(p, row, last);
    case 2: return tile<T, 2, V>(p, row, last);
    case 1: return tile<T, 1, V>(p, row, last);
  }
}

template <class T>
void product(const StripProduct<T>& p) {
  switch ((p.columns + kLanes<T> - 1) / kLanes<T>) {
    case 1: return all_rows<T, 1>(p);
    case 2: return all_rows<T, 2>(p);
    case 3:
      if constexpr (kTileVectors >= 3) return all_rows<T, 3>(p);
  }
}

}  // namespace

void strip_product(const StripProduct<float>& p) { product(p); }
void strip_product(const StripProduct<double>& p) { product(p); }

}  // namespace fewer::kernels::FEWER_ISA
