// Normalisation, a strip of channels at a time: what belongs to a channel (mean, scale, running sums) stays in
// registers while the strip walks down the rows, so each element costs one load and, where there is a result, one
// store.
#include "ops/kernels/isa/layer_table.h"
#include "ops/kernels/isa/vec.h"

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

void moments(const Real* x, const Real* origin, Real* sum, Real* squares, const NormSizes& s) {
  for_strips(s.channels, [&](auto strip) {
    constexpr int K = vectors_of(decltype(strip){});
    V o[K], total[K] = {}, square[K] = {}, v[K];
    strip.load_all(origin, o);
    for (int64_t r = 0; r < s.rows; ++r) {
      strip.load_all(x + r * s.channels, v);
#pragma GCC unroll 4
      for (int k = 0; k < K; ++k) {
        const V d = v[k] - o[k];
        total[k] += d;
        square[k] += d * d;
      }
    }
    strip.store_all(sum, total);
    strip.store_all(squares, square);
  });
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
};

template <bool kRelu>
void apply_map(const Real* x, Real* y, const NormMap& map, const NormSizes& s) {
  for_strips(s.channels, [&](auto strip) {
    constexpr int K = vectors_of(decltype(strip){});
    const StripMap<K> m(strip, map);
    V v[K];
    for (int64_t r = 0; r < s.rows; ++r) {
      strip.load_all(x + r * s.channels, v);
#pragma GCC unroll 4
      for (int k = 0; k < K; ++k) {
        v[k] = (v[k] - m.mean[k]) * m.scale[k] + m.shift[k];
        if constexpr (kRelu) v[k] = v[k] < V{} ? V{} : v[k];  // a NaN stays
      }
      strip.store_all(y + r * s.channels, v);
    }
  });
}

template <bool kRelu>
void sum_gradients(const Real* x, const Real* g, Real* sum_g, Real* sum_gx, const NormMap& map, const NormSizes& s) {
  for_strips(s.channels, [&](auto strip) {
    constexpr int K = vectors_of(decltype(strip){});
    const StripMap<K> m(strip, map);
    V total_g[K] = {}, total_gx[K] = {}, xv[K], gv[K];
    for (int64_t r = 0; r < s.rows; ++r) {
      strip.load_all(x + r * s.channels, xv);
      strip.load_all(g + r * s.channels, gv);
#pragma GCC unroll 4
      for (int k = 0; k < K; ++k) {
        const V centred = xv[k] - m.mean[k];
        const V open = kRelu ? (centred * m.scale[k] + m.shift[k] > V{} ? gv[k] : V{}) : gv[k];
        total_g[k] += open;
        total_gx[k] += open * centred;
      }
    }
    strip.store_all(sum_g, total_g);
    strip.store_all(sum_gx, total_gx);
  });
}

template <bool kRelu>
void input_gradient(const Real* x, const Real* g, const Real* constant, const Real* slope, Real* dx, const NormMap& map,
                    const NormSizes& s) {
  for_strips(s.channels, [&](auto strip) {
    constexpr int K = vectors_of(decltype(strip){});
    const StripMap<K> m(strip, map);
    V c[K], b[K], xv[K], gv[K];
    strip.load_all(constant, c);
    strip.load_all(slope, b);
    for (int64_t r = 0; r < s.rows; ++r) {
      strip.load_all(x + r * s.channels, xv);
      strip.load_all(g + r * s.channels, gv);
#pragma GCC unroll 4
      for (int k = 0; k < K; ++k) {
        const V centred = xv[k] - m.mean[k];
        const V open = kRelu ? (centred * m.scale[k] + m.shift[k] > V{} ? gv[k] : V{}) : gv[k];
        gv[k] = open * m.scale[k] + (c[k] + b[k] * centred);
      }
      strip.store_all(dx + r * s.channels, gv);
    }
  });
}

void apply(const Real* x, Real* y, const NormMap& map, const NormSizes& s) {
  map.relu ? apply_map<true>(x, y, map, s) : apply_map<false>(x, y, map, s);
}
void gradient_sums(const Real* x, const Real* g, Real* sum_g, Real* sum_gx, const NormMap& map, const NormSizes& s) {
  map.relu ? sum_gradients<true>(x, g, sum_g, sum_gx, map, s) : sum_gradients<false>(x, g, sum_g, sum_gx, map, s);
}
void gradient_input(const Real* x, const Real* g, const Real* constant, const Real* slope, Real* dx, const NormMap& map,
                    const NormSizes& s) {
  map.relu ? input_gradient<true>(x, g, constant, slope, dx, map, s)
           : input_gradient<false>(x, g, constant, slope, dx, map, s);
}

}  // namespace

extern const NormTable kNorm;
const NormTable kNorm = {moments, apply, gradient_sums, gradient_input};

}  // namespace fewer::kernels::FEWER_ISA
