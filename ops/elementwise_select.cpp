// Ops that choose: which operand, which elements, and what the gradient may see.
#include <utility>

#include "core/rng.h"
#include "ops/apply.h"

namespace fewer {

using kernels::Binary;

Tensor stop_gradient(const Tensor& x) { return record_constant("stop_gradient", x.detach(), {x}); }

Tensor straight_through(const Tensor& value, const Tensor& x) {
  ENSURE(value.shape() == x.shape(), "straight_through: value ", value.shape(), " and x ", x.shape(),
         " must have one shape");
  return record("straight_through", value.detach(), {x}, {}, wrt(x, pass_on));
}

Tensor where(const Tensor& condition, const Tensor& a, const Tensor& b) {
  ENSURE(condition.defined() && a.defined() && b.defined(), "where: a tensor is undefined");
  const Shape shape = broadcast_shape("where", broadcast_shape("where", a.shape(), b.shape()), condition.shape());
  Tensor y = Tensor::uninitialized(shape);
  {
    const NoGrad values_only;
    const Tensor c = expand(condition, shape), yes = expand(a, shape), no = expand(b, shape);
    kernels::select(c.data(), yes.data(), no.data(), y.mutable_data(), y.numel());
  }
  // A gate leaves no product behind: where it is closed, an infinite gradient stays out.
  return record("where", std::move(y), {condition.detach(), a, b}, {},
                wrt(a, [c = condition.detach(), s = a.shape()](const Tensor& g) {
                  return sum_to(gate(Binary::kIfNonzero, g, c), s);
                }),
                wrt(b, [c = condition.detach(), s = b.shape()](const Tensor& g) {
                  return sum_to(gate(Binary::kIfZero, g, c), s);
                }));
}

Tensor dropout(const Tensor& x, Real probability, Rng& rng) {
  ENSURE(probability >= 0 && probability < 1, "dropout: expected a probability in [0, 1), got ", probability);
  if (probability == 0) return x;
  Tensor mask = Tensor::uninitialized(x.shape());  // 1 / (1 - p) where an element stays
  Real* const m = mask.mutable_data();
  rng.fill_bernoulli(m, mask.numel(), 1 - probability);
  kernels::unary(kernels::Unary::kMulScalar, m, m, mask.numel(), 1 / (1 - probability));
  return record("dropout", apply("dropout", Binary::kMul, x, mask), {x}, {},
                wrt(x, [mask](const Tensor& g) { return mul(g, mask); }));
}

}  // namespace fewer
