// Channels in strips of vectors: what belongs to a channel (mean, scale, running sums) stays in registers while the strip
// walks over the pixels, so each element costs one load and, where there is a result, one store.
#pragma once

#include "ops/kernels/isa/vec.h"
#include "ops/kernels/norm.h"

namespace fewer::kernels::FEWER_ISA {
namespace {

using V = Vec<Real>;
constexpr int64_t kL = kLanes<Real>;

// Vectors per strip. Four of them, with up to five values per channel, need AVX-512's 32 registers.
#if defined(__AVX512F__)
constexpr int kWide = 4;
#else
constexpr int kWide = 2;
#endif

inline V load_lanes(const Real* p, int64_t lanes) { return lanes == kL ? load(p) : load_first(p, lanes); }
inline void store_lanes(Real* p, V v, int64_t lanes) { lanes == kL ? store(p, v) : store_first(p, v, lanes); }

// K vectors of channels from channel c on; the last of them has `lanes` lanes (only a strip of one may have fewer than
// all).
template <int K>
struct Strip {
  int64_t c, lanes;
  void load_all(const Real* p, V* v) const {
#pragma GCC unroll 4
    for (int k = 0; k < K; ++k) v[k] = K == 1 ? load_lanes(p + c, lanes) : load(p + c + k * kL);
  }
  void store_all(Real* p, const V* v) const {
#pragma GCC unroll 4
    for (int k = 0; k < K; ++k) K == 1 ? store_lanes(p + c, v[k], lanes) : store(p + c + k * kL, v[k]);
  }
};

// body(strip) over all channels: wide strips, then single vectors, the last one perhaps partial.
template <class Body>
inline void for_strips(int64_t channels, Body body) {
  int64_t c = 0;
  for (; c + kWide * kL <= channels; c += kWide * kL) body(Strip<kWide>{c, kL});
  for (; c + kL <= channels; c += kL) body(Strip<1>{c, kL});
  if (c < channels) body(Strip<1>{c, channels - c});
}
template <int K>
constexpr int vectors_of(Strip<K>) {
  return K;
}

// The factors of a strip.
template <int K>
struct StripMap {
  V mean[K], scale[K], shift[K];
  StripMap(const Strip<K>& strip, const NormMap& map) {
    strip.load_all(map.mean, mean);
    strip.load_all(map.scale, scale);
    strip.load_all(map.shift, shift);
  }
  V apply(V x, int k) const { return (x - mean[k]) * scale[k] + shift[k]; }
};

inline V relu_of(V v) { return v < V{} ? V{} : v; }  // a NaN stays

}  // namespace
}  // namespace fewer::kernels::FEWER_ISA
