#include "ops/norm_rules.h"

#include <cmath>

namespace fewer {

NormSizes norm_sizes(const char* op, const Tensor& x, std::initializer_list<const Tensor*> factors) {
  ENSURE(x.rank() >= 1, op, ": expected x [..., C], got a scalar");
  for (const Tensor* factor : factors)
    ENSURE(!factor->defined() || factor->shape() == Shape{x.size(-1)}, op, ": x ", x.shape(),
           " needs factors of shape [", x.size(-1), "], got ", factor->shape());
  return {x.shape().without(-1).numel(), x.size(-1)};
}

NormFactors::NormFactors(const Tensor& gamma, const Tensor& beta, const Tensor& mean, const Tensor& variance,
                         Real epsilon, FusedActivation activation)
    : mean_(mean.detach()), relu_(activation == FusedActivation::kRelu) {
  const size_t channels = static_cast<size_t>(mean.numel());
  inverse_.resize(channels);
  scale_.resize(channels);
  shift_.resize(channels);
  for (size_t c = 0; c < channels; ++c) {
    inverse_[c] = Real(1) / std::sqrt(variance.data()[c] + epsilon);
    scale_[c] = gamma.defined() ? gamma.data()[c] * inverse_[c] : inverse_[c];
    shift_[c] = beta.defined() ? beta.data()[c] : Real(0);
  }
}

void NormGradientSums::take(const Tensor& x, const Tensor& g_in, const NormMap& map) {
  const NormSizes s{x.shape().without(-1).numel(), x.size(-1)};
  kernels::norm_gradient_sums(x.data(), g_in.data(), g.data(), gx.data(), map, s);
}

ComposedNorm::ComposedNorm(const Tensor& rows, const Tensor& gradient, const Tensor& gamma, const Tensor& beta,
                           const Tensor& mean, const Tensor& variance, Real epsilon, FusedActivation activation)
    : inverse(reciprocal(sqrt(add(variance, epsilon)))),
      normalized(mul(sub(rows, mean), inverse)),
      scale(gamma.defined() ? mul(inverse, gamma) : inverse),
      g(gradient) {
  if (activation == FusedActivation::kNone) return;
  Tensor y = gamma.defined() ? mul(normalized, gamma) : normalized;
  if (beta.defined()) y = add(y, beta);
  g = mul(g, greater(y, Tensor::scalar(0)));
}

BatchNormCall::BatchNormCall(const char* op, const Tensor& x_in, const Tensor& gamma_in, const Tensor& beta_in,
                             Real epsilon_in, FusedActivation activation_in)
    : x(x_in),
      gamma(gamma_in),
      beta(beta_in),
      epsilon(epsilon_in),
      activation(activation_in),
      sizes(norm_sizes(op, x, {&gamma, &beta})) {
  ENSURE(sizes.rows > 0, op, ": x ", x.shape(), " has no rows to take statistics of");
  mean = Tensor::uninitialized({sizes.channels});
  variance = Tensor::uninitialized({sizes.channels});
  kernels::channel_statistics(x.data(), mean.mutable_data(), variance.mutable_data(), sizes);
  factors = NormFactors(gamma, beta, mean, variance, epsilon, activation);
}

std::vector<Tensor> BatchNormCall::composed_gradients(const Tensor& g, Needed needed) const {
  const Shape row_shape{sizes.rows, sizes.channels};
  const Tensor rows = reshape(x, row_shape), mean_row = fewer::mean(rows, {0}, true);
  const ComposedNorm c(rows, reshape(g, row_shape), gamma, beta, mean_row,
                       fewer::mean(square(sub(rows, mean_row)), {0}, true), epsilon, activation);
  const Tensor weighted = mul(c.g, c.normalized);
  std::vector<Tensor> result(3);
  if (needed[0]) {
    const Tensor through_mean = fewer::mean(c.g, {0}, true),
                 through_variance = mul(c.normalized, fewer::mean(weighted, {0}, true));
    result[0] = reshape(mul(c.scale, sub(sub(c.g, through_mean), through_variance)), x.shape());
  }
  if (needed[1]) result[1] = sum(weighted, {0});
  if (needed[2]) result[2] = sum(c.g, {0});
  return result;
}

BatchNormTerms::BatchNormTerms(const BatchNormCall& call, const NormGradientSums& sums) {
  const NormFactors& f = call.factors;
  const int64_t channels = call.sizes.channels;
  const double n = static_cast<double>(call.sizes.rows);
  gamma = per_channel(channels, [&](size_t c) { return f.inverse(c) * sums.gx[c]; });
  beta = per_channel(channels, [&](size_t c) { return sums.g[c]; });
  constant = per_channel(channels, [&](size_t c) { return -f.scale(c) * sums.g[c] / n; });
  slope = per_channel(channels, [&](size_t c) { return -f.scale(c) * f.inverse(c) * f.inverse(c) * sums.gx[c] / n; });
}

Tensor BatchNormTerms::input_gradient(const BatchNormCall& call, const Tensor& g) const {
  Tensor dx = Tensor::uninitialized(call.x.shape());
  kernels::norm_gradient_input(call.x.data(), g.data(), constant.data(), slope.data(), dx.mutable_data(),
                               call.factors.map(), call.sizes);
  return dx;
}

}  // namespace fewer
