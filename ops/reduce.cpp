// Reductions, and the two ops under them: summing axes away and repeating along them, each the gradient of the other.
#include <cmath>
#include <limits>
#include <utility>

#include "ops/apply.h"
#include "ops/kernels/reduce.h"

namespace fewer {

using kernels::AxisSet;
using kernels::Fold;

namespace {

AxisSet axis_set(const char* op, const Tensor& x, const Axes& axes) {
  ENSURE(x.defined(), op, ": the tensor is undefined");
  if (axes.empty()) return (AxisSet{1} << x.rank()) - 1;
  AxisSet set = 0;
  for (const int axis : axes) {
    ENSURE(axis >= -x.rank() && axis < x.rank(), op, ": axis ", axis, " does not exist in x ", x.shape());
    const AxisSet bit = AxisSet{1} << x.shape().axis(axis);
    ENSURE(!(set & bit), op, ": axis ", axis, " of x ", x.shape(), " is listed twice");
    set |= bit;
  }
  return set;
}

bool has(AxisSet axes, int axis) { return (axes >> axis) & 1; }

Shape reduced_shape(const Shape& shape, AxisSet axes, bool keep) {
  Shape result;
  for (int i = 0; i < shape.rank(); ++i) {
    if (!has(axes, i)) result.push_back(shape[i]);
    else if (keep) result.push_back(1);
  }
  return result;
}

int64_t reduced_count(const Shape& shape, AxisSet axes) {
  int64_t n = 1;
  for (int i = 0; i < shape.rank(); ++i)
    if (has(axes, i)) n *= shape[i];
  return n;
}

// The axes along which `small` was expanded to `large`. Throws when it cannot have been.
AxisSet expanded_axes(const char* op, const Shape& small, const Shape& large) {
  const int missing = large.rank() - small.rank();
  bool fits = missing >= 0;
  AxisSet axes = 0;
  for (int i = 0; fits && i < large.rank(); ++i) {
    if (i < missing || (small[i - missing] == 1 && large[i] != 1)) axes |= AxisSet{1} << i;
    else fits = small[i - missing] == large[i];
  }
  ENSURE(fits, op, ": ", small, " cannot be expanded to ", large, "; its sizes must be equal or 1");
  return axes;
}

Tensor repeat_over(const char* op, const Tensor& x, AxisSet axes, const Shape& shape, Real scale);

Tensor fold(Fold fold, const Tensor& x, AxisSet axes, const Shape& shape) {
  Tensor y = Tensor::uninitialized(shape);
  kernels::fold(fold, x.data(), x.shape(), axes, y.mutable_data());
  return y;
}

// scale * the sum over `axes`, in the given shape (with or without the axes, the elements lie alike).
Tensor sum_over(const char* op, const Tensor& x, AxisSet axes, const Shape& shape, Real scale) {
  Tensor y = fold(Fold::kSum, x, axes, shape);
  if (scale != 1) {
    Real* const values = y.mutable_data();
    kernels::unary(kernels::Unary::kMulScalar, values, values, y.numel(), scale);
  }
  return record(op, std::move(y), {x}, {}, wrt(x, [axes, s = x.shape(), scale](const Tensor& g) {
                  return repeat_over("expand", g, axes, s, scale);
                }));
}

// scale * x, which holds the axes of `shape` that are not in `axes`, repeated along `axes`.
Tensor repeat_over(const char* op, const Tensor& x, AxisSet axes, const Shape& shape, Real scale) {
  Tensor y = Tensor::uninitialized(shape);
  const Tensor scaled = scale == 1 ? x.detach() : apply(op, kernels::Unary::kMulScalar, x, scale);
  kernels::repeat(scaled.data(), y.mutable_data(), shape, axes);
  return record(op, std::move(y), {x}, {}, wrt(x, [axes, s = x.shape(), scale](const Tensor& g) {
                  return sum_over("sum_to", g, axes, s, scale);
                }));
}

// max and min: the gradient goes to the elements that equal the result, in equal shares.
Tensor extremum(const char* op, Fold kind, const Tensor& x, const Axes& list, bool keep) {
  const AxisSet axes = axis_set(op, x, list);
  ENSURE(reduced_count(x.shape(), axes) > 0, op, ": no elements along the reduced axes of x ", x.shape());
  Tensor y = fold(kind, x, axes, reduced_shape(x.shape(), axes, keep));
  return record(op, std::move(y), {x}, {}, wrt(x, [axes, x = x.detach()](const Tensor& g, const Tensor& y) {
                  const Tensor best = repeat_over("expand", y.detach(), axes, x.shape(), 1);
                  const Tensor wins = equal(x, best);
                  const Tensor share = div(g, sum_over("sum", wins, axes, g.shape(), 1));
                  return mul(wins, repeat_over("expand", share, axes, x.shape(), 1));
                }));
}

}  // namespace

Tensor sum(const Tensor& x, const Axes& axes, bool keep) {
  const AxisSet set = axis_set("sum", x, axes);
  return sum_over("sum", x, set, reduced_shape(x.shape(), set, keep), 1);
}

Tensor mean(const Tensor& x, const Axes& axes, bool keep) {
  const AxisSet set = axis_set("mean", x, axes);
  const int64_t n = reduced_count(x.shape(), set);
  ENSURE(n > 0, "mean: no elements along the reduced axes of x ", x.shape());
  return sum_over("mean", x, set, reduced_shape(x.shape(), set, keep), Real{1} / static_cast<Real>(n));
}

Tensor sum_to(const Tensor& x, const Shape& shape) {
  if (x.shape() == shape) return x;
  return sum_over("sum_to", x, expanded_axes("sum_to", shape, x.shape()), shape, 1);
}

Tensor expand(const Tensor& x, const Shape& shape) {
  if (x.shape() == shape) return x;
  return repeat_over("expand", x, expanded_axes("expand", x.shape(), shape), shape, 1);
}

Tensor max(const Tensor& x, const Axes& axes, bool keep) { return extremum("max", Fold::kMax, x, axes, keep); }
Tensor min(const Tensor& x, const Axes& axes, bool keep) { return extremum("min", Fold::kMin, x, axes, keep); }

// In two passes, so that a large mean costs no digits. d variance / dx = 2 (x - mean) / n: the mean's own part sums
// to zero.
Tensor variance(const Tensor& x, const Axes& list, bool keep) {
  const AxisSet axes = axis_set("variance", x, list);
  const int64_t n = reduced_count(x.shape(), axes);
  ENSURE(n > 0, "variance: no elements along the reduced axes of x ", x.shape());
  const Real scale = Real{1} / static_cast<Real>(n);
  const auto deviation = [axes, scale](const Tensor& x) {
    return sub(x, sum_over("mean", x, axes, reduced_shape(x.shape(), axes, true), scale));
  };
  Tensor y = fold(Fold::kSumSquares, deviation(x.detach()), axes, reduced_shape(x.shape(), axes, keep));
  Real* const values = y.mutable_data();
  kernels::unary(kernels::Unary::kMulScalar, values, values, y.numel(), scale);
  return record("variance", std::move(y), {x}, {}, wrt(x, [x, axes, scale, deviation](const Tensor& g) {
                  return mul(repeat_over("expand", g, axes, x.shape(), 2 * scale), deviation(x));
                }));
}

namespace {

// (sum |x|^p)^(1/p) with everything divided by the largest |x| first, so that no power leaves the range of the numbers.
Tensor scaled_norm(const Tensor& x, Real p, AxisSet axes, const Shape& shape) {
  const Tensor size = abs(x);
  Tensor largest = fold(Fold::kMax, size, axes, shape);
  Real* const scale = largest.mutable_data();
  for (int64_t i = 0; i < largest.numel(); ++i)
    if (scale[i] == 0 || std::isinf(scale[i])) scale[i] = 1;
  const Tensor powers = pow(div(size, repeat_over("expand", largest, axes, x.shape(), 1)), p);
  return mul(largest, pow(sum_over("sum", powers, axes, shape, 1), 1 / p));
}

Tensor norm_values(const Tensor& x, Real p, AxisSet axes, const Shape& shape) {
  const NoGrad values_only;
  if (reduced_count(x.shape(), axes) == 0) return Tensor::zeros(shape);
  if (p == 1) return sum_over("sum", abs(x), axes, shape, 1);
  if (p == 2) {  // one pass, unless a sum of squares left the range where floats are accurate
    const Tensor squares = fold(Fold::kSumSquares, x, axes, shape);
    bool accurate = true;
    for (const Real s : squares.values()) accurate &= s > Real(1e-30) && s < std::numeric_limits<Real>::max();
    if (accurate) return sqrt(squares);
  }
  return scaled_norm(x, p, axes, shape);
}

}  // namespace

// d norm / dx = sign(u) |u|^(p-1) with u = x / norm, and 0 where the norm is 0.
Tensor norm(const Tensor& x, Real p, const Axes& list, bool keep) {
  ENSURE(p >= 1 && std::isfinite(p), "norm: expected a finite p >= 1, got ", p);
  const AxisSet axes = axis_set("norm", x, list);
  Tensor y = norm_values(x.detach(), p, axes, reduced_shape(x.shape(), axes, keep));
  return record("norm", std::move(y), {x}, {}, wrt(x, [x, p, axes](const Tensor& g, const Tensor& y) {
                  const Tensor zero = Tensor::scalar(0);
                  const Tensor inverse = mul(greater(y, zero), reciprocal(add(y, equal(y, zero))));
                  const Tensor unit = mul(x, repeat_over("expand", inverse, axes, x.shape(), 1));
                  const Tensor seed = repeat_over("expand", g, axes, x.shape(), 1);
                  return mul(seed, p == 2 ? unit : gate(kernels::Binary::kTimesSign, pow(abs(unit), p - 1), unit));
                }));
}

namespace {

// Infinities become the largest finite numbers: -inf - (-inf) would be NaN where the sum of exponentials is simply 0.
Tensor finite(const Tensor& x) {
  constexpr Real kLargest = std::numeric_limits<Real>::max();
  return clamp(x, -kLargest, kLargest);
}

Tensor log_sum_exp_values(const Tensor& x, AxisSet axes, const Shape& shape) {
  const NoGrad values_only;
  const Tensor largest = finite(fold(Fold::kMax, x, axes, shape));
  const Tensor powers = exp(sub(x, repeat_over("expand", largest, axes, x.shape(), 1)));
  return add(largest, log(sum_over("sum", powers, axes, shape, 1)));
}

}  // namespace

Tensor log_sum_exp(const Tensor& x, const Axes& list, bool keep) {
  const AxisSet axes = axis_set("log_sum_exp", x, list);
  ENSURE(reduced_count(x.shape(), axes) > 0, "log_sum_exp: no elements along the reduced axes of x ", x.shape());
  Tensor y = log_sum_exp_values(x.detach(), axes, reduced_shape(x.shape(), axes, keep));
  return record("log_sum_exp", std::move(y), {x}, {}, wrt(x, [x, axes](const Tensor& g, const Tensor& y) {
                  const Tensor softmax = exp(sub(x, repeat_over("expand", finite(y), axes, x.shape(), 1)));
                  return mul(repeat_over("expand", g, axes, x.shape(), 1), softmax);
                }));
}

Tensor cumulative_sum(const Tensor& x, int axis, bool reverse) {
  ENSURE(x.defined() && x.rank() > 0, "cumulative_sum: x ", x.shape(), " has no axis to sum along");
  const int along = x.shape().axis(axis);
  int64_t outer = 1, inner = 1;
  for (int i = 0; i < along; ++i) outer *= x.size(i);
  for (int i = along + 1; i < x.rank(); ++i) inner *= x.size(i);
  Tensor y = Tensor::uninitialized(x.shape());
  kernels::cumulative_sum(x.data(), y.mutable_data(), outer, x.size(along), inner, reverse);
  return record("cumulative_sum", std::move(y), {x}, {along, reverse},
                wrt(x, [along, reverse](const Tensor& g) { return cumulative_sum(g, along, !reverse); }));
}

}  // namespace fewer
