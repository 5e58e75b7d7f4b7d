#include "tests/support/naive_gemm.h"

namespace fewer::testing {

std::vector<double> naive_gemm(const std::vector<double>& a, const std::vector<double>& b, const std::vector<double>& c,
                               kernels::GemmSizes s) {
  if (s.lda == 0) s.lda = s.transpose_a ? s.m : s.k;
  if (s.ldb == 0) s.ldb = s.transpose_b ? s.k : s.n;
  if (s.ldc == 0) s.ldc = s.n;
  std::vector<double> out = c;
  for (int64_t i = 0; i < s.m; ++i)
    for (int64_t j = 0; j < s.n; ++j) {
      double sum = s.accumulate ? c[i * s.ldc + j] : 0;
      for (int64_t t = 0; t < s.k; ++t)
        sum += a[s.transpose_a ? t * s.lda + i : i * s.lda + t] * b[s.transpose_b ? j * s.ldb + t : t * s.ldb + j];
      out[i * s.ldc + j] = sum;
    }
  return out;
}

std::vector<double> random_values(int64_t n, uint64_t seed) {
  std::vector<double> values(static_cast<size_t>(n));
  uint64_t state = seed * 0x9e3779b97f4a7c15u + 1;  // a linear congruence is random enough to find a wrong index
  for (double& value : values) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    value = static_cast<float>(static_cast<double>(state >> 11) * 0x1p-52 - 1);
  }
  return values;
}

}  // namespace fewer::testing
