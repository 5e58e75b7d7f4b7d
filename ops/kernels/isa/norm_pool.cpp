// Batch norm, relu and max pooling in one pass, a strip of channels at a time.
//
// Forward, a window is read once and gives one vector of y and one of the winner: the x that became the largest. The
// winner stands for the place too: going back, the first element of the window that equals it won. So nothing else about
// the window is remembered, and the sums over g run over the winners, a fraction of x.
//
//        x  3 8     y = relu(map(8))      dx  .  *     * = scale g + constant + slope (8 - mean)
//           5 1     winner = 8                .  .     . =           constant + slope (x - mean)
#include "ops/kernels/isa/channel_strips.h"
#include "ops/kernels/isa/layer_table.h"
#include "ops/kernels/isa/windows.h"

namespace fewer::kernels::FEWER_ISA {
namespace {

template <bool kRelu>
void max_row(const Real* plane, int64_t out_row, Real* y, Real* winner, const NormMap& map, const PoolSizes& s) {
  for_strips(s.channels, [&](auto strip) {
    constexpr int K = vectors_of(decltype(strip){});
    const StripMap<K> m(strip, map);
    for (int64_t column = 0; column < s.out_width; ++column) {
      const Window w = window_at(s, out_row, column);
      V won[K], best[K], v[K];
      strip.load_all(plane + (w.top * s.width + w.left) * s.channels, won);
#pragma GCC unroll 4
      for (int k = 0; k < K; ++k) best[k] = m.apply(won[k], k);
      for_window(w, s.width, [&](int64_t at) {
        strip.load_all(plane + at * s.channels, v);
#pragma GCC unroll 4
        for (int k = 0; k < K; ++k) {
          const V mapped = m.apply(v[k], k);
          const auto wins = mapped > best[k];
          best[k] = wins ? mapped : best[k];
          won[k] = wins ? v[k] : won[k];
        }
      });
      if constexpr (kRelu)
        for (int k = 0; k < K; ++k) best[k] = relu_of(best[k]);
      strip.store_all(y + column * s.channels, best);
      if (winner) strip.store_all(winner + column * s.channels, won);
    }
  });
}

template <bool kRelu>
void input_gradient_row(const Real* plane, const Real* winner, const Real* g, int64_t out_row, const Real* constant,
                        const Real* slope, Real* dx, const NormMap& map, const PoolSizes& s) {
  for_strips(s.channels, [&](auto strip) {
    constexpr int K = vectors_of(decltype(strip){});
    const StripMap<K> m(strip, map);
    V c[K], b[K];
    strip.load_all(constant, c);
    strip.load_all(slope, b);
    for (int64_t column = 0; column < s.out_width; ++column) {
      const Cell cell = cell_at(s, out_row, column);
      V won[K], arriving[K], v[K];  // arriving: what the winner has still to receive
      strip.load_all(winner + column * s.channels, won);
      strip.load_all(g + column * s.channels, arriving);
#pragma GCC unroll 4
      for (int k = 0; k < K; ++k) {
        if constexpr (kRelu) arriving[k] = m.apply(won[k], k) > V{} ? arriving[k] : V{};
        arriving[k] *= m.scale[k];
      }
      for_window(cell, s.width, [&](int64_t at) {
        strip.load_all(plane + at * s.channels, v);
#pragma GCC unroll 4
        for (int k = 0; k < K; ++k) {
          const auto wins = v[k] == won[k];
          v[k] = (c[k] + b[k] * (v[k] - m.mean[k])) + (wins ? arriving[k] : V{});
          arriving[k] = wins ? V{} : arriving[k];
        }
        strip.store_all(dx + at * s.channels, v);
      });
      for_surroundings(cell, s.width, [&](int64_t at) {
        strip.load_all(plane + at * s.channels, v);
#pragma GCC unroll 4
        for (int k = 0; k < K; ++k) v[k] = c[k] + b[k] * (v[k] - m.mean[k]);
        strip.store_all(dx + at * s.channels, v);
      });
    }
  });
}

void max(const Real* plane, int64_t out_row, Real* y, Real* winner, const NormMap& map, const PoolSizes& s) {
  map.relu ? max_row<true>(plane, out_row, y, winner, map, s) : max_row<false>(plane, out_row, y, winner, map, s);
}
void input_gradient(const Real* plane, const Real* winner, const Real* g, int64_t out_row, const Real* constant,
                    const Real* slope, Real* dx, const NormMap& map, const PoolSizes& s) {
  map.relu ? input_gradient_row<true>(plane, winner, g, out_row, constant, slope, dx, map, s)
           : input_gradient_row<false>(plane, winner, g, out_row, constant, slope, dx, map, s);
}

}  // namespace

extern const NormPoolTable kNormPool;
const NormPoolTable kNormPool = {max, input_gradient};

}  // namespace fewer::kernels::FEWER_ISA
