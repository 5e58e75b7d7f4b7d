// Folds (sums, sums of squares, maxima, minima) of rows and of columns.
//
// A float that takes thousands of summands loses digits, so sums are blocked: four vectors of accumulators take a
// short stretch, which is then added to a total (in double along rows). The order of the additions depends on the
// sizes alone.
#include "ops/kernels/isa/elementwise_table.h"
#include "ops/kernels/isa/vector_math.h"

namespace fewer::kernels::FEWER_ISA {
namespace {

using V = Vec<Real>;
constexpr int64_t kWidth = kLanes<Real>;
constexpr int64_t kStretch = 64;  // summands one float accumulator takes

// How a fold takes an element (`take`) and joins two partial results (`join`). Maxima and minima let NaN through.
struct Sum {
  static constexpr double kEmpty = 0;
  static FEWER_INLINE V take(V total, V x) { return total + x; }
  template <class T>
  static FEWER_INLINE T join(T a, T b) {
    return a + b;
  }
};
struct SumSquares : Sum {
  static FEWER_INLINE V take(V total, V x) { return total + x * x; }
};
struct Max {
  static constexpr double kEmpty = -__builtin_inf();
  static FEWER_INLINE V take(V total, V x) { return (total >= x) | (total != total) ? total : x; }
  template <class T>
  static FEWER_INLINE T join(T a, T b) {
    return (a >= b) | (a != a) ? a : b;
  }
};
struct Min {
  static constexpr double kEmpty = __builtin_inf();
  static FEWER_INLINE V take(V total, V x) { return (total <= x) | (total != total) ? total : x; }
  template <class T>
  static FEWER_INLINE T join(T a, T b) {
    return (a <= b) | (a != a) ? a : b;
  }
};


template <class F>
FEWER_INLINE double number(V v) {
  return join_lanes<Real>(v, [](V a, V b) { return F::join(a, b); });
}

template <class F>
double fold_row(const Real* x, int64_t n) {
  double total = F::kEmpty;
  int64_t i = 0;
  while (n - i >= kWidth) {
    V acc[4];
    for (V& a : acc) a = splat(static_cast<Real>(F::kEmpty));
    const int64_t vectors = (n - i) / kWidth < 4 * kStretch ? (n - i) / kWidth : 4 * kStretch;
    int64_t v = 0;
    for (; v + 4 <= vectors; v += 4)
      for (int64_t k = 0; k < 4; ++k) acc[k] = F::take(acc[k], load(x + i + (v + k) * kWidth));
    for (; v < vectors; ++v) acc[0] = F::take(acc[0], load(x + i + v * kWidth));
    total = F::join(total, number<F>(F::join(F::join(acc[0], acc[1]), F::join(acc[2], acc[3]))));
    i += vectors * kWidth;
  }
  if (i == n) return total;
  const V empty = splat(static_cast<Real>(F::kEmpty));
  return F::join(total, number<F>(first_of<Real>(F::take(empty, load_first(x + i, n - i)), empty, n - i)));
}

// vectors * kWidth neighbouring columns.
template <class F, int vectors>
void fold_strip(const Real* x, int64_t row_stride, Real* y, int64_t rows) {
  V total[vectors];
  for (V& t : total) t = splat(static_cast<Real>(F::kEmpty));
  for (int64_t r = 0; r < rows; r += kStretch) {
    V acc[vectors];
    for (V& a : acc) a = splat(static_cast<Real>(F::kEmpty));
    const int64_t end = r + kStretch < rows ? r + kStretch : rows;
    for (int64_t s = r; s < end; ++s)
      for (int k = 0; k < vectors; ++k) acc[k] = F::take(acc[k], load(x + s * row_stride + k * kWidth));
    for (int k = 0; k < vectors; ++k) total[k] = F::join(total[k], acc[k]);
  }
  for (int k = 0; k < vectors; ++k) store<Real>(y + k * kWidth, total[k]);
}

// Fewer columns than lanes: `columns` vectors hold kWidth whole rows, and lane l of vector v always meets column
// (v * kWidth + l) % columns.
template <class F>
void fold_narrow(const Real* x, Real* y, int64_t rows, int64_t columns) {
  V total[kWidth];
  for (int64_t v = 0; v < columns; ++v) total[v] = splat(static_cast<Real>(F::kEmpty));
  const int64_t groups = rows / kWidth;
  for (int64_t g = 0; g < groups; g += kStretch) {
    const int64_t end = g + kStretch < groups ? g + kStretch : groups;
    for (int64_t v = 0; v < columns; ++v) {
      V acc = splat(static_cast<Real>(F::kEmpty));
      for (int64_t s = g; s < end; ++s) acc = F::take(acc, load(x + (s * columns + v) * kWidth));
      total[v] = F::join(total[v], acc);
    }
  }
  for (int64_t c = 0; c < columns; ++c) y[c] = static_cast<Real>(F::kEmpty);
  const Real* lanes = reinterpret_cast<const Real*>(total);
  if (groups > 0)
    for (int64_t i = 0; i < columns * kWidth; ++i) y[i % columns] = F::join(y[i % columns], lanes[i]);
  for (int64_t r = groups * kWidth; r < rows; ++r)
    for (int64_t c = 0; c < columns; ++c)
      y[c] = F::join(y[c], F::take(splat(static_cast<Real>(F::kEmpty)), splat(x[r * columns + c]))[0]);
}

template <class F>
void fold_columns(const Real* x, int64_t row_stride, Real* y, int64_t rows, int64_t columns) {
  if (columns < kWidth) return fold_narrow<F>(x, y, rows, columns);
  int64_t c = 0;
  for (; c + 4 * kWidth <= columns; c += 4 * kWidth) fold_strip<F, 4>(x + c, row_stride, y + c, rows);
  for (; c + kWidth <= columns; c += kWidth) fold_strip<F, 1>(x + c, row_stride, y + c, rows);
  if (c < columns)
    fold_strip<F, 1>(x + columns - kWidth, row_stride, y + columns - kWidth, rows);  // overlaps: the same values again
}

constexpr FoldTable make_table() {
  FoldTable table{};
  const auto fill = [&table]<class F>(Fold fold, F) {
    table.row[static_cast<int>(fold)] = fold_row<F>;
    table.columns[static_cast<int>(fold)] = fold_columns<F>;
  };
  fill(Fold::kSum, Sum{});
  fill(Fold::kSumSquares, SumSquares{});
  fill(Fold::kMax, Max{});
  fill(Fold::kMin, Min{});
  return table;
}

}  // namespace

extern const FoldTable kFolds;
constexpr FoldTable kFolds = make_table();

}  // namespace fewer::kernels::FEWER_ISA
