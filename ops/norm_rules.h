// What the batch-norm ops share (norm.cpp, norm_fused.cpp): the factors of their map and the formulas of their gradients.
//
// With n rows, v the variance, s = gamma / sqrt(v + epsilon), x^ = (x - mean) / sqrt(v + epsilon), y = gamma x^ + beta and
// g the gradient of y (0 where a fused relu is closed):
//
//   dbeta = sum g      dgamma = sum g x^      dx = s (g - dbeta / n - x^ dgamma / n)
//
// The last two terms are what arrives through the batch's own mean and variance; with given statistics they are
// gradients of those. (Ioffe, Szegedy: Batch Normalization, 2015.) A first gradient is computed by kernels in two
// passes, whatever y is used for, and reads x instead of keeping y or x^. A gradient that is itself recorded is the
// same formula in ops.
#pragma once

#include <initializer_list>
#include <vector>

#include "ops/kernels/norm.h"
#include "ops/ops.h"

namespace fewer {

using kernels::NormMap;
using kernels::NormSizes;

// Rows and channels of x [..., C]. Throws, naming `op`, when a factor is not [C] (undefined ones pass).
NormSizes norm_sizes(const char* op, const Tensor& x, std::initializer_list<const Tensor*> factors);

// The factors of y = (x - mean) scale + shift for statistics, gamma and beta.
class NormFactors {
 public:
  NormFactors() = default;
  NormFactors(const Tensor& gamma, const Tensor& beta, const Tensor& mean, const Tensor& variance, Real epsilon,
              FusedActivation activation);
  NormMap map() const { return {mean_.data(), scale_.data(), shift_.data(), relu_}; }
  Real inverse(size_t c) const { return inverse_[c]; }  // 1 / sqrt(variance + epsilon)
  Real scale(size_t c) const { return scale_[c]; }

 private:
  Tensor mean_;
  std::vector<Real> inverse_, scale_, shift_;
  bool relu_ = false;
};

template <class Value>  // Value: channel -> number
Tensor per_channel(int64_t channels, Value value) {
  Tensor result = Tensor::uninitialized({channels});
  Real* const out = result.mutable_data();
  for (int64_t c = 0; c < channels; ++c) out[c] = static_cast<Real>(value(static_cast<size_t>(c)));
  return result;
}

struct NormGradientSums {
  std::vector<double> g, gx;  // sum of g, sum of g (x - mean): [C]
  explicit NormGradientSums(int64_t channels) : g(static_cast<size_t>(channels)), gx(g.size()) {}
  void take(const Tensor& x, const Tensor& g, const NormMap& map);  // both [..., C], of one shape
};

// x^ and the gradient of gamma x^ + beta, as ops on rows [R, C]; statistics [1, C].
struct ComposedNorm {
  Tensor inverse, normalized, scale, g;
  ComposedNorm(const Tensor& rows, const Tensor& gradient, const Tensor& gamma, const Tensor& beta, const Tensor& mean,
               const Tensor& variance, Real epsilon, FusedActivation activation);
};

// A call of an op that normalises x with its own statistics; the op's rules keep it.
struct BatchNormCall {
  Tensor x, gamma, beta;
  Real epsilon;
  FusedActivation activation;
  NormSizes sizes;
  Tensor mean, variance;  // [C]
  NormFactors factors;

  // Takes the statistics. Throws, naming `op`, when shapes disagree or x has no rows.
  BatchNormCall(const char* op, const Tensor& x, const Tensor& gamma, const Tensor& beta, Real epsilon,
                FusedActivation activation);
  // The gradients of x, gamma and beta in ops, given that of the activation's output.
  std::vector<Tensor> composed_gradients(const Tensor& g, Needed needed) const;
};

// What follows from the two sums: dgamma, dbeta, and dx = scale g' + constant + slope (x - mean).
struct BatchNormTerms {
  Tensor gamma, beta, constant, slope;  // [C]
  BatchNormTerms(const BatchNormCall& call, const NormGradientSums& sums);
  Tensor input_gradient(const BatchNormCall& call, const Tensor& g) const;
};

}  // namespace fewer
