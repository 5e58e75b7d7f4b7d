// Loops over single elements: whole vectors first, the rest as part of one, so that an element's value never
// depends on its place.
#include "ops/kernels/isa/elementwise_table.h"
#include "ops/kernels/isa/vector_math.h"

namespace fewer::kernels::FEWER_ISA {
namespace {

using V = Vec<Real>;
constexpr int64_t kWidth = kLanes<Real>;

template <auto f>
void unary_loop(const Real* x, Real* y, int64_t n, Real p, Real q) {
  const V pv = splat(p), qv = splat(q);
  int64_t i = 0;
  for (; i + kWidth <= n; i += kWidth) store<Real>(y + i, f(load(x + i), pv, qv));
  if (i < n) store_first<Real>(y + i, f(load_first(x + i, n - i), pv, qv), n - i);
}

#ifdef FEWER_DOUBLE
#define FEWER_MATH(name) __builtin_##name
#else
#define FEWER_MATH(name) __builtin_##name##f
#endif

void pow_loop(const Real* x, Real* y, int64_t n, Real p, Real) {
  for (int64_t i = 0; i < n; ++i) y[i] = FEWER_MATH(pow)(x[i], p);
}

// libm for double, and where the reduction of large arguments would lose digits; NaN goes there too.
template <auto f, int shift>
void sine_loop(const Real* x, Real* y, int64_t n, Real, Real) {
  int64_t i = 0;
#ifndef FEWER_DOUBLE
  typedef float HalfVec __attribute__((vector_size(kVectorBytes / 2)));
  for (; i + kLanes<double> <= n; i += kLanes<double>) {
    HalfVec half;
    __builtin_memcpy(&half, x + i, sizeof(half));
    half = __builtin_convertvector(sine(__builtin_convertvector(half, DoubleVec), shift), HalfVec);
    __builtin_memcpy(y + i, &half, sizeof(half));
    for (int64_t l = i; l < i + kLanes<double>; ++l)
      if (!(__builtin_fabsf(x[l]) <= kLargestReduced)) y[l] = f(x[l]);
  }
  for (; i < n; ++i)
    y[i] = __builtin_fabsf(x[i]) <= kLargestReduced ? static_cast<float>(sine(splat<double>(x[i]), shift)[0]) : f(x[i]);
#endif
  for (; i < n; ++i) y[i] = f(x[i]);
}

FEWER_INLINE V one() { return splat(Real{1}); }
FEWER_INLINE V zero() { return V{}; }

// Conditions are written so that NaN goes through: a comparison with NaN is false.
FEWER_INLINE V relu(V x) { return x <= zero() ? zero() : x; }
FEWER_INLINE V sign(V x) { return x > zero() ? one() : x < zero() ? -one() : x == zero() ? zero() : x; }
FEWER_INLINE V clamp(V x, V low, V high) { return x < low ? low : x > high ? high : x; }

constexpr int at(Unary op) { return static_cast<int>(op); }

// Four vectors at a time: the shortest chains of small ops feel every instruction.
template <auto f>
void binary_loop(const Real* a, const Real* b, Real* y, int64_t n, Real p, Real q) {
  const V pv = splat(p), qv = splat(q);
  int64_t i = 0;
  for (; i + 4 * kWidth <= n; i += 4 * kWidth)
#pragma GCC unroll 4
    for (int64_t j = i; j < i + 4 * kWidth; j += kWidth) store<Real>(y + j, f(load(a + j), load(b + j), pv, qv));
  for (; i + kWidth <= n; i += kWidth) store<Real>(y + i, f(load(a + i), load(b + i), pv, qv));
  if (i < n) store_first<Real>(y + i, f(load_first(a + i, n - i), load_first(b + i, n - i), pv, qv), n - i);
}

template <auto f, bool a_moves, bool b_moves>
void broadcast_rows(const BinaryBlock& block) {
  const V p = splat(block.p), q = splat(block.q);
  for (int64_t r = 0; r < block.rows; ++r) {
    const Real* a = block.a + r * block.a_row_stride;
    const Real* b = block.b + r * block.b_row_stride;
    Real* y = block.y + r * block.columns;
    const V a_same = splat(*a), b_same = splat(*b);
    int64_t i = 0;
    for (; i + kWidth <= block.columns; i += kWidth)
      store<Real>(y + i, f(a_moves ? load(a + i) : a_same, b_moves ? load(b + i) : b_same, p, q));
    const int64_t rest = block.columns - i;
    if (rest > 0)
      store_first<Real>(
          y + i, f(a_moves ? load_first(a + i, rest) : a_same, b_moves ? load_first(b + i, rest) : b_same, p, q), rest);
  }
}

template <auto f>
void broadcast_loop(const BinaryBlock& block) {
  if (block.a_column_stride && block.b_column_stride) return broadcast_rows<f, true, true>(block);
  if (block.a_column_stride) return broadcast_rows<f, true, false>(block);
  if (block.b_column_stride) return broadcast_rows<f, false, true>(block);
  broadcast_rows<f, false, false>(block);
}

template <auto f>
constexpr void set(ElementwiseTable& table, Binary op) {
  table.binary[static_cast<int>(op)] = binary_loop<f>;
  table.broadcast[static_cast<int>(op)] = broadcast_loop<f>;
}

constexpr void fill_unary(ElementwiseTable& table) {
  auto& t = table.unary;
  t[at(Unary::kAddScalar)] = unary_loop<[](V x, V p, V) { return x + p; }>;
  t[at(Unary::kMulScalar)] = unary_loop<[](V x, V p, V) { return x * p; }>;
  t[at(Unary::kNeg)] = unary_loop<[](V x, V, V) { return -x; }>;
  t[at(Unary::kReciprocal)] = unary_loop<[](V x, V, V) { return one() / x; }>;
  t[at(Unary::kExp)] = unary_loop<[](V x, V, V) { return exp(x); }>;
  t[at(Unary::kLog)] = unary_loop<[](V x, V, V) { return log(x); }>;
  t[at(Unary::kLog1p)] = unary_loop<[](V x, V, V) { return log1p(x); }>;
  t[at(Unary::kSqrt)] = unary_loop<[](V x, V, V) { return sqrt(x); }>;
  t[at(Unary::kSquare)] = unary_loop<[](V x, V, V) { return x * x; }>;
  t[at(Unary::kPow)] = pow_loop;
  t[at(Unary::kAbs)] = unary_loop<[](V x, V, V) { return abs(x); }>;
  t[at(Unary::kSin)] = sine_loop<[](Real x) { return FEWER_MATH(sin)(x); }, 0>;
  t[at(Unary::kCos)] = sine_loop<[](Real x) { return FEWER_MATH(cos)(x); }, 1>;
  t[at(Unary::kTanh)] = unary_loop<[](V x, V, V) { return tanh(x); }>;
  t[at(Unary::kSigmoid)] = unary_loop<[](V x, V, V) { return sigmoid(x); }>;
  t[at(Unary::kRelu)] = unary_loop<[](V x, V, V) { return relu(x); }>;
  t[at(Unary::kLeakyRelu)] = unary_loop<[](V x, V p, V) { return x <= zero() ? x * p : x; }>;
  t[at(Unary::kSoftplus)] = unary_loop<[](V x, V, V) { return softplus(x); }>;
  t[at(Unary::kClamp)] = unary_loop<[](V x, V p, V q) { return clamp(x, p, q); }>;
  t[at(Unary::kSign)] = unary_loop<[](V x, V, V) { return sign(x); }>;
  t[at(Unary::kSignNonzero)] = unary_loop<[](V x, V, V) { return x < zero() ? -one() : x >= zero() ? one() : x; }>;
}

constexpr void fill_binary(ElementwiseTable& t) {
  set<[](V a, V b, V, V) { return a + b; }>(t, Binary::kAdd);
  set<[](V a, V b, V, V) { return a - b; }>(t, Binary::kSub);
  set<[](V a, V b, V, V) { return a * b; }>(t, Binary::kMul);
  set<[](V a, V b, V, V) { return a / b; }>(t, Binary::kDiv);
  set<[](V a, V b, V, V) { return (a >= b) | (a != a) ? a : b; }>(t, Binary::kMax);
  set<[](V a, V b, V, V) { return (a <= b) | (a != a) ? a : b; }>(t, Binary::kMin);
  set<[](V a, V b, V, V) { return b < a ? one() : zero(); }>(t, Binary::kGreater);
  set<[](V a, V b, V, V) { return a >= b ? one() : zero(); }>(t, Binary::kGreaterEqual);
  set<[](V a, V b, V, V) { return a == b ? one() : zero(); }>(t, Binary::kEqual);
  set<[](V a, V b, V, V) { return b < a ? one() : a == b ? splat(Real(0.5)) : zero(); }>(t, Binary::kShareOfMax);
  set<[](V a, V b, V p, V) { return a * b * p; }>(t, Binary::kMulScaled);
  set<[](V a, V b, V, V) { return softplus(a) - a * b; }>(t, Binary::kBinaryCrossEntropy);
  set<[](V g, V y, V, V) { return g * (one() - y * y); }>(t, Binary::kTanhGrad);
  set<[](V g, V y, V, V) { return g * y * (one() - y); }>(t, Binary::kSigmoidGrad);
  set<[](V g, V y, V, V) { return g * Real(0.5) / y; }>(t, Binary::kSqrtGrad);
  set<[](V g, V x, V, V) { return g * sigmoid(x); }>(t, Binary::kSoftplusGrad);
  set<[](V g, V y, V, V) { return y <= zero() ? zero() : g; }>(t, Binary::kIfPositive);
  set<[](V g, V y, V p, V) { return y <= zero() ? g * p : g; }>(t, Binary::kLeaky);
  set<[](V g, V x, V p, V q) { return (x < p) | (x > q) ? zero() : g; }>(t, Binary::kIfInside);
  set<[](V g, V c, V, V) { return c != zero() ? g : zero(); }>(t, Binary::kIfNonzero);
  set<[](V g, V c, V, V) { return c != zero() ? zero() : g; }>(t, Binary::kIfZero);
  set<[](V g, V x, V, V) { return g * sign(x); }>(t, Binary::kTimesSign);
}

constexpr ElementwiseTable make_table() {
  ElementwiseTable table{};
  fill_unary(table);
  fill_binary(table);
  return table;
}

}  // namespace

extern const ElementwiseTable kElementwise;
constexpr ElementwiseTable kElementwise = make_table();

}  // namespace fewer::kernels::FEWER_ISA
