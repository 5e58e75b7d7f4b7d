// Depthwise convolution: every channel has a filter of its own, so channels are the vector axis and nothing is shared between them.
//
//   C[r, c] = sum over taps u of  a[a_rows[r] + taps[u] + c] * w[u, c]        a pixel is a row r
//
//             w[u]  |c0 ... c15|          one load of w serves 4 pixels; the 4 accumulators hide the latency
//   pixel 0   a[u]  |c0 ... c15|  -> acc0
//   pixel 1   a[u]  |c0 ... c15|  -> acc1
//     ...
//
// Arithmetic intensity: 2 FLOP per number loaded from the first-level cache, so loads (1 to 2 vectors per cycle) bound it at about half
// the peak inside the cache, and memory (18 FLOP per 8 bytes for 3x3) outside.
#include "ops/kernels/isa/kernels.h"
#include "ops/kernels/isa/vec.h"

namespace fewer::kernels::FEWER_ISA {
namespace {

// `lanes` of a vector of channels; whole vectors take the fast way.
template <class T, bool kWhole>
inline __attribute__((always_inline)) Vec<T> load_lanes(const T* p, int64_t lanes) {
  return kWhole ? load(p) : load_first(p, lanes);
}

// R pixels from `row` on, one vector of channels from `c` on.
template <class T, int R, bool kWhole>
inline void pixels(const DepthwiseProduct<T>& p, int64_t row, int64_t c, int64_t lanes) {
  Vec<T> acc[R];
  const Vec<T> bias = p.end.bias ? load_lanes<T, kWhole>(p.end.bias + c, lanes) : Vec<T>{};
  const T* a[R];
#pragma GCC unroll 4
  for (int r = 0; r < R; ++r) {
    acc[r] = bias;
    a[r] = p.a + p.a_rows[row + r] + c;
  }
  for (int64_t u = 0; u < p.tap_count; ++u) {
    const Vec<T> w = load_lanes<T, kWhole>(p.w + u * p.channels + c, lanes);
#pragma GCC unroll 4
    for (int r = 0; r < R; ++r) acc[r] += load_lanes<T, kWhole>(a[r] + p.taps[u], lanes) * w;
  }
#pragma GCC unroll 4
  for (int r = 0; r < R; ++r) {
    const int64_t at = p.c_rows[row + r] + c;
    if (p.end.addend) acc[r] += load_lanes<T, kWhole>(p.end.addend + at, lanes);
    if (p.end.relu) acc[r] = rectified(acc[r]);
    T* out = p.c + at;
    kWhole ? store(out, acc[r]) : store_first(out, acc[r], lanes);
  }
}

template <class T, bool kWhole>
void forward(const DepthwiseProduct<T>& p, int64_t c, int64_t lanes) {
  int64_t row = 0;
  for (; row + 4 <= p.rows; row += 4) pixels<T, 4, kWhole>(p, row, c, lanes);
  for (; row < p.rows; ++row) pixels<T, 1, kWhole>(p, row, c, lanes);
}

// U taps from `tap` on: dw[u, c] += sum over pixels of a * g.
template <class T, int U, bool kWhole>
void taps(const DepthwiseWeight<T>& p, int64_t tap, int64_t c, int64_t lanes) {
  Vec<T> acc[U] = {};
  for (int64_t r = 0; r < p.rows; ++r) {
    const Vec<T> g = load_lanes<T, kWhole>(p.g + p.g_rows[r] + c, lanes);
    const T* a = p.a + p.a_rows[r] + c;
#pragma GCC unroll 4
    for (int u = 0; u < U; ++u) acc[u] += load_lanes<T, kWhole>(a + p.taps[tap + u], lanes) * g;
  }
#pragma GCC unroll 4
  for (int u = 0; u < U; ++u) {
    T* out = p.dw + (tap + u) * p.channels + c;
    const Vec<T> sum = load_lanes<T, kWhole>(out, lanes) + acc[u];
    kWhole ? store(out, sum) : store_first(out, sum, lanes);
  }
}

template <class T, bool kWhole>
void weight(const DepthwiseWeight<T>& p, int64_t c, int64_t lanes) {
  int64_t tap = 0;
  for (; tap + 4 <= p.tap_count; tap += 4) taps<T, 4, kWhole>(p, tap, c, lanes);
  for (; tap < p.tap_count; ++tap) taps<T, 1, kWhole>(p, tap, c, lanes);
}

template <class T>
void all_channels(const DepthwiseProduct<T>& p) {
  int64_t c = 0;
  for (; c + kLanes<T> <= p.channels; c += kLanes<T>) forward<T, true>(p, c, kLanes<T>);
  if (c < p.channels) forward<T, false>(p, c, p.channels - c);
}

template <class T>
void all_channels(const DepthwiseWeight<T>& p) {
  int64_t c = 0;
  for (; c + kLanes<T> <= p.channels; c += kLanes<T>) weight<T, true>(p, c, kLanes<T>);
  if (c < p.channels) weight<T, false>(p, c, p.channels - c);
}

}  // namespace

void depthwise(const DepthwiseProduct<float>& p) { all_channels(p); }
void depthwise(const DepthwiseProduct<double>& p) { all_channels(p); }
void depthwise_weight(const DepthwiseWeight<float>& p) { all_channels(p); }
void depthwise_weight(const DepthwiseWeight<double>& p) { all_channels(p); }

}  // namespace fewer::kernels::FEWER_ISA
