// Functions of one tensor, element by element.
//
// Where a first derivative is a product of several terms, one fused kernel computes it; when the gradient is itself
// being recorded the rule composes it of ops, which have gradients in their turn. Piecewise linear functions share
// one gradient op, `gate`.
#include "ops/apply.h"

namespace fewer {

using kernels::Binary;
using kernels::Unary;

Tensor apply(const char* op, Unary kernel, const Tensor& x, Real p, Real q) {
  ENSURE(x.defined(), op, ": the tensor is undefined");
  Tensor y = Tensor::uninitialized(x.shape());
  kernels::unary(kernel, x.data(), y.mutable_data(), x.numel(), p, q);
  return y;
}

Tensor gate(Binary kernel, const Tensor& g, const Tensor& reference, Real p, Real q) {
  Tensor y = apply("gate", kernel, g, reference, p, q);
  return record("gate", std::move(y), {g}, {}, wrt(g, [kernel, reference = reference.detach(), p, q](const Tensor& gg) {
                  return gate(kernel, gg, reference, p, q);
                }));
}

namespace {

// A first-order gradient by its fused kernel: a constant, seen by the observers.
Tensor fused(const char* op, Binary kernel, const Tensor& g, const Tensor& reference) {
  return record_constant(op, apply(op, kernel, g, reference), {g, reference});
}

// scale * a * b, of one shape.
Tensor mul_scaled(const Tensor& a, const Tensor& b, Real scale) {
  Tensor y = apply("mul_scaled", Binary::kMulScaled, a, b, scale);
  return record("mul_scaled", std::move(y), {a, b}, {},
                wrt(a, [b, scale](const Tensor& g) { return mul_scaled(g, b, scale); }),
                wrt(b, [a, scale](const Tensor& g) { return mul_scaled(g, a, scale); }));
}

}  // namespace

Tensor add(const Tensor& a, Real b) {
  return record("add", apply("add", Unary::kAddScalar, a, b), {a}, {}, wrt(a, pass_on));
}

Tensor mul(const Tensor& a, Real b) {
  return record("mul", apply("mul", Unary::kMulScalar, a, b), {a}, {},
                wrt(a, [b](const Tensor& g) { return mul(g, b); }));
}

Tensor neg(const Tensor& x) {
  return record("neg", apply("neg", Unary::kNeg, x), {x}, {}, wrt(x, [](const Tensor& g) { return neg(g); }));
}

Tensor reciprocal(const Tensor& x) {
  return record("reciprocal", apply("reciprocal", Unary::kReciprocal, x), {x}, {},
                wrt(x, [](const Tensor& g, const Tensor& y) { return neg(mul(g, square(y))); }));
}

Tensor exp(const Tensor& x) {
  return record("exp", apply("exp", Unary::kExp, x), {x}, {},
                wrt(x, [](const Tensor& g, const Tensor& y) { return mul(g, y); }));
}

Tensor log(const Tensor& x) {
  return record("log", apply("log", Unary::kLog, x), {x}, {}, wrt(x, [x](const Tensor& g) { return div(g, x); }));
}

Tensor log1p(const Tensor& x) {
  return record("log1p", apply("log1p", Unary::kLog1p, x), {x}, {},
                wrt(x, [x](const Tensor& g) { return div(g, add(x, Real{1})); }));
}

Tensor sqrt(const Tensor& x) {  // y' = 1 / (2 y)
  return record("sqrt", apply("sqrt", Unary::kSqrt, x), {x}, {}, wrt(x, [](const Tensor& g, const Tensor& y) {
                  return is_recording() ? div(mul(g, Real(0.5)), y) : fused("sqrt_grad", Binary::kSqrtGrad, g, y);
                }));
}

Tensor square(const Tensor& x) {
  return record("square", apply("square", Unary::kSquare, x), {x}, {},
                wrt(x, [x](const Tensor& g) { return mul_scaled(g, x, 2); }));
}

Tensor pow(const Tensor& x, Real exponent) {
  return record("pow", apply("pow", Unary::kPow, x, exponent), {x}, {}, wrt(x, [x, exponent](const Tensor& g) {
                  if (exponent == 0) return Tensor::zeros(x.shape());  // also at x = 0, where x^-1 is infinite
                  return mul_scaled(g, pow(x, exponent - 1), exponent);
                }));
}

Tensor abs(const Tensor& x) {
  return record("abs", apply("abs", Unary::kAbs, x), {x}, {},
                wrt(x, [x = x.detach()](const Tensor& g) { return gate(Binary::kTimesSign, g, x); }));
}

Tensor sin(const Tensor& x) {
  return record("sin", apply("sin", Unary::kSin, x), {x}, {}, wrt(x, [x](const Tensor& g) { return mul(g, cos(x)); }));
}

Tensor cos(const Tensor& x) {
  return record("cos", apply("cos", Unary::kCos, x), {x}, {},
                wrt(x, [x](const Tensor& g) { return neg(mul(g, sin(x))); }));
}

Tensor tanh(const Tensor& x) {  // y' = 1 - y^2
  return record("tanh", apply("tanh", Unary::kTanh, x), {x}, {}, wrt(x, [](const Tensor& g, const Tensor& y) {
                  return is_recording() ? mul(g, Real{1} - square(y)) : fused("tanh_grad", Binary::kTanhGrad, g, y);
                }));
}

Tensor sigmoid(const Tensor& x) {  // y' = y (1 - y)
  return record("sigmoid", apply("sigmoid", Unary::kSigmoid, x), {x}, {}, wrt(x, [](const Tensor& g, const Tensor& y) {
                  return is_recording() ? mul(mul(g, y), Real{1} - y)
                                        : fused("sigmoid_grad", Binary::kSigmoidGrad, g, y);
                }));
}

Tensor softplus(const Tensor& x) {  // y' = sigmoid(x)
  return record("softplus", apply("softplus", Unary::kSoftplus, x), {x}, {}, wrt(x, [x](const Tensor& g) {
                  return is_recording() ? mul(g, sigmoid(x)) : fused("softplus_grad", Binary::kSoftplusGrad, g, x);
                }));
}

Tensor record_relu(Tensor y, const Tensor& x) {
  return record("relu", std::move(y), {x}, {},
                wrt(x, [](const Tensor& g, const Tensor& y) { return gate(Binary::kIfPositive, g, y); }));
}

Tensor relu(const Tensor& x) { return record_relu(apply("relu", Unary::kRelu, x), x); }

Tensor leaky_relu(const Tensor& x, Real slope) {
  ENSURE(slope >= 0, "leaky_relu: expected a slope >= 0, got ", slope);  // else the output would not tell the sign of x
  return record("leaky_relu", apply("leaky_relu", Unary::kLeakyRelu, x, slope), {x}, {},
                wrt(x, [slope](const Tensor& g, const Tensor& y) { return gate(Binary::kLeaky, g, y, slope); }));
}

Tensor clamp(const Tensor& x, Real low, Real high) {
  ENSURE(low <= high, "clamp: expected low <= high, got ", low, " and ", high);
  return record(
      "clamp", apply("clamp", Unary::kClamp, x, low, high), {x}, {},
      wrt(x, [x = x.detach(), low, high](const Tensor& g) { return gate(Binary::kIfInside, g, x, low, high); }));
}

Tensor hard_tanh(const Tensor& x) {
  return record("hard_tanh", apply("hard_tanh", Unary::kClamp, x, -1, 1), {x}, {},
                wrt(x, [x = x.detach()](const Tensor& g) { return gate(Binary::kIfInside, g, x, -1, 1); }));
}

Tensor sign(const Tensor& x) {
  return record("sign", apply("sign", Unary::kSign, x), {x}, {},
                wrt(x, [](const Tensor& g) { return Tensor::zeros(g.shape()); }));
}

Tensor sign_straight_through(const Tensor& x) {
  return record("sign_straight_through", apply("sign_straight_through", Unary::kSignNonzero, x), {x}, {},
                wrt(x, [x = x.detach()](const Tensor& g) { return gate(Binary::kIfInside, g, x, -1, 1); }));
}

}  // namespace fewer
