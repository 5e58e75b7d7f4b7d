// exp, log, tanh and friends on whole vectors of float, for the instruction set this file is compiled for.
//
// The compiler does not vectorise libm, and these functions are where a softmax or an LSTM spends its time. Each one
// reduces its argument to a short interval and evaluates a minimax polynomial there (coefficients of S. Moshier's
// Cephes library). The error stays under this many units in the last place of the result
// (tests/ops/math_kernels_test.cpp holds them): exp, log, sin and cos 1, log1p and tanh 1.5, sigmoid and softplus
// 2.5. Infinities, NaN, results below the normal range and overflow come out as libm gives them. For double each
// function is libm, element by element.
#pragma once

#include "ops/kernels/isa/vec.h"

namespace fewer::kernels::FEWER_ISA {
namespace {

#define FEWER_INLINE inline __attribute__((always_inline))

using FloatVec = Vec<float>;
using DoubleVec = Vec<double>;
using IntVec = Vec<int32_t>;
using UintVec = Vec<uint32_t>;  // where a subtraction may wrap around

constexpr float kFloatInfinity = __builtin_inff();

FEWER_INLINE IntVec bits(FloatVec x) { return reinterpret_cast<IntVec>(x); }
FEWER_INLINE FloatVec from_bits(IntVec x) { return reinterpret_cast<FloatVec>(x); }
FEWER_INLINE FloatVec abs(FloatVec x) { return from_bits(bits(x) & 0x7fffffff); }
FEWER_INLINE DoubleVec abs(DoubleVec x) {
  return reinterpret_cast<DoubleVec>(reinterpret_cast<Vec<int64_t>>(x) & 0x7fffffffffffffff);
}

// c[0] x^(n-1) + ... + c[n-1]
template <size_t n>
FEWER_INLINE FloatVec polynomial(FloatVec x, const float (&c)[n]) {
  FloatVec y = splat(c[0]);
  for (size_t i = 1; i < n; ++i) y = y * x + c[i];
  return y;
}

// e^x = 2^n e^r with |r| <= ln(2) / 2. The power of two is applied in two halves, so that results below the normal
// range are rounded once and overflow becomes infinity.
FEWER_INLINE FloatVec exp(FloatVec x) {
  constexpr float kLog2e = 1.44269504088896341f, kLn2High = 0.693359375f, kLn2Low = -2.12194440e-4f;
  constexpr float kRound = 12582912.0f;  // 1.5 * 2^23: adding it leaves the nearest integer in the low bits
  x = x < -104.0f ? splat(-104.0f) : x;
  x = x > 89.0f ? splat(89.0f) : x;
  const FloatVec shifted = x * kLog2e + kRound;
  const IntVec n = bits(shifted) - bits(splat(kRound));
  const FloatVec whole = shifted - kRound;
  const FloatVec r = (x - whole * kLn2High) - whole * kLn2Low;
  const FloatVec p = polynomial(
      r, {1.9875691500e-4f, 1.3981999507e-3f, 8.3334519073e-3f, 4.1665795894e-2f, 1.6666665459e-1f, 5.0000001201e-1f});
  const IntVec half = n >> 1;
  const FloatVec scale_a = from_bits((half + 127) << 23), scale_b = from_bits((n - half + 127) << 23);
  return (p * (r * r) + r + 1.0f) * scale_a * scale_b;
}

// log x = e log 2 + log m with m in [sqrt(1/2), sqrt(2)).
FEWER_INLINE FloatVec log(FloatVec x) {
  const auto tiny = x < 1.17549435e-38f;  // below the normal range: scale into it
  const FloatVec scaled = tiny ? x * 8388608.0f : x;
  const IntVec shifted = reinterpret_cast<IntVec>(reinterpret_cast<UintVec>(scaled) - 0x3f3504f3u);  // relative to sqrt(1/2)
  const FloatVec m = from_bits((shifted & 0x007fffff) + 0x3f3504f3) - 1.0f;
  FloatVec e = __builtin_convertvector(shifted >> 23, FloatVec);
  e = tiny ? e - 23.0f : e;
  const FloatVec square = m * m;
  FloatVec y = m * square * polynomial(m, {7.0376836292e-2f, -1.1514610310e-1f, 1.1676998740e-1f, -1.2420140846e-1f,
                                           1.4249322787e-1f, -1.6668057665e-1f, 2.0000714765e-1f, -2.4999993993e-1f,
                                           3.3333331174e-1f});
  y = y + e * -2.12194440e-4f - 0.5f * square;
  y = m + y + e * 0.693359375f;
  y = x < kFloatInfinity ? y : x;  // infinity and NaN
  y = x == 0.0f ? splat(-kFloatInfinity) : y;
  return x < 0.0f ? splat(__builtin_nanf("")) : y;
}

// log(1 + x): the log of the rounded sum u, corrected by what the rounding lost.
FEWER_INLINE FloatVec log1p(FloatVec x) {
  const FloatVec u = x + 1.0f;
  const FloatVec y = log(u) + (x - (u - 1.0f)) / u;
  const FloatVec finite = x < kFloatInfinity ? y : x;
  return x == -1.0f ? splat(-kFloatInfinity) : finite;
}

FEWER_INLINE FloatVec tanh(FloatVec x) {
  const FloatVec size = abs(x), square = x * x;
  const FloatVec small = polynomial(square, {-5.70498872745e-3f, 2.06390887954e-2f, -5.37397155531e-2f,
                                             1.33314422036e-1f, -3.33332819422e-1f}) *
                             square * x +
                         x;
  const FloatVec large = 1.0f - 2.0f / (exp(size + size) + 1.0f);
  return size < 0.625f ? small : x < 0.0f ? -large : large;
}

// Through e^-|x|, so that neither end overflows and small results keep their digits.
FEWER_INLINE FloatVec sigmoid(FloatVec x) {
  const FloatVec t = exp(-abs(x));
  return (x < 0.0f ? t : splat(1.0f)) / (1.0f + t);
}

FEWER_INLINE FloatVec softplus(FloatVec x) { return (x <= 0.0f ? splat(0.0f) : x) + log1p(exp(-abs(x))); }

template <class T, class F>
FEWER_INLINE T each(T x, F f) {
  for (size_t i = 0; i < sizeof(T) / sizeof(x[0]); ++i) x[i] = f(x[i]);
  return x;
}

// An instruction everywhere, but one that the vector extensions have no name for.
#if defined(__AVX512F__)
FEWER_INLINE FloatVec sqrt(FloatVec x) { return __builtin_ia32_sqrtps512_mask(x, x, -1, 4); }
FEWER_INLINE DoubleVec sqrt(DoubleVec x) { return __builtin_ia32_sqrtpd512_mask(x, x, -1, 4); }
#elif defined(__AVX2__)
FEWER_INLINE FloatVec sqrt(FloatVec x) { return __builtin_ia32_sqrtps256(x); }
FEWER_INLINE DoubleVec sqrt(DoubleVec x) { return __builtin_ia32_sqrtpd256(x); }
#elif defined(__SSE2__)
FEWER_INLINE FloatVec sqrt(FloatVec x) { return __builtin_ia32_sqrtps(x); }
FEWER_INLINE DoubleVec sqrt(DoubleVec x) { return __builtin_ia32_sqrtpd(x); }
#else
FEWER_INLINE FloatVec sqrt(FloatVec x) { return each(x, [](float v) { return __builtin_sqrtf(v); }); }
FEWER_INLINE DoubleVec sqrt(DoubleVec x) { return each(x, [](double v) { return __builtin_sqrt(v); }); }
#endif

FEWER_INLINE DoubleVec exp(DoubleVec x) { return each(x, [](double v) { return __builtin_exp(v); }); }
FEWER_INLINE DoubleVec log(DoubleVec x) { return each(x, [](double v) { return __builtin_log(v); }); }
FEWER_INLINE DoubleVec log1p(DoubleVec x) { return each(x, [](double v) { return __builtin_log1p(v); }); }
FEWER_INLINE DoubleVec tanh(DoubleVec x) { return each(x, [](double v) { return __builtin_tanh(v); }); }
FEWER_INLINE DoubleVec sigmoid(DoubleVec x) {
  const DoubleVec t = exp(-abs(x));
  return (x < 0.0 ? t : splat(1.0)) / (1.0 + t);
}
FEWER_INLINE DoubleVec softplus(DoubleVec x) { return (x <= 0.0 ? splat(0.0) : x) + log1p(exp(-abs(x))); }

// sin (shift 0) and cos (shift 1) of |x| <= kLargestReduced. They are rare, so they take the easy road to accuracy:
// reduction to |r| <= pi/4 and Taylor polynomials in double. x = n pi/2 + r; the quadrant n decides between sine and
// cosine, and the sign.
constexpr float kLargestReduced = 1048576.0f;  // 2^20: up to here n * kHalfPiHigh is exact

FEWER_INLINE DoubleVec sine(DoubleVec x, double shift) {
  constexpr double kRound = 6755399441055744.0;  // 1.5 * 2^52
  constexpr double kHalfPiHigh = 1.57079632673412561417e+00, kHalfPiLow = 6.07710050650619224932e-11;
  const DoubleVec n = (x * 0.63661977236758134308 + kRound) - kRound;
  const DoubleVec r = (x - n * kHalfPiHigh) - n * kHalfPiLow;
  const DoubleVec turns = ((n + shift) * 0.25 - 0.375 + kRound) - kRound;
  const DoubleVec quadrant = (n + shift) - 4.0 * turns;  // 0, 1, 2 or 3
  const DoubleVec z = r * r;
  const DoubleVec sine =
      r + r * z * (-1.0 / 6 + z * (1.0 / 120 + z * (-1.0 / 5040 + z * (1.0 / 362880 + z * (-1.0 / 39916800)))));
  const DoubleVec cosine =
      1.0 +
      z * (-0.5 + z * (1.0 / 24 + z * (-1.0 / 720 + z * (1.0 / 40320 + z * (-1.0 / 3628800 + z * (1.0 / 479001600))))));
  const DoubleVec value = (quadrant == 1.0) | (quadrant == 3.0) ? cosine : sine;
  return quadrant >= 2.0 ? -value : value;
}

}  // namespace
}  // namespace fewer::kernels::FEWER_ISA
