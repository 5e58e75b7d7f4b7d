// The transforms of Winograd's minimal filtering F(4x4, 3x3), vectors of channels at a time.
//
// A tile of 4x4 outputs of a 3x3 filter is a product of polynomials evaluated at the points 0, 1, -1, 2, -2 and infinity:
//
//   Y = A' [ (G w G') * (B' d B) ] A           d 6x6 inputs, w 3x3 filter, * elementwise on 6x6
//
//        | 4  0 -5  0  1  0 |        |  1/4    0    0  |
//        | 0 -4 -4  1  1  0 |        | -1/6 -1/6  -1/6 |         | 1  1  1  1  1  0 |
//   B' = | 0  4 -4 -1  1  0 |    G = | -1/6  1/6  -1/6 |    A' = | 0  1 -1  2 -2  0 |
//        | 0 -2 -1  2  1  0 |        | 1/24  1/12  1/6 |         | 0  1  1  4  4  0 |
//        | 0  2 -1 -2  1  0 |        | 1/24 -1/12  1/6 |         | 0  1 -1  8 -8  1 |
//        | 0  4  0 -5  0  1 |        |   0     0    1  |
//
// 36 products instead of 144. Between the transforms the elementwise products are summed over input channels: 36 matrix products
// [tiles, I] x [I, O]. The weight gradient is the same formula read the other way: dw = G' [ (B' d B) * (A g A') ] G, summed over tiles.
//
// Lavin, Gray: Fast Algorithms for Convolutional Neural Networks (2016).
//
// Cost per tile: some 200 cycles per vector of input channels and 110 per vector of output channels, where the products take 36 I cycles per
// vector of output channels and a direct sum 144 I. With 16 channels in and out the gain is 2.5, with 64 it is 3.5.
#include "ops/kernels/isa/kernels.h"
#include "ops/kernels/isa/vec.h"

namespace fewer::kernels::FEWER_ISA {
namespace {

using V = Vec<float>;
constexpr int64_t kL = kLanes<float>;

struct InputTransform {  // B'
  static constexpr int kIn = 6, kOut = 6;
  static inline __attribute__((always_inline)) void apply(const V* d, V* t) {
    const V even1 = d[4] - 4.0f * d[2], odd1 = d[3] - 4.0f * d[1];
    const V even2 = d[4] - d[2], odd2 = 2.0f * (d[3] - d[1]);
    t[0] = 4.0f * d[0] - 5.0f * d[2] + d[4];
    t[1] = even1 + odd1;
    t[2] = even1 - odd1;
    t[3] = even2 + odd2;
    t[4] = even2 - odd2;
    t[5] = 4.0f * d[1] - 5.0f * d[3] + d[5];
  }
};

struct OutputTransform {  // A'
  static constexpr int kIn = 6, kOut = 4;
  static inline __attribute__((always_inline)) void apply(const V* m, V* y) {
    const V even1 = m[1] + m[2], odd1 = m[1] - m[2], even2 = m[3] + m[4], odd2 = m[3] - m[4];
    y[0] = m[0] + even1 + even2;
    y[1] = odd1 + 2.0f * odd2;
    y[2] = even1 + 4.0f * even2;
    y[3] = odd1 + 8.0f * odd2 + m[5];
  }
};

struct OutputAdjoint {  // A
  static constexpr int kIn = 4, kOut = 6;
  static inline __attribute__((always_inline)) void apply(const V* g, V* t) {
    const V even1 = g[0] + g[2], odd1 = g[1] + g[3], even2 = g[0] + 4.0f * g[2], odd2 = 2.0f * g[1] + 8.0f * g[3];
    t[0] = g[0];
    t[1] = even1 + odd1;
    t[2] = even1 - odd1;
    t[3] = even2 + odd2;
    t[4] = even2 - odd2;
    t[5] = g[3];
  }
};

struct FilterTransform {  // G
  static constexpr int kIn = 3, kOut = 6;
  static inline __attribute__((always_inline)) void apply(const V* w, V* t) {
    const V even1 = (w[0] + w[2]) * (-1.0f / 6), odd1 = w[1] * (1.0f / 6);
    const V even2 = w[0] * (1.0f / 24) + w[2] * (1.0f / 6), odd2 = w[1] * (1.0f / 12);
    t[0] = w[0] * 0.25f;
    t[1] = even1 - odd1;
    t[2] = even1 + odd1;
    t[3] = even2 + odd2;
    t[4] = even2 - odd2;
    t[5] = w[2];
  }
};

struct FilterAdjoint {  // G'
  static constexpr int kIn = 6, kOut = 3;
  static inline __attribute__((always_inline)) void apply(const V* s, V* w) {
    const V even1 = (s[1] + s[2]) * (1.0f / 6), odd1 = (s[2] - s[1]) * (1.0f / 6), even2 = s[3] + s[4], odd2 = s[3] - s[4];
    w[0] = s[0] * 0.25f - even1 + even2 * (1.0f / 24);
    w[1] = odd1 + odd2 * (1.0f / 12);
    w[2] = even2 * (1.0f / 6) - even1 + s[5];
  }
};

// Transform from both sides: columns first, then rows. read(y, x) gives an input, write(y, x, v) takes an output.
template <class Transform, class Read, class Write>
inline __attribute__((always_inline)) void both_sides(Read read, Write write) {
  constexpr int kIn = Transform::kIn, kOut = Transform::kOut;
  V half[kOut][kIn];
#pragma GCC unroll 6
  for (int x = 0; x < kIn; ++x) {
    V in[kIn], out[kOut];
#pragma GCC unroll 6
    for (int y = 0; y < kIn; ++y) in[y] = read(y, x);
    Transform::apply(in, out);
#pragma GCC unroll 6
    for (int y = 0; y < kOut; ++y) half[y][x] = out[y];
  }
#pragma GCC unroll 6
  for (int y = 0; y < kOut; ++y) {
    V out[kOut];
    Transform::apply(half[y], out);
#pragma GCC unroll 6
    for (int x = 0; x < kOut; ++x) write(y, x, out[x]);
  }
}

// The filter transforms run over n independent filters that lie side by side.
template <class Transform>
void filters(const float* from, int64_t from_step, float* to, int64_t to_step, int64_t n) {
  for (int64_t i = 0; i < n; i += kL)
    both_sides<Transform>([&](int y, int x) { return load(from + (y * Transform::kIn + x) * from_step + i); },
                          [&](int y, int x, V v) { store(to + (y * Transform::kOut + x) * to_step + i, v); });
}

inline V load_lanes(const float* p, int64_t lanes) { return lanes == kL ? load(p) : load_first(p, lanes); }

// The output transform and its epilogue.
template <bool kAddend, bool kRelu>
void output(const WinogradTiles& t) {
  for (int64_t tile = 0; tile < t.tiles; ++tile) {
    const float* planes = t.from + tile * t.tile_step;
    const int height = t.heights[tile], width = t.widths[tile];
    for (int64_t c = 0; c < t.channels; c += kL) {
      const int64_t lanes = t.channels - c < kL ? t.channels - c : kL;
      const V bias = t.end.bias ? load_lanes(t.end.bias + c, lanes) : V{};
      both_sides<OutputTransform>([&](int y, int x) { return load(planes + (y * 6 + x) * t.plane_step + c); },
                                  [&](int y, int x, V v) {
                                    if (y >= height || x >= width) return;
                                    const int64_t at = t.offsets[tile] + y * t.row_step + x * t.pixel_step + c;
                                    v += bias;
                                    if constexpr (kAddend) v += load_lanes(t.end.addend + at, lanes);
                                    if constexpr (kRelu) v = rectified(v);
                                    lanes == kL ? store(t.to + at, v) : store_first(t.to + at, v, lanes);
                                  });
    }
  }
}

}  // namespace

void winograd_input(const WinogradTiles& t) {
  for (int64_t tile = 0; tile < t.tiles; ++tile) {
    const float* pixels = t.from + t.offsets[tile];
    float* planes = t.to + tile * t.tile_step;
    for (int64_t c = 0; c < t.channels; c += kL)
      both_sides<InputTransform>([&](int y, int x) { return load(pixels + y * t.row_step + x * t.pixel_step + c); },
                                 [&](int y, int x, V v) { store(planes + (y * 6 + x) * t.plane_step + c, v); });
  }
}

void winograd_output(const WinogradTiles& t) {
  if (t.end.addend)
    t.end.relu ? output<true, true>(t) : output<true, false>(t);
  else
    t.end.relu ? output<false, true>(t) : output<false, false>(t);
}

void winograd_output_adjoint(const WinogradTiles& t) {
  for (int64_t tile = 0; tile < t.tiles; ++tile) {
    const float* pixels = t.from + t.offsets[tile];
    float* planes = t.to + tile * t.tile_step;
    const int height = t.heights[tile], width = t.widths[tile];
    for (int64_t c = 0; c < t.channels; c += kL) {
      const int64_t lanes = t.channels - c < kL ? t.channels - c : kL;
      both_sides<OutputAdjoint>(
          [&](int y, int x) {
            if (y >= height || x >= width) return V{};
            const float* from = pixels + y * t.row_step + x * t.pixel_step + c;
            return lanes == kL ? load(from) : load_first(from, lanes);
          },
          [&](int y, int x, V v) { store(planes + (y * 6 + x) * t.plane_step + c, v); });
    }
  }
}

void winograd_filter(const float* w, float* planes, int64_t n, int64_t plane_step) {
  filters<FilterTransform>(w, n, planes, plane_step, n);
}
void winograd_filter_adjoint(const float* planes, float* w, int64_t n, int64_t plane_step) {
  filters<FilterAdjoint>(planes, plane_step, w, n, n);
}

}  // namespace fewer::kernels::FEWER_ISA
