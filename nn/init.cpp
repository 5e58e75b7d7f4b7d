#include "nn/init.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "core/linalg.h"

namespace fewer {
namespace {

Tensor normal(const Shape& shape, double std, Rng& rng) { return Tensor::normal(shape, 0, static_cast<Real>(std), rng); }
Tensor uniform(const Shape& shape, double bound, Rng& rng) {
  return Tensor::uniform(shape, static_cast<Real>(-bound), static_cast<Real>(bound), rng);
}

Tensor truncated_normal(const TruncatedNormalInit& init, const Shape& shape, Rng& rng) {
  Tensor result = Tensor::uninitialized(shape);
  Real* out = result.mutable_data();
  for (int64_t i = 0; i < shape.numel(); ++i) {
    double z = rng.normal();
    while (std::abs(z) > 2) z = rng.normal();
    out[i] = static_cast<Real>(init.mean + init.std * z);
  }
  return result;
}

// The tensor as a matrix [product of the leading axes, O]: the Q of a random normal matrix, standing up or lying down.
Tensor orthogonal(const OrthogonalInit& init, const Shape& shape, Rng& rng) {
  ENSURE(shape.rank() >= 2, "init orthogonal: a matrix or a convolution weight was expected, but the shape is ", shape,
         "; use another initialisation for it");
  const int64_t columns = shape.size(-1), rows = columns == 0 ? 0 : shape.numel() / columns;
  linalg::Matrix random(std::max(rows, columns), std::min(rows, columns));
  for (int64_t i = 0; i < random.rows() * random.cols(); ++i) random.data()[i] = rng.normal();
  linalg::Matrix q = linalg::qr(random).q;
  for (int64_t i = 0; i < q.rows() * q.cols(); ++i) q.data()[i] *= init.gain;
  return (rows < columns ? q.transposed() : q).tensor().viewed_as(shape);
}

// One overload per alternative of InitConfig.
struct Start {
  const Shape& shape;
  Rng& rng;
  double in, out;  // fans

  Tensor operator()(const HeNormalInit&) const { return normal(shape, std::sqrt(2 / in), rng); }
  Tensor operator()(const HeUniformInit&) const { return uniform(shape, std::sqrt(6 / in), rng); }
  Tensor operator()(const GlorotNormalInit&) const { return normal(shape, std::sqrt(2 / (in + out)), rng); }
  Tensor operator()(const GlorotUniformInit&) const { return uniform(shape, std::sqrt(6 / (in + out)), rng); }
  Tensor operator()(const LecunNormalInit&) const { return normal(shape, std::sqrt(1 / in), rng); }
  Tensor operator()(const LecunUniformInit&) const { return uniform(shape, std::sqrt(3 / in), rng); }
  Tensor operator()(const FanInUniformInit& i) const { return uniform(shape, i.scale / std::sqrt(in), rng); }
  Tensor operator()(const OrthogonalInit& i) const { return orthogonal(i, shape, rng); }
  Tensor operator()(const UniformInit& i) const {
    return Tensor::uniform(shape, static_cast<Real>(i.low), static_cast<Real>(i.high), rng);
  }
  Tensor operator()(const NormalInit& i) const {
    return Tensor::normal(shape, static_cast<Real>(i.mean), static_cast<Real>(i.std), rng);
  }
  Tensor operator()(const TruncatedNormalInit& i) const { return truncated_normal(i, shape, rng); }
  Tensor operator()(const ConstantInit& i) const { return Tensor::full(shape, static_cast<Real>(i.value)); }
};

}  // namespace

Fans fans_of(const Shape& weight, int64_t groups) {
  const int64_t in = weight.size(-2), out = weight.size(-1);
  const int64_t receptive_field = in * out == 0 ? 1 : weight.numel() / (in * out);
  return {.in = receptive_field * in, .out = receptive_field * out / groups};
}

Tensor initial_values(const InitConfig& init, const Shape& shape, Fans fans, Rng& rng) {
  const double in = static_cast<double>(std::max<int64_t>(fans.in, 1)), out = static_cast<double>(fans.out);
  return std::visit(Start{shape, rng, in, out}, init);
}

}  // namespace fewer
