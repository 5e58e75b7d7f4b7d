// Functions of two tensors, element by element, with broadcasting.
//
// The gradient of a broadcast operand is summed back to its shape by `sum_to`, which does nothing when the shapes
// agree. The commonest case, equal shapes, has rules of its own that keep only what they need: chains of thousands of
// small ops (recurrent steps, inner loops) are as fast as their nodes are small.
#include <utility>

#include "ops/apply.h"

namespace fewer {

using kernels::Binary;

namespace {

Tensor apply_equal(Binary kernel, const Tensor& a, const Tensor& b, Real p, Real q) {
  Tensor y = Tensor::uninitialized(a.shape());
  kernels::binary(kernel, a.data(), b.data(), y.mutable_data(), a.numel(), p, q);
  return y;
}

Tensor apply_broadcast(const char* op, Binary kernel, const Tensor& a, const Tensor& b, Real p, Real q) {
  Tensor y = Tensor::uninitialized(broadcast_shape(op, a.shape(), b.shape()));
  kernels::binary(kernel, a.data(), a.shape(), b.data(), b.shape(), y.mutable_data(), y.shape(), p, q);
  return y;
}

}  // namespace

Tensor apply(const char* op, Binary kernel, const Tensor& a, const Tensor& b, Real p, Real q) {
  ENSURE(a.defined() && b.defined(), op, ": the ", a.defined() ? "second" : "first", " tensor is undefined");
  return a.shape() == b.shape() ? apply_equal(kernel, a, b, p, q) : apply_broadcast(op, kernel, a, b, p, q);
}

Tensor add(const Tensor& a, const Tensor& b) {
  Tensor y = apply("add", Binary::kAdd, a, b);
  if (a.shape() == b.shape()) return record("add", std::move(y), {a, b}, {}, wrt(a, pass_on), wrt(b, pass_on));
  return record("add", std::move(y), {a, b}, {}, wrt(a, [s = a.shape()](const Tensor& g) { return sum_to(g, s); }),
                wrt(b, [s = b.shape()](const Tensor& g) { return sum_to(g, s); }));
}

Tensor sub(const Tensor& a, const Tensor& b) {
  Tensor y = apply("sub", Binary::kSub, a, b);
  if (a.shape() == b.shape())
    return record("sub", std::move(y), {a, b}, {}, wrt(a, pass_on),
                  wrt(b, [](const Tensor& g) { return neg(g); }));
  return record("sub", std::move(y), {a, b}, {}, wrt(a, [s = a.shape()](const Tensor& g) { return sum_to(g, s); }),
                wrt(b, [s = b.shape()](const Tensor& g) { return neg(sum_to(g, s)); }));
}

Tensor mul(const Tensor& a, const Tensor& b) {
  Tensor y = apply("mul", Binary::kMul, a, b);
  if (a.shape() == b.shape())
    return record("mul", std::move(y), {a, b}, {}, wrt(a, [b](const Tensor& g) { return mul(g, b); }),
                  wrt(b, [a](const Tensor& g) { return mul(g, a); }));
  return record("mul", std::move(y), {a, b}, {},
                wrt(a, [b, s = a.shape()](const Tensor& g) { return sum_to(mul(g, b), s); }),
                wrt(b, [a, s = b.shape()](const Tensor& g) { return sum_to(mul(g, a), s); }));
}

Tensor div(const Tensor& a, const Tensor& b) {  // d/db a/b = -y / b
  Tensor y = apply("div", Binary::kDiv, a, b);
  return record("div", std::move(y), {a, b}, {},
                wrt(a, [b, s = a.shape()](const Tensor& g) { return sum_to(div(g, b), s); }),
                wrt(b, [b](const Tensor& g, const Tensor& y) { return neg(sum_to(mul(div(g, b), y), b.shape())); }));
}

namespace {

// The gradient of max(a, b) by `a`, or of min(a, b) with the roles of the values exchanged: all of it, half at a tie,
// or none.
Tensor take_share(const Tensor& g, const Tensor& larger, const Tensor& smaller, const Shape& shape) {
  return sum_to(mul(g, apply("maximum", Binary::kShareOfMax, larger, smaller)), shape);
}

Tensor compare(const char* op, Binary kernel, const Tensor& a, const Tensor& b) {
  return record_constant(op, apply(op, kernel, a, b), {a, b});
}

}  // namespace

Tensor maximum(const Tensor& a, const Tensor& b) {
  return record("maximum", apply("maximum", Binary::kMax, a, b), {a, b}, {},
                wrt(a, [a = a.detach(), b = b.detach()](const Tensor& g) { return take_share(g, a, b, a.shape()); }),
                wrt(b, [a = a.detach(), b = b.detach()](const Tensor& g) { return take_share(g, b, a, b.shape()); }));
}

Tensor minimum(const Tensor& a, const Tensor& b) {
  return record("minimum", apply("minimum", Binary::kMin, a, b), {a, b}, {},
                wrt(a, [a = a.detach(), b = b.detach()](const Tensor& g) { return take_share(g, b, a, a.shape()); }),
                wrt(b, [a = a.detach(), b = b.detach()](const Tensor& g) { return take_share(g, a, b, b.shape()); }));
}

Tensor greater(const Tensor& a, const Tensor& b) { return compare("greater", Binary::kGreater, a, b); }
Tensor greater_equal(const Tensor& a, const Tensor& b) { return compare("greater_equal", Binary::kGreaterEqual, a, b); }
Tensor equal(const Tensor& a, const Tensor& b) { return compare("equal", Binary::kEqual, a, b); }

}  // namespace fewer
