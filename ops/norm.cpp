// Normalisation. With n rows, v the variance, s = gamma / sqrt(v + epsilon), x^ = (x - mean) / sqrt(v + epsilon), y =
// gamma x^ + beta and g the gradient of y (0 where a fused relu is closed):
//
//   dbeta = sum g      dgamma = sum g x^      dx = s (g - dbeta / n - x^ dgamma / n)
//
// The last two terms are what arrives through the batch's own mean and variance; with given statistics they are
// gradients of those. (Ioffe, Szegedy: Batch Normalization, 2015.) A first gradient is computed by kernels in two
// passes, whatever y is used for, and reads x instead of keeping y or x^. A gradient that is itself recorded is the
// same formula in ops.
#include <cmath>
#include <vector>

#include "ops/kernels/norm.h"
#include "ops/ops.h"

namespace fewer {
namespace {

using kernels::NormMap;
using kernels::NormSizes;

NormSizes norm_sizes(const char* op, const Tensor& x, std::initializer_list<const Tensor*> factors) {
  ENSURE(x.rank() >= 1, op, ": expected x [..., C], got a scalar");
  for (const Tensor* factor : factors)
    ENSURE(!factor->defined() || factor->shape() == Shape{x.size(-1)}, op, ": x ", x.shape(),
           " needs factors of shape [", x.size(-1), "], got ", factor->shape());
  return {x.shape().without(-1).numel(), x.size(-1)};
}

// The factors of y = (x - mean) scale + shift for statistics, gamma and beta.
class Factors {
 public:
  Factors(const Tensor& gamma, const Tensor& beta, const Tensor& mean, const Tensor& variance, Real epsilon,
          FusedActivation activation)
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
  NormMap map() const { return {mean_.data(), scale_.data(), shift_.data(), relu_}; }
  Real inverse(size_t c) const { return inverse_[c]; }  // 1 / sqrt(variance + epsilon)
  Real scale(size_t c) const { return scale_[c]; }

 private:
  Tensor mean_;
  std::vector<Real> inverse_, scale_, shift_;
  bool relu_;
};

template <class Value>  // Value: channel -> number
Tensor per_channel(int64_t channels, Value value) {
  Tensor result = Tensor::uninitialized({channels});
  Real* const out = result.mutable_data();
  for (int64_t c = 0; c < channels; ++c) out[c] = static_cast<Real>(value(static_cast<size_t>(c)));
  return result;
}

struct GradientSums {
  std::vector<double> g, gx;  // sum of g, sum of g (x - mean)
  GradientSums(const Tensor& x, const Tensor& g_in, const NormMap& map, const NormSizes& s)
      : g(static_cast<size_t>(s.channels)), gx(g.size()) {
    kernels::norm_gradient_sums(x.data(), g_in.data(), g.data(), gx.data(), map, s);
  }
};

// x^ and the gradient of gamma x^ + beta, as ops on rows [R, C]; statistics [1, C].
struct Composed {
  Tensor inverse, normalized, scale, g;
  Composed(const Tensor& rows, const Tensor& gradient, const Tensor& gamma, const Tensor& beta, const Tensor& mean,
           const Tensor& variance, Real epsilon, FusedActivation activation)
      : inverse(reciprocal(sqrt(add(variance, epsilon)))),
        normalized(mul(sub(rows, mean), inverse)),
        scale(gamma.defined() ? mul(inverse, gamma) : inverse),
        g(gradient) {
    if (activation == FusedActivation::kNone) return;
    Tensor y = gamma.defined() ? mul(normalized, gamma) : normalized;
    if (beta.defined()) y = add(y, beta);
    g = mul(g, greater(y, Tensor::scalar(0)));
  }
};

Tensor as_rows(const Tensor& x, const NormSizes& s) { return reshape(x, Shape{s.rows, s.channels}); }

// --- with the batch's own statistics ---

std::vector<Tensor> batch_norm_gradients_composed(const Tensor& x, const Tensor& gamma, const Tensor& beta,
                                                  const Tensor& g, Real epsilon, FusedActivation activation,
                                                  Needed needed, const NormSizes& s) {
  const Tensor rows = as_rows(x, s), mean_row = mean(rows, {0}, true);
  const Composed c(rows, as_rows(g, s), gamma, beta, mean_row, mean(square(sub(rows, mean_row)), {0}, true), epsilon,
                   activation);
  const Tensor weighted = mul(c.g, c.normalized);
  std::vector<Tensor> result(3);
  if (needed[0]) {
    const Tensor through_mean = mean(c.g, {0}, true), through_variance = mul(c.normalized, mean(weighted, {0}, true));
    result[0] = reshape(mul(c.scale, sub(sub(c.g, through_mean), through_variance)), x.shape());
  }
  if (needed[1]) result[1] = sum(weighted, {0});
  if (needed[2]) result[2] = sum(c.g, {0});
  return result;
}

std::vector<Tensor> batch_norm_gradients(const Tensor& x, const Tensor& g, const Factors& f, Needed needed,
                                         const NormSizes& s) {
  const GradientSums sums(x, g, f.map(), s);
  const double n = static_cast<double>(s.rows);
  std::vector<Tensor> result(3);
  if (needed[0]) {
    const Tensor constant = per_channel(s.channels, [&](size_t c) { return -f.scale(c) * sums.g[c] / n; });
    const Tensor slope =
        per_channel(s.channels, [&](size_t c) { return -f.scale(c) * f.inverse(c) * f.inverse(c) * sums.gx[c] / n; });
    result[0] = Tensor::uninitialized(x.shape());
    kernels::norm_gradient_input(x.data(), g.data(), constant.data(), slope.data(), result[0].mutable_data(), f.map(),
                                 s);
  }
  if (needed[1]) result[1] = per_channel(s.channels, [&](size_t c) { return f.inverse(c) * sums.gx[c]; });
  if (needed[2]) result[2] = per_channel(s.channels, [&](size_t c) { return sums.g[c]; });
  return result;
}

// --- with given statistics ---

std::vector<Tensor> batch_norm_with_gradients_composed(const Tensor& x, const Tensor& gamma, const Tensor& beta,
                                                       const Tensor& mean, const Tensor& variance, const Tensor& g,
                                                       Real epsilon, FusedActivation activation, const NormSizes& s) {
  const Composed c(as_rows(x, s), as_rows(g, s), gamma, beta, mean, variance, epsilon, activation);
  const Tensor sum_g = sum(c.g, {0}), sum_weighted = sum(mul(c.g, c.normalized), {0});
  return {reshape(mul(c.g, c.scale), x.shape()), sum_weighted, sum_g, neg(mul(c.scale, sum_g)),
          mul(mul(mul(c.scale, c.inverse), sum_weighted), Real(-0.5))};
}

std::vector<Tensor> batch_norm_with_gradients(const Tensor& x, const Tensor& g, const Factors& f, Needed needed,
                                              const NormSizes& s) {
  std::vector<Tensor> result(5);
  if (needed[0]) {
    const Tensor none = Tensor::zeros({s.channels});
    result[0] = Tensor::uninitialized(x.shape());
    kernels::norm_gradient_input(x.data(), g.data(), none.data(), none.data(), result[0].mutable_data(), f.map(), s);
  }
  if (!needed[1] && !needed[2] && !needed[3] && !needed[4]) return result;
  const GradientSums sums(x, g, f.map(), s);
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
  const NormSizes s = norm_sizes("batch_norm", x, {&gamma, &beta});
  ENSURE(s.rows > 0, "batch_norm: x ", x.shape(), " has no rows to take statistics of");
  BatchNormResult result{Tensor::uninitialized(x.shape()), Tensor::uninitialized({s.channels}),
                         Tensor::uninitialized({s.channels})};
  kernels::channel_statistics(x.data(), result.mean.mutable_data(), result.variance.mutable_data(), s);
  Factors f(gamma, beta, result.mean, result.variance, epsilon, activation);
  kernels::norm_apply(x.data(), result.y.mutable_data(), f.map(), s);
  result.y = record("batch_norm", std::move(result.y), {activation == FusedActivation::kRelu},
                    wrt_all({x, gamma, beta}, [=, f = std::move(f)](std::span<const Tensor> g, Needed needed) {
                      return is_recording()
                                 ? batch_norm_gradients_composed(x, gamma, beta, g[0], epsilon, activation, needed, s)
                                 : batch_norm_gradients(x, g[0], f, needed, s);
                    }));
  return result;
}

Tensor batch_norm_with(const Tensor& x, const Tensor& gamma, const Tensor& beta, const Tensor& mean,
                       const Tensor& variance, Real epsilon, FusedActivation activation) {
  ENSURE(mean.defined() && variance.defined(), "batch_norm_with: the statistics are undefined");
  const NormSizes s = norm_sizes("batch_norm_with", x, {&gamma, &beta, &mean, &variance});
  Factors f(gamma, beta, mean, variance, epsilon, activation);
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
