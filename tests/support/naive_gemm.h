// The definition of a matrix product, as three loops in double, and helpers the kernel tests share.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "core/parallel.h"
#include "ops/kernels/gemm.h"
#include "ops/kernels/isa.h"

namespace fewer::testing {

// op(A) op(B), plus c when accumulating; leading dimensions as in GemmSizes.
std::vector<double> naive_gemm(const std::vector<double>& a, const std::vector<double>& b, const std::vector<double>& c,
                               kernels::GemmSizes s);

// Values that float holds exactly, uniform in [-1, 1].
std::vector<double> random_values(int64_t n, uint64_t seed);

template <class T>
std::vector<T> as(const std::vector<double>& values) {
  return std::vector<T>(values.begin(), values.end());
}

// Relative L2 distance.
template <class T>
double distance(const std::vector<T>& values, const std::vector<double>& expected) {
  double error = 0, norm = 0;
  for (size_t i = 0; i < expected.size(); ++i) {
    error += (values[i] - expected[i]) * (values[i] - expected[i]);
    norm += expected[i] * expected[i];
  }
  if (values.size() != expected.size()) return INFINITY;
  return norm == 0 ? std::sqrt(error) : std::sqrt(error / norm);
}

// What rounding may do to a sum of k products of independent random terms. The worst case is k eps; errors of random sign add up as
// a random walk instead: sqrt(k) eps relative to the sum's own size (which is itself a random walk). Twice that is never reached in practice.
template <class T>
double rounding_bound(int64_t k) {
  return 2 * std::sqrt(static_cast<double>(k) + 1) * std::numeric_limits<T>::epsilon();
}

// Restores the instruction set and the number of threads at the end of a test.
class KeepSettings {
 public:
  KeepSettings() : isa_(kernels::isa_name()), threads_(threads()) {}
  ~KeepSettings() {
    kernels::set_isa(isa_);
    set_threads(threads_);
  }

 private:
  std::string isa_;
  int threads_;
};

}  // namespace fewer::testing
