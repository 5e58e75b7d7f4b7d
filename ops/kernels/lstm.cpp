// Per step one product with W_h and one pass over the gates, by rows (sequences), which do not depend on each other.
#include "ops/kernels/lstm.h"

#include <algorithm>
#include <vector>

#include "core/parallel.h"
#include "ops/kernels/elementwise.h"
#include "ops/kernels/gemm.h"

namespace fewer::kernels {
namespace {

// body(row) for every sequence; a piece is some microseconds of gate arithmetic.
template <class Body>
void for_sequences(const LstmSizes& s, Body body) {
  parallel_for(s.batch, std::max<int64_t>(1, 1024 / (s.units + 1)), [&](int64_t begin, int64_t end) {
    for (int64_t n = begin; n < end; ++n) body(n);
  });
}

// c = f c_before + i g,  h = o tanh(c), for one sequence; `gates` are activated in place.
void cell(Real* gates, const Real* c_before, Real* c, Real* h, int64_t d) {
  unary(Unary::kSigmoid, gates, gates, 2 * d);
  unary(Unary::kTanh, gates + 2 * d, gates + 2 * d, d);
  unary(Unary::kSigmoid, gates + 3 * d, gates + 3 * d, d);
  const Real *const i = gates, *const f = gates + d, *const g = gates + 2 * d, *const o = gates + 3 * d;
  for (int64_t j = 0; j < d; ++j) c[j] = f[j] * c_before[j] + i[j] * g[j];
  unary(Unary::kTanh, c, h, d);
  for (int64_t j = 0; j < d; ++j) h[j] *= o[j];
}

// Of one sequence. dc: gradient of c from later steps on entry, of c_before on return. tanh_c is scratch [D].
void cell_gradient(const Real* gates, const Real* c_before, const Real* c, const Real* dh, Real* dc, Real* d_gates,
                   Real* tanh_c, int64_t d) {
  const Real *const i = gates, *const f = gates + d, *const g = gates + 2 * d, *const o = gates + 3 * d;
  unary(Unary::kTanh, c, tanh_c, d);
  for (int64_t j = 0; j < d; ++j) {
    const Real t = tanh_c[j];
    const Real dcj = dc[j] + dh[j] * o[j] * (1 - t * t);
    d_gates[j] = dcj * g[j] * i[j] * (1 - i[j]);
    d_gates[d + j] = dcj * c_before[j] * f[j] * (1 - f[j]);
    d_gates[2 * d + j] = dcj * i[j] * (1 - g[j] * g[j]);
    d_gates[3 * d + j] = dh[j] * t * o[j] * (1 - o[j]);
    dc[j] = dcj * f[j];
  }
}

}  // namespace

void lstm(const Real* h0, const Real* c0, const Real* w_h, Real* gates, Real* c, Real* h, const LstmSizes& s) {
  const int64_t d = s.units, step = s.batch * d;
  for (int64_t t = 0; t < s.steps; ++t) {
    Real* const now = gates + t * 4 * step;
    const Real* const h_before = t == 0 ? h0 : h + (t - 1) * step;
    const Real* const c_before = t == 0 ? c0 : c + (t - 1) * step;
    gemm(h_before, w_h, now, {.m = s.batch, .n = 4 * d, .k = d, .accumulate = true});
    for_sequences(
        s, [&](int64_t n) { cell(now + n * 4 * d, c_before + n * d, c + t * step + n * d, h + t * step + n * d, d); });
  }
}

void lstm_gradient(const Real* g_h, const Real* gates, const Real* c0, const Real* c, const Real* w_h, Real* d_gates,
                   Real* dh, Real* dc, const LstmSizes& s) {
  const int64_t d = s.units, step = s.batch * d;
  std::vector<Real> tanh_c(static_cast<size_t>(step));
  for (int64_t t = s.steps - 1; t >= 0; --t) {
    const Real* const c_before = t == 0 ? c0 : c + (t - 1) * step;
    Real* const d_now = d_gates + t * 4 * step;
    for_sequences(s, [&](int64_t n) {
      for (int64_t j = n * d; j < (n + 1) * d; ++j) dh[j] += g_h[t * step + j];
      cell_gradient(gates + (t * s.batch + n) * 4 * d, c_before + n * d, c + t * step + n * d, dh + n * d, dc + n * d,
                    d_now + n * 4 * d, tanh_c.data() + n * d, d);
    });
    gemm(d_now, w_h, dh, {.m = s.batch, .n = d, .k = 4 * d, .transpose_b = true});
  }
}

}  // namespace fewer::kernels
