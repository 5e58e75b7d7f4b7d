// Normalisation, a strip of channels at a time (channel_strips.h): a strip walks down the rows of a block.
#include "ops/kernels/isa/channel_strips.h"
#include "ops/kernels/isa/layer_table.h"

namespace fewer::kernels::FEWER_ISA {
namespace {

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
        v[k] = m.apply(v[k], k);
        if constexpr (kRelu) v[k] = relu_of(v[k]);
      }
      strip.store_all(y + r * s.channels, v);
    }
  });
}

template <bool kRelu>
void add_map(const Real* x, const Real* r, Real* y, const NormMap& map, const NormSizes& s) {
  for_strips(s.channels, [&](auto strip) {
    constexpr int K = vectors_of(decltype(strip){});
    const StripMap<K> m(strip, map);
    V v[K], added[K];
    for (int64_t row = 0; row < s.rows; ++row) {
      strip.load_all(x + row * s.channels, v);
      strip.load_all(r + row * s.channels, added);
#pragma GCC unroll 4
      for (int k = 0; k < K; ++k) {
        v[k] = m.apply(v[k], k) + added[k];
        if constexpr (kRelu) v[k] = relu_of(v[k]);
      }
      strip.store_all(y + row * s.channels, v);
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

void open_gradient_sums(const Real* x, const Real* g, const Real* y, Real* open, Real* sum_g, Real* sum_gx,
                        const NormMap& map, const NormSizes& s) {
  for_strips(s.channels, [&](auto strip) {
    constexpr int K = vectors_of(decltype(strip){});
    V mean[K], total_g[K] = {}, total_gx[K] = {}, xv[K], gv[K], yv[K];
    strip.load_all(map.mean, mean);
    for (int64_t r = 0; r < s.rows; ++r) {
      strip.load_all(x + r * s.channels, xv);
      strip.load_all(g + r * s.channels, gv);
      strip.load_all(y + r * s.channels, yv);
#pragma GCC unroll 4
      for (int k = 0; k < K; ++k) {
        gv[k] = yv[k] > V{} ? gv[k] : V{};
        total_g[k] += gv[k];
        total_gx[k] += gv[k] * (xv[k] - mean[k]);
      }
      strip.store_all(open + r * s.channels, gv);
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
void apply_add(const Real* x, const Real* r, Real* y, const NormMap& map, bool relu, const NormSizes& s) {
  relu ? add_map<true>(x, r, y, map, s) : add_map<false>(x, r, y, map, s);
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
const NormTable kNorm = {moments, apply, apply_add, gradient_sums, open_gradient_sums, gradient_input};

}  // namespace fewer::kernels::FEWER_ISA
