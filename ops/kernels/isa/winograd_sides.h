// Winograd's minimal filtering F(m, r) in one dimension, on vectors: its three matrices, made at compile time, times a vector of numbers.
//
// m outputs of a filter with r taps are coefficients of a product of polynomials. A product with n = m + r - 1 coefficients is known from its
// values at n points (Toom, Cook): evaluate both factors there, multiply the values, interpolate. Transposed, that is a correlation:
//
//   y = A' [ (G w) * (B' d) ]                     d n inputs, w r taps, y m outputs, * elementwise: n products instead of m r
//
//   A[i][j] = p_i^j     G[i][k] = p_i^k / s_i     B'[i] = coefficients of N(t) / (t - p_i), times s_i / N'(p_i)
//
// for the points p_0, p_1, ... with N(t) = product of all (t - p_j); and for the last point, infinity, where a polynomial's "value" is its
// leading coefficient: A = 0 ... 0 1, G = 0 ... 0 1, B' = coefficients of N(t).
//
// The points are 0, 1, -1, 2, -2, 1/2, -1/2, infinity; F(m, r) takes the first n - 1 of them, and infinity. The scales s_i belong to the point,
// whatever m and r: so a filter transformed for the largest tile of a layer serves smaller tiles as well, which use some of its points.
//
// Points come in pairs p, -p: even powers contribute the same to both, odd powers the opposite, so a pair costs little more than one point.
//
// Lavin, Gray: Fast Algorithms for Convolutional Neural Networks (2016).
#pragma once

#include "ops/kernels/isa/vec.h"

namespace fewer::kernels::FEWER_ISA {
namespace {

using V = Vec<float>;

constexpr int kMostPoints = 8, kMostFinite = kMostPoints - 1;
constexpr double kPoints[kMostFinite] = {0, 1, -1, 2, -2, 0.5, -0.5};

// A row per point.
struct Matrix {
  double row[kMostPoints][kMostPoints] = {};
};

// Which of n points open and close a pair p, -p.
constexpr bool opens_pair(int n, int i) { return i % 2 == 1 && i + 1 < n - 1; }
constexpr bool closes_pair(int n, int i) { return i > 0 && i % 2 == 0 && i < n - 1; }

// The product of (p_i - p_j) over the other ones of the first `finite` points.
constexpr double slope(int finite, int i) {
  double product = 1;
  for (int j = 0; j < finite; ++j)
    if (j != i) product *= kPoints[i] - kPoints[j];
  return product;
}
constexpr double scale(int i) { return slope(kMostFinite, i); }

// B' of n points.
constexpr Matrix input_matrix(int n) {
  Matrix m;
  for (int i = 0; i < n; ++i) {
    double* c = m.row[i];  // multiplied by one (t - p_j) after the other
    c[0] = i < n - 1 ? scale(i) / slope(n - 1, i) : 1;
    for (int j = 0; j < n - 1; ++j)
      for (int k = n - 1; j != i && k >= 0; --k) c[k] = (k > 0 ? c[k - 1] : 0) - kPoints[j] * c[k];
  }
  return m;
}

// The values at n points of a polynomial with `count` coefficients: A, or scaled, G.
constexpr Matrix value_matrix(int n, int count, bool scaled) {
  Matrix m;
  m.row[n - 1][count - 1] = 1;
  for (int i = 0; i < n - 1; ++i) {
    double power = scaled ? 1 / scale(i) : 1;
    for (int k = 0; k < count; ++k, power *= kPoints[i]) m.row[i][k] = power;
  }
  return m;
}

template <int n>
struct InputMatrix {
  static constexpr int kPoints = n, kOthers = n;
  static constexpr bool kPairs = n % 2 == 0;  // N(t) is odd when its roots are 0 and pairs
  static constexpr Matrix value = input_matrix(n);
};
template <int m, int r>
struct OutputMatrix {
  static constexpr int kPoints = m + r - 1, kOthers = m;
  static constexpr bool kPairs = true;
  static constexpr Matrix value = value_matrix(kPoints, m, false);
};
template <int n, int r>
struct FilterMatrix {
  static constexpr int kPoints = n, kOthers = r;
  static constexpr bool kPairs = true;
  static constexpr Matrix value = value_matrix(n, r, true);
};

// The entry that meets in[k]: of row i, or of column i where a pair has become one entry.
template <class M, bool transposed>
constexpr double entry(int i, int k) {
  if (transposed) return closes_pair(M::kPoints, k) ? 0 : M::value.row[k][i];
  return M::value.row[i][k];
}
template <class M, bool transposed>
constexpr bool any(int i, int k, int step, int end) {
  for (; k < end; k += step)
    if (entry<M, transposed>(i, k) != 0) return true;
  return false;
}

// The sum of entry(i, k) in[k] over k, k + step, ... < end. Zeros cost nothing, ones no product.
template <class M, bool transposed, int i, int k, int step, int end>
inline __attribute__((always_inline)) V dot(const V* in) {
  constexpr float c = static_cast<float>(entry<M, transposed>(i, k));
  if constexpr (!any<M, transposed>(i, k, step, end)) {
    return V{};
  } else if constexpr (c == 0) {
    return dot<M, transposed, i, k + step, step, end>(in);
  } else if constexpr (!any<M, transposed>(i, k + step, step, end)) {
    return c == 1 ? in[k] : c * in[k];
  } else {
    const V rest = dot<M, transposed, i, k + step, step, end>(in);
    return c == 1 ? rest + in[k] : rest + c * in[k];
  }
}

// out [points] = M in [others].
template <class M>
struct Times {
  static constexpr int kIn = M::kOthers, kOut = M::kPoints;

  template <int i = 0>
  static inline __attribute__((always_inline)) void apply(const V* in, V* out) {
    if constexpr (i < kOut) {
      constexpr bool pair = M::kPairs && opens_pair(kOut, i);
      if constexpr (pair) {
        const V even = dot<M, false, i, 0, 2, kIn>(in), odd = dot<M, false, i, 1, 2, kIn>(in);
        out[i] = even + odd;
        out[i + 1] = even - odd;
      } else {
        out[i] = dot<M, false, i, 0, 1, kIn>(in);
      }
      apply<i + 1 + pair>(in, out);
    }
  }
};

// out [others] = M' in [points].
template <class M>
struct TransposedTimes {
  static constexpr int kIn = M::kPoints, kOut = M::kOthers;

  static inline __attribute__((always_inline)) void apply(const V* in, V* out) {
    V even[kIn], odd[kIn];  // a pair meets even powers with its sum and odd powers with its difference
#pragma GCC unroll 8
    for (int k = 0; k < kIn; ++k) {
      even[k] = opens_pair(kIn, k) ? in[k] + in[k + 1] : in[k];
      odd[k] = opens_pair(kIn, k) ? in[k] - in[k + 1] : in[k];
    }
    columns<0>(even, odd, out);
  }

  template <int j>
  static inline __attribute__((always_inline)) void columns(const V* even, const V* odd, V* out) {
    if constexpr (j < kOut) {
      out[j] = dot<M, true, j, 0, 1, kIn>(j % 2 == 0 ? even : odd);
      columns<j + 1>(even, odd, out);
    }
  }
};

}  // namespace
}  // namespace fewer::kernels::FEWER_ISA
