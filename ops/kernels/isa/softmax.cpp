// Softmax and its relatives, row by row, three passes over a row that stays in the cache: the largest element, the
// exponentials and their sum, the scaling. Exponentials are taken of differences to the largest, so they never
// overflow.
#include "ops/kernels/isa/elementwise_table.h"
#include "ops/kernels/isa/vector_math.h"

namespace fewer::kernels::FEWER_ISA {
namespace {

using V = Vec<Real>;
constexpr int64_t kWidth = kLanes<Real>;
constexpr Real kLowest = -static_cast<Real>(__builtin_inf());

// y[c] = f(x[c]) for a row, whole vectors at a time.
template <class F>
FEWER_INLINE void map_row(const Real* x, Real* y, int64_t n, F f) {
  int64_t c = 0;
  for (; c + kWidth <= n; c += kWidth) store<Real>(y + c, f(load(x + c)));
  if (c < n) store_first<Real>(y + c, f(load_first(x + c, n - c)), n - c);
}

// The largest element, or NaN when there is one.
FEWER_INLINE Real largest(const Real* x, int64_t n) {
  const auto larger = [](V a, V b) { return (a >= b) | (a != a) ? a : b; };
  V best = splat(kLowest);
  int64_t c = 0;
  for (; c + kWidth <= n; c += kWidth) best = larger(best, load(x + c));
  if (c < n) best = larger(best, first_of<Real>(load_first(x + c, n - c), splat(kLowest), n - c));
  return join_lanes<Real>(best, larger);
}

// The sum over the row of f(index of the vector's first element, lanes in use).
template <class F>
FEWER_INLINE Real sum_row(int64_t n, F f) {
  V total{};
  int64_t c = 0;
  for (; c + kWidth <= n; c += kWidth) total += f(c, kWidth);
  if (c < n) total += first_of<Real>(f(c, n - c), V{}, n - c);
  return join_lanes<Real>(total, [](V a, V b) { return a + b; });
}

FEWER_INLINE V load_some(const Real* x, int64_t count) { return count == kWidth ? load(x) : load_first(x, count); }

FEWER_INLINE Real sum_of_exponentials(const Real* x, int64_t n, Real shift) {
  return sum_row(n, [=](int64_t c, int64_t count) { return exp(load_some(x + c, count) - shift); });
}

FEWER_INLINE Real log_of(Real x) { return log(splat(x))[0]; }

// Infinite shifts would turn -inf - (-inf) into NaN where the exponential is simply 0.
FEWER_INLINE Real finite(Real x) {
#ifdef FEWER_DOUBLE
  constexpr Real kMost = __DBL_MAX__;
#else
  constexpr Real kMost = __FLT_MAX__;
#endif
  return x < -kMost ? -kMost : x > kMost ? kMost : x;
}

void softmax(const Real* x, Real* y, int64_t rows, int64_t columns) {
  for (int64_t r = 0; r < rows; ++r, x += columns, y += columns) {
    const Real shift = largest(x, columns);
    const Real sum = sum_row(columns, [=](int64_t c, int64_t count) {
      const V e = exp(load_some(x + c, count) - shift);
      if (count == kWidth) store<Real>(y + c, e);
      else store_first<Real>(y + c, e, count);
      return e;
    });
    map_row(y, y, columns, [inverse = 1 / sum](V e) { return e * inverse; });
  }
}

void log_sum_exp(const Real* x, Real* shift, Real* log_sum, int64_t rows, int64_t columns) {
  for (int64_t r = 0; r < rows; ++r, x += columns) {
    shift[r] = finite(largest(x, columns));
    log_sum[r] = log_of(sum_of_exponentials(x, columns, shift[r]));
  }
}

void log_softmax(const Real* x, Real* y, int64_t rows, int64_t columns) {
  for (int64_t r = 0; r < rows; ++r, x += columns, y += columns) {
    const Real shift = largest(x, columns);
    const Real log_sum = log_of(sum_of_exponentials(x, columns, shift));
    map_row(x, y, columns, [=](V v) { return (v - shift) - log_sum; });
  }
}

void softmax_grad(const Real* g, const Real* y, Real* d, int64_t rows, int64_t columns) {
  for (int64_t r = 0; r < rows; ++r, g += columns, y += columns, d += columns) {
    const Real mean =
        sum_row(columns, [=](int64_t c, int64_t count) { return load_some(g + c, count) * load_some(y + c, count); });
    int64_t c = 0;
    for (; c + kWidth <= columns; c += kWidth) store<Real>(d + c, load(y + c) * (load(g + c) - mean));
    for (; c < columns; ++c) d[c] = y[c] * (g[c] - mean);
  }
}

void log_softmax_grad(const Real* g, const Real* y, Real* d, int64_t rows, int64_t columns) {
  for (int64_t r = 0; r < rows; ++r, g += columns, y += columns, d += columns) {
    const Real sum = sum_row(columns, [=](int64_t c, int64_t count) { return load_some(g + c, count); });
    map_row(y, d, columns, [=](V v) { return exp(v) * sum; });
    int64_t c = 0;
    for (; c + kWidth <= columns; c += kWidth) store<Real>(d + c, load(g + c) - load(d + c));
    for (; c < columns; ++c) d[c] = g[c] - d[c];
  }
}

void scaled_softmax(const Real* x, const Real* shift, const Real* log_sum, const Real* scale, Real* y, int64_t rows,
                    int64_t columns) {
  for (int64_t r = 0; r < rows; ++r, x += columns, y += columns)
    map_row(x, y, columns, [m = shift[r], l = log_sum[r], s = scale[r]](V v) { return exp((v - m) - l) * s; });
}

void soft_cross_entropy(const Real* x, const Real* targets, const Real* shift, const Real* log_sum, Real* loss,
                        int64_t rows, int64_t columns) {
  for (int64_t r = 0; r < rows; ++r, x += columns, targets += columns)
    loss[r] = sum_row(columns, [=, m = shift[r], l = log_sum[r]](int64_t c, int64_t count) {
      const V t = load_some(targets + c, count), x_c = load_some(x + c, count);
      return t == V{} ? V{} : t * (l - (x_c - m));  // also where x is -inf
    });
}

}  // namespace

extern const SoftmaxTable kSoftmax;
constexpr SoftmaxTable kSoftmax = {
    .softmax = softmax,
    .log_softmax = log_softmax,
    .log_sum_exp = log_sum_exp,
    .softmax_grad = softmax_grad,
    .log_softmax_grad = log_softmax_grad,
    .scaled_softmax = scaled_softmax,
    .soft_cross_entropy = soft_cross_entropy,
};

}  // namespace fewer::kernels::FEWER_ISA
