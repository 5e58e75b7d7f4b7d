// Winograd's transforms in two dimensions, tile by tile, vectors of channels at a time.
//
// Every one of them is a matrix from both sides, L d R': the columns are transformed into a buffer of at most 8x8 vectors, then its rows.
//
//     pixels or planes            first-level cache            planes or pixels
//   +---+---+---+---+            +---+---+---+---+            +---+---+---+---+
//   | | |   |   |   |  columns   | L d           |   rows     | L d R'        |
//   | v |   |   |   |  ------->  |               |  ------->  | ------------> |
//   +---+---+---+---+            +---+---+---+---+            +---+---+---+---+
//
// The five transforms differ in the matrix alone (isa/winograd_sides.h): the input's B', the output's A' and its adjoint A, the filter's G
// and its adjoint G'. Tiles may be of any height and width from 1 to 6 outputs, so an image is covered without a rest; what a tile reads beyond
// the image counts as zero.
//
// Cost: for 6x6 outputs of a 3x3 filter some 400 cycles per vector of input channels and 300 per vector of output channels, where the products take
// 64 I cycles per vector of output channels and a direct sum 324 I.
#include "ops/kernels/isa/kernels.h"
#include "ops/kernels/isa/winograd_sides.h"

namespace fewer::kernels::FEWER_ISA {
namespace {

constexpr int64_t kL = kLanes<float>;

// One vector of channels of a tile's pixels, or of its planes: column x of row y is rows[y] + at + x * step, `lanes` numbers.
// Columns outside [begin, end) are zeros.
struct Source {
  const float* rows[kMostPoints];
  int64_t at, step, lanes;
  int64_t columns, begin, end;
};

// Where the result goes. The addend may be null; bias and least (0 for ReLU, else minus infinity) are those of no epilogue otherwise.
struct Target {
  float* to;
  const float* addend;
  int64_t row_step, step, lanes;
  V bias, least;
};

inline V load_lanes(const float* p, int64_t lanes) { return lanes == kL ? load(p) : load_first(p, lanes); }

template <class Matrix, class Load>
inline __attribute__((always_inline)) void each_column(const Source& s, V* half, Load load_numbers) {
  int64_t at = s.at + s.begin * s.step;
  const int64_t step = s.step, end = s.end;
  for (int64_t x = s.begin; x < end; ++x, at += step) {
    V in[Matrix::kIn], out[Matrix::kOut];
#pragma GCC unroll 8
    for (int y = 0; y < Matrix::kIn; ++y) in[y] = load_numbers(s.rows[y] + at);
    Matrix::apply(in, out);
#pragma GCC unroll 8
    for (int y = 0; y < Matrix::kOut; ++y) half[y * kMostPoints + x] = out[y];
  }
}

inline void clear_columns(V* half, int64_t rows, int64_t begin, int64_t end) {
  for (int64_t x = begin; x < end; ++x)
    for (int64_t y = 0; y < rows; ++y) half[y * kMostPoints + x] = V{};
}

// half [kOut][8] = the matrix times every column.
template <class Matrix>
void columns(const Source& s, V* half) {
  clear_columns(half, Matrix::kOut, 0, s.begin);
  clear_columns(half, Matrix::kOut, s.end, s.columns);
  if (s.lanes == kL)
    each_column<Matrix>(s, half, [](const float* p) { return load(p); });
  else
    each_column<Matrix>(s, half, [&](const float* p) { return load_first(p, s.lanes); });
}

// The matrix times each of `count` rows, whose elements put(y, x, v) stores.
template <class Matrix, class Put>
inline __attribute__((always_inline)) void each_row(const V* half, int64_t count, Put put) {
  for (int64_t y = 0; y < count; ++y) {
    V out[Matrix::kOut];
    Matrix::apply(half + y * kMostPoints, out);
#pragma GCC unroll 8
    for (int x = 0; x < Matrix::kOut; ++x) put(y, x, out[x]);
  }
}

template <class Matrix>
void rows_to_planes(const V* half, int64_t count, const Target& t) {
  each_row<Matrix>(half, count, [&](int64_t y, int64_t x, V v) { store(t.to + y * t.row_step + x * t.step, v); });
}

template <class Matrix>
void rows_to_pixels(const V* half, int64_t count, const Target& t) {
  const V bias = t.bias, least = t.least;
  if (t.lanes == kL && !t.addend)
    each_row<Matrix>(half, count, [&](int64_t y, int64_t x, V v) {
      v += bias;
      store(t.to + y * t.row_step + x * t.step, v < least ? least : v);
    });
  else
    each_row<Matrix>(half, count, [&](int64_t y, int64_t x, V v) {
      const int64_t at = y * t.row_step + x * t.step;
      v += bias;
      if (t.addend) v += load_lanes(t.addend + at, t.lanes);
      store_first(t.to + at, v < least ? least : v, t.lanes);
    });
}

// Both passes of a transform along an axis, and how many numbers it takes and gives.
struct Side {
  int64_t in, out;
  void (*columns)(const Source&, V*);
  void (*rows)(const V*, int64_t, const Target&);
};

template <class Matrix>
constexpr Side to_planes() {
  return {Matrix::kIn, Matrix::kOut, columns<Matrix>, rows_to_planes<Matrix>};
}
template <class Matrix>
constexpr Side to_pixels() {
  return {Matrix::kIn, Matrix::kOut, columns<Matrix>, rows_to_pixels<Matrix>};
}

// The sides of F(m, taps) for every m, in order.
template <int taps, int... m>
struct SidesOf {
  static constexpr Side kInput[] = {to_planes<Times<InputMatrix<m + taps - 1>>>()...};
  static constexpr Side kOutput[] = {to_pixels<TransposedTimes<OutputMatrix<m, taps>>>()...};
  static constexpr Side kOutputAdjoint[] = {to_planes<Times<OutputMatrix<m, taps>>>()...};
  static constexpr Side kFilter[] = {to_planes<Times<FilterMatrix<m + taps - 1, taps>>>()...};
  static constexpr Side kFilterAdjoint[] = {to_pixels<TransposedTimes<FilterMatrix<m + taps - 1, taps>>>()...};
};
using Sides = SidesOf<3, 1, 2, 3, 4, 5, 6>;

// planes = both sides times the pixels of every tile.
void pixels_to_planes(const WinogradTiles& t, const Side& h, const Side& w) {
  V half[kMostPoints * kMostPoints];
  for (int64_t tile = 0; tile < t.tiles; ++tile) {
    const WinogradPlace& place = t.places[tile];
    Source source = {.rows = {}, .at = 0, .step = t.pixel_step, .lanes = kL, .columns = w.in, .begin = place.left, .end = place.right};
    for (int64_t y = 0; y < h.in; ++y)
      source.rows[y] = y >= place.top && y < place.bottom ? t.from + place.pixel + y * t.row_step : t.zeros;
    for (int64_t c = 0; c < t.channels; c += kL) {
      source.at = c;
      source.lanes = t.channels - c < kL ? t.channels - c : kL;
      h.columns(source, half);
      w.rows(half, h.out, {.to = t.to + tile * t.tile_step + c, .addend = nullptr, .row_step = w.out * t.plane_step,
                           .step = t.plane_step, .lanes = kL, .bias = V{}, .least = V{}});
    }
  }
}

}  // namespace

void winograd_input(const WinogradTiles& t) { pixels_to_planes(t, Sides::kInput[t.height - 1], Sides::kInput[t.width - 1]); }

void winograd_output_adjoint(const WinogradTiles& t) {
  pixels_to_planes(t, Sides::kOutputAdjoint[t.height - 1], Sides::kOutputAdjoint[t.width - 1]);
}

void winograd_output(const WinogradTiles& t) {
  const Side &h = Sides::kOutput[t.height - 1], &w = Sides::kOutput[t.width - 1];
  V half[kMostPoints * kMostPoints];
  for (int64_t tile = 0; tile < t.tiles; ++tile) {
    Source source = {.rows = {}, .at = 0, .step = t.plane_step, .lanes = kL, .columns = w.in, .begin = 0, .end = w.in};
    for (int64_t y = 0; y < h.in; ++y) source.rows[y] = t.from + tile * t.tile_step + y * w.in * t.plane_step;
    for (int64_t c = 0; c < t.channels; c += kL) {
      const int64_t lanes = t.channels - c < kL ? t.channels - c : kL, at = t.places[tile].pixel + c;
      source.at = c;
      h.columns(source, half);
      w.rows(half, h.out, {.to = t.to + at, .addend = t.end.addend ? t.end.addend + at : nullptr, .row_step = t.row_step,
                           .step = t.pixel_step, .lanes = lanes, .bias = t.end.bias ? load_lanes(t.end.bias + c, lanes) : V{},
                           .least = t.end.relu ? V{} : splat(-__builtin_inff())});
    }
  }
}

namespace {

// `n` filters lie side by side: [in][in][n] to [out][out][n], a step between planes on each side.
void filters(const Side& h, const Side& w, const float* from, int64_t from_step, float* to, int64_t to_step, int64_t n) {
  V half[kMostPoints * kMostPoints];
  Source source = {.rows = {}, .at = 0, .step = from_step, .lanes = kL, .columns = w.in, .begin = 0, .end = w.in};
  for (int64_t y = 0; y < h.in; ++y) source.rows[y] = from + y * w.in * from_step;
  for (; source.at < n; source.at += kL) {
    h.columns(source, half);
    w.rows(half, h.out, {.to = to + source.at, .addend = nullptr, .row_step = w.out * to_step, .step = to_step, .lanes = kL,
                         .bias = V{}, .least = splat(-__builtin_inff())});
  }
}

}  // namespace

void winograd_filter(const WinogradFilters& f) {
  filters(Sides::kFilter[f.height - 1], Sides::kFilter[f.width - 1], f.from, f.count, f.to, f.plane_step, f.count);
}
void winograd_filter_adjoint(const WinogradFilters& f) {
  filters(Sides::kFilterAdjoint[f.height - 1], Sides::kFilterAdjoint[f.width - 1], f.from, f.plane_step, f.to, f.count, f.count);
}

}  // namespace fewer::kernels::FEWER_ISA
