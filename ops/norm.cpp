// Batch norm with its own and with given statistics, and layer norm. The formulas are in norm_rules.h.
#include "ops/norm_rules.h"

namespace fewer {
namespace {

std::vector<Tensor> batch_norm_gradients(const BatchNormCall& call, const Tensor& g, Needed needed) {
  NormGradientSums sums(call.sizes.channels);
  sums.take(call.x, g, call.factors.map());
  const BatchNormTerms terms(call, sums);
  return {needed[0] ? terms.input_gradient(call, g) : Tensor(), terms.gamma, terms.beta};
}

std::vector<Tensor> batch_norm_with_gradients_composed(const Tensor& x, const Tensor& gamma, const Tensor& beta,
                                                       const Tensor& mean, const Tensor& variance, const Tensor& g,
                                                       Real epsilon, FusedActivation activation, const NormSizes& s) {
  const Shape rows{s.rows, s.channels};
  const ComposedNorm c(reshape(x, rows), reshape(g, rows), gamma, beta, mean, variance, epsilon, activation);
  const Tensor sum_g = sum(c.g, {0}), sum_weighted = sum(mul(c.g, c.normalized), {0});
  return {reshape(mul(c.g, c.scale), x.shape()), sum_weighted, sum_g, neg(mul(c.scale, sum_g)),
          mul(mul(mul(c.scale, c.inverse), sum_weighted), Real(-0.5))};
}

std::vector<Tensor> batch_norm_with_gradients(const Tensor& x, const Tensor& g, const NormFactors& f, Needed needed,
                                              const NormSizes& s) {
  std::vector<Tensor> result(5);
  if (needed[0]) {
    const Tensor none = Tensor::zeros({s.channels});
    result[0] = Tensor::uninitialized(x.shape());
    kernels::norm_gradient_input(x.data(), g.data(), none.data(), none.data(), result[0].mutable_data(), f.map(), s);
  }
  if (!needed[1] && !needed[2] && !needed[3] && !needed[4]) return result;
  NormGradientSums sums(s.channels);
  sums.take(x, g, f.map());
  result[1] = per_channel(s.channels, [&](size_t c) { return f.inverse(c) * sums.gx[c]; });
  result[2] = per_channel(s.channels, [&](size_t c) { return sums.g[c]; });
  result[3] = per_channel(s.channels, [&](size_t c) { return -f.scale(c) * sums.g[c]; });
  result[4] =
      per_channel(s.channels, [&](size_t c) { return -0.5 * f.scale(c) * f.inverse(c) * f.inverse(c) * sums.gx[c]; });
  return result;
}

}  // namespace

BatchNormResult batch_norm(const Tensor& x, const Tensor& gamma, const Tensor& beta, Real epsilon,
                           FusedActivation activation) {
  BatchNormCall call("batch_norm", x, gamma, beta, epsilon, activation);
  BatchNormResult result{Tensor::uninitialized(x.shape()), call.mean, call.variance};
  kernels::norm_apply(x.data(), result.y.mutable_data(), call.factors.map(), call.sizes);
  result.y = record("batch_norm", std::move(result.y), {activation == FusedActivation::kRelu},
                    wrt_all({x, gamma, beta}, [call = std::move(call)](std::span<const Tensor> g, Needed needed) {
                      return is_recording() ? call.composed_gradients(g[0], needed)
                                            : batch_norm_gradients(call, g[0], needed);
                    }));
  return result;
}

Tensor batch_norm_with(const Tensor& x, const Tensor& gamma, const Tensor& beta, const Tensor& mean,
                       const Tensor& variance, Real epsilon, FusedActivation activation) {
  ENSURE(mean.defined() && variance.defined(), "batch_norm_with: the statistics are undefined");
  const NormSizes s = norm_sizes("batch_norm_with", x, {&gamma, &beta, &mean, &variance});
  NormFactors f(gamma, beta, mean, variance, epsilon, activation);
  Tensor y = Tensor::uninitialized(x.shape());
  kernels::norm_apply(x.data(), y.mutable_data(), f.map(), s);
  return record(
      "batch_norm_with", std::move(y), {activation == FusedActivation::kRelu},
      wrt_all({x, gamma, beta, mean, variance}, [=, f = std::move(f)](std::span<const Tensor> g, Needed needed) {
        return is_recording()
                   ? batch_norm_with_gradients_composed(x, gamma, beta, mean, variance, g[0], epsilon, activation, s)
                   : batch_norm_with_gradients(x, g[0], f, needed, s);
      }));
}

Tensor layer_norm(const Tensor& x, const Tensor& gamma, const Tensor& beta, Real epsilon) {
  norm_sizes("layer_norm", x, {&gamma, &beta});
  ENSURE(x.size(-1) > 0, "layer_norm: x ", x.shape(), " has rows without elements");
  const Tensor centred = sub(x, mean(x, {-1}, true));
  Tensor y = div(centred, sqrt(add(mean(square(centred), {-1}, true), epsilon)));
  if (gamma.defined()) y = mul(y, gamma);
  return beta.defined() ? add(y, beta) : y;
}

}  // namespace fewer
