// Random shapes and values for the questions put to PyTorch.
#pragma once

#include <algorithm>

#include "core/rng.h"
#include "core/tensor.h"

namespace fewer::testing {

inline constexpr int kOracleCases = 20;  // of every op

class Draw {
 public:
  explicit Draw(uint64_t seed) : rng_(seed) {}

  int64_t between(int64_t low, int64_t high) { return low + rng_.below(high - low + 1); }
  bool coin() { return rng_.bernoulli(0.5); }
  double real(double low, double high) { return static_cast<double>(static_cast<Real>(rng_.uniform(low, high))); }

  Shape shape(int least_rank, int most_rank, int64_t most_size = 6) {
    Shape result;
    for (int64_t rank = between(least_rank, most_rank); rank > 0; --rank) result.push_back(between(1, most_size));
    return result;
  }
  // Broadcasts against `shape`: some sizes are 1, some leading axes are missing.
  Shape broadcastable(const Shape& shape) {
    Shape result;
    for (int64_t axis = between(0, shape.rank()); axis < shape.rank(); ++axis)
      result.push_back(coin() ? 1 : shape[static_cast<int>(axis)]);
    return result;
  }

  Tensor normal(const Shape& shape) { return Tensor::normal(shape, 0, 1, rng_); }
  Tensor uniform(const Shape& shape, double low, double high) {
    return Tensor::uniform(shape, static_cast<Real>(low), static_cast<Real>(high), rng_);
  }
  Tensor positive(const Shape& shape) { return uniform(shape, 0.3, 3); }
  Tensor distinct(const Shape& shape) {  // no two values closer than 0.01, none closer to 0 than 0.005
    Tensor x = Tensor::uninitialized(shape);
    const std::vector<int64_t> order = rng_.permutation(x.numel());
    Real* out = x.mutable_data();
    for (int64_t i = 0; i < x.numel(); ++i)
      out[i] = Real(0.01) * (static_cast<Real>(order[static_cast<size_t>(i)] - x.numel() / 2) + Real(0.5));
    return x;
  }
  IntTensor indices(const Shape& shape, int64_t below) {
    IntTensor result = IntTensor::uninitialized(shape);
    int32_t* out = result.mutable_data();
    for (int64_t i = 0; i < result.numel(); ++i) out[i] = static_cast<int32_t>(rng_.below(below));
    return result;
  }
  std::vector<int64_t> permutation(int64_t n) { return rng_.permutation(n); }

 private:
  Rng rng_;
};

}  // namespace fewer::testing
