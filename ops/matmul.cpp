// Products. matmul is closed under differentiation: with y = A B, dA = g B' and dB = A' g are products again, and so
// with the transpose flags; no transpose is ever written to memory.
#include <algorithm>

#include "core/parallel.h"
#include "ops/kernels/gemm.h"
#include "ops/ops.h"

namespace fewer {
namespace {

using kernels::GemmSizes;

bool is_matrix(const Tensor& x) { return x.rank() == 2; }

// [..., R, C] -> [...*R, C]: many matrices of rows become one.
Tensor fold_rows(const Tensor& x) {
  return is_matrix(x) ? x : reshape(x, Shape{x.shape().without(-1).numel(), x.size(-1)});
}

struct MatmulSizes {
  GemmSizes gemm;
  int64_t batch = 1, stride_a = 0, stride_b = 0;
  Shape output;
};

Shape leading(const Shape& shape) { return Shape(std::span(shape.begin(), static_cast<size_t>(shape.rank() - 2))); }

MatmulSizes matmul_sizes(const Shape& a, const Shape& b, MatmulOptions options) {
  const char* const ta = options.transpose_a ? " transposed" : "";
  const char* const tb = options.transpose_b ? " transposed" : "";
  ENSURE(a.rank() >= 2 && b.rank() >= 2, "matmul: expected matrices, got ", a, " and ", b,
         "; reshape a vector to one row or column");
  MatmulSizes s;
  s.gemm = {.m = a.size(options.transpose_a ? -1 : -2),
            .n = b.size(options.transpose_b ? -2 : -1),
            .k = a.size(options.transpose_a ? -2 : -1),
            .transpose_a = options.transpose_a,
            .transpose_b = options.transpose_b};
  ENSURE(s.gemm.k == b.size(options.transpose_b ? -1 : -2), "matmul: the inner sizes of ", a, ta, " and ", b, tb,
         " differ");
  if (a.rank() == 2 && b.rank() == 2) {
    s.output = {s.gemm.m, s.gemm.n};
    return s;
  }
  const bool shared_a = a.rank() == 2, shared_b = b.rank() == 2;
  s.output = leading(shared_a ? b : a);
  ENSURE(shared_a || shared_b || s.output == leading(b), "matmul: the leading axes of ", a, " and ", b,
         " differ; they must be equal, or missing on one side");
  s.batch = s.output.numel();
  s.stride_a = shared_a ? 0 : s.gemm.m * s.gemm.k;
  s.stride_b = shared_b ? 0 : s.gemm.k * s.gemm.n;
  s.output.push_back(s.gemm.m);
  s.output.push_back(s.gemm.n);
  if (shared_b && !options.transpose_a) {  // every row of every matrix meets the same b: one tall product
    s.gemm.m *= s.batch;
    s.batch = 1;
  }
  return s;
}

// What arrives at an operand that all matrices of a batch share is the sum over the batch.
Tensor add_over_batch(const Tensor& g, const Tensor& operand) {
  return is_matrix(operand) && !is_matrix(g) ? sum_to(g, operand.shape()) : g;
}

// y = op(a) op(b):  da = g op(b)', or, when a enters transposed, op(b) g'.
Tensor matmul_grad_a(const Tensor& g, const Tensor& a, const Tensor& b, MatmulOptions o) {
  const Tensor da = o.transpose_a ? matmul(b, g, {o.transpose_b, true}) : matmul(g, b, {false, !o.transpose_b});
  return add_over_batch(da, a);
}

// db = op(a)' g, or g' op(a). With a shared b and plain a, the sum over the batch is part of one product over all rows.
Tensor matmul_grad_b(const Tensor& g, const Tensor& a, const Tensor& b, MatmulOptions o) {
  if (is_matrix(b) && !is_matrix(a) && !o.transpose_a) return matmul_grad_b(fold_rows(g), fold_rows(a), b, o);
  const Tensor db = o.transpose_b ? matmul(g, a, {true, o.transpose_a}) : matmul(a, g, {!o.transpose_a, false});
  return add_over_batch(db, b);
}

void fill_rows(Real* y, const Real* bias, int64_t rows, int64_t columns) {
  parallel_for(rows, std::max<int64_t>(1, kGrain / (columns + 1)), [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; ++r) std::copy_n(bias, columns, y + r * columns);
  });
}

}  // namespace

Tensor matmul(const Tensor& a, const Tensor& b, MatmulOptions options) {
  const MatmulSizes s = matmul_sizes(a.shape(), b.shape(), options);
  Tensor y = Tensor::uninitialized(s.output);
  if (s.batch == 1)
    kernels::gemm(a.data(), b.data(), y.mutable_data(), s.gemm);
  else
    kernels::gemm_batched(a.data(), b.data(), y.mutable_data(), s.gemm, s.batch, s.stride_a, s.stride_b,
                          s.gemm.m * s.gemm.n);
  return record("matmul", std::move(y), {a, b}, {options.transpose_a, options.transpose_b},
                wrt(a, [a, b, options](const Tensor& g) { return matmul_grad_a(g, a, b, options); }),
                wrt(b, [a, b, options](const Tensor& g) { return matmul_grad_b(g, a, b, options); }));
}

Tensor linear(const Tensor& x, const Tensor& w, const Tensor& bias) {
  ENSURE(w.rank() == 2, "linear: expected a weight [I, O], got ", w.shape());
  ENSURE(x.rank() >= 1 && x.size(-1) == w.size(0), "linear: weight ", w.shape(), " expects inputs [..., ", w.size(0),
         "], but x is ", x.shape());
  ENSURE(!bias.defined() || bias.shape() == Shape{w.size(1)}, "linear: weight ", w.shape(), " expects a bias [",
         w.size(1), "], got ", bias.shape());
  const int64_t in = w.size(0), out = w.size(1), rows = x.shape().without(-1).numel();
  Tensor y = Tensor::uninitialized(x.shape().with(-1, out));
  if (bias.defined()) fill_rows(y.mutable_data(), bias.data(), rows, out);
  kernels::gemm(x.data(), w.data(), y.mutable_data(), {.m = rows, .n = out, .k = in, .accumulate = bias.defined()});
  return record("linear", std::move(y), {x, w, bias}, {in, out},
                wrt(x,
                    [w, in, out, xs = x.shape()](const Tensor& g) {
                      if (xs.rank() > 1) return matmul(g, w, {false, true});
                      return reshape(matmul(reshape(g, Shape{1, out}), w, {false, true}), xs);
                    }),
                wrt(w,
                    [x, in, out, rows](const Tensor& g) {
                      return matmul(reshape(x, Shape{rows, in}), reshape(g, Shape{rows, out}), {true, false});
                    }),
                wrt(bias, [out](const Tensor& g) { return sum_to(g, Shape{out}); }));
}

Tensor dot(const Tensor& a, const Tensor& b) {
  ENSURE(a.shape() == b.shape(), "dot: the shapes must be equal, got ", a.shape(), " and ", b.shape());
  return sum(mul(a, b));
}

Tensor l2_normalize(const Tensor& x, int axis, Real epsilon) {
  return div(x, maximum(norm(x, 2, {axis}, true), Tensor::scalar(epsilon)));
}

namespace {

// x / |x| per row, and 0 with gradient 0 for rows no longer than epsilon (1/epsilon would swamp everything else). The
// root is never taken of such a row, so no infinity meets a zero in gradients of any order.
Tensor directions(const Tensor& x, Real epsilon) {
  const Tensor squares = sum(square(x), {-1}, true);
  const Tensor counts = greater(squares, Tensor::scalar(epsilon * epsilon));
  return mul(x, div(counts, sqrt(where(counts, squares, Tensor::scalar(1)))));
}

}  // namespace

Tensor cosine_similarity(const Tensor& a, const Tensor& b, Real epsilon) {
  ENSURE(a.rank() >= 2 && b.rank() >= 2 && a.size(-1) == b.size(-1),
         "cosine_similarity: expected [..., N, D] and [..., M, D], got ", a.shape(), " and ", b.shape());
  return matmul(directions(a, epsilon), directions(b, epsilon), {false, true});
}

}  // namespace fewer
