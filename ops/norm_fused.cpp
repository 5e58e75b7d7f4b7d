// Batch norm with what follows it: a sum with a shortcut, or max pooling. One op instead of three because memory, not
// arithmetic, is what these steps wait for. Counted in streams, that is, how often a tensor of x's size is read or
// written, with those of separate ops in brackets (p is the share of x that pooling keeps, 1/4 for 2x2 windows):
//
//                     statistics   forward          sums over g       gradient of x
//   add, relu         1            3 [7]            4 [5]             3 [3]
//   relu, max pool    1            1 + 2p [3 + 2p]  2p [3 + 2p]       2 + 2p [3]
//
// The sums of the first read x, g and y and write the gradient of the shortcut: g where the relu was open. Those of the
// second run over the winners alone, since g is 0 elsewhere.
#include "ops/kernels/norm_pool.h"
#include "ops/norm_rules.h"
#include "ops/pool_windows.h"

namespace fewer {
namespace {

// --- y = relu?(batch_norm(x) + r); call.activation is kNone, the relu comes after the sum ---

using SumCall = BatchNormCall;

std::vector<Tensor> add_gradients_composed(const SumCall& call, const Tensor& g, const Tensor& y, bool relu,
                                           Needed needed) {
  const Tensor open = relu ? mul(g, greater(y, Tensor::scalar(0))) : g;
  const bool inner[] = {needed[0], needed[2], needed[3]};
  const std::vector<Tensor> d = call.composed_gradients(open, inner);
  return {d[0], open, d[1], d[2]};
}

std::vector<Tensor> add_gradients(const SumCall& call, const Tensor& g, const Tensor& y, bool relu, Needed needed) {
  Tensor open = g;
  NormGradientSums sums(call.sizes.channels);
  if (relu) {
    open = Tensor::uninitialized(g.shape());
    kernels::norm_open_gradient_sums(call.x.data(), g.data(), y.data(), open.mutable_data(), sums.g.data(),
                                     sums.gx.data(), call.factors.map(), call.sizes);
  } else {
    sums.take(call.x, g, call.factors.map());
  }
  const BatchNormTerms terms(call, sums);
  return {needed[0] ? terms.input_gradient(call, open) : Tensor(), open, terms.gamma, terms.beta};
}

// --- y = max_pool2d(activation(batch_norm(x))) ---

std::vector<Tensor> pool_gradients_composed(const BatchNormCall& call, const Tensor& g, const PoolSizes& windows,
                                            Needed needed) {
  Tensor normalized = Tensor::uninitialized(call.x.shape());
  kernels::norm_apply(call.x.data(), normalized.mutable_data(), call.factors.map(), call.sizes);
  return call.composed_gradients(scatter_winners(g, winners(normalized, windows), windows), needed);
}

std::vector<Tensor> pool_gradients(const BatchNormCall& call, const Tensor& winner, const Tensor& g,
                                   const PoolSizes& windows, Needed needed) {
  NormGradientSums sums(call.sizes.channels);
  sums.take(winner, g, call.factors.map());
  const BatchNormTerms terms(call, sums);
  std::vector<Tensor> result{{}, terms.gamma, terms.beta};
  if (!needed[0]) return result;
  result[0] = Tensor::uninitialized(call.x.shape());
  kernels::norm_max_pool_gradient_input(call.x.data(), winner.data(), g.data(), terms.constant.data(),
                                        terms.slope.data(), result[0].mutable_data(), call.factors.map(), windows);
  return result;
}

}  // namespace

BatchNormResult batch_norm_add(const Tensor& x, const Tensor& r, const Tensor& gamma, const Tensor& beta, Real epsilon,
                               FusedActivation activation) {
  ENSURE(x.shape() == r.shape(), "batch_norm_add: x ", x.shape(), " and r ", r.shape(), " must have one shape");
  const bool relu = activation == FusedActivation::kRelu;
  SumCall call("batch_norm_add", x, gamma, beta, epsilon, FusedActivation::kNone);
  BatchNormResult result{Tensor::uninitialized(x.shape()), call.mean, call.variance};
  kernels::norm_apply_add(x.data(), r.data(), result.y.mutable_data(), call.factors.map(), relu, call.sizes);
  result.y = record("batch_norm_add", std::move(result.y), {relu},
                    wrt_all({x, r, gamma, beta}, [relu, call = std::move(call)](std::span<const Tensor> g,
                                                                                Needed needed, const Tensor& y) {
                      return is_recording() ? add_gradients_composed(call, g[0], y, relu, needed)
                                            : add_gradients(call, g[0], y, relu, needed);
                    }));
  return result;
}

BatchNormResult batch_norm_max_pool(const Tensor& x, const Tensor& gamma, const Tensor& beta, Real epsilon,
                                    FusedActivation activation, const Pool2dOptions& pool) {
  const PoolSizes windows = pool_sizes("batch_norm_max_pool", x.shape(), pool);
  if (!windows.disjoint()) {
    BatchNormResult result = batch_norm(x, gamma, beta, epsilon, activation);
    result.y = max_pool2d(result.y, pool);
    return result;
  }
  BatchNormCall call("batch_norm_max_pool", x, gamma, beta, epsilon, activation);
  BatchNormResult result{Tensor::uninitialized(pooled_shape(windows)), call.mean, call.variance};
  Tensor winner;  // the x that won; only a gradient asks for it
  if (is_recording() && (x.tracked() || gamma.tracked() || beta.tracked()))
    winner = Tensor::uninitialized(result.y.shape());
  kernels::norm_max_pool(x.data(), result.y.mutable_data(), winner.defined() ? winner.mutable_data() : nullptr,
                         call.factors.map(), windows);
  result.y = record(
      "batch_norm_max_pool", std::move(result.y), pool_attributes(windows),
      wrt_all({x, gamma, beta}, [windows, winner, call = std::move(call)](std::span<const Tensor> g, Needed needed) {
        return is_recording() ? pool_gradients_composed(call, g[0], windows, needed)
                              : pool_gradients(call, winner, g[0], windows, needed);
      }));
  return result;
}

}  // namespace fewer
