// The menu: every differentiable operation, with shapes.
//
// Glossary: N batch, H W space, C channels (I in, O out), K classes, D features, T time, M memory slots. Images are
// channels-last. `y = op(x)` never changes x. Every op has gradients of every order unless its line says otherwise; ops
// that return IntTensor, and comparisons, are constants for the gradient. Errors name the op and the shapes.
//
// One .cpp per family: elementwise, reduce, shape, index, matmul, conv, pool, norm, softmax, recurrent. A new op is a line
// here, one function holding the kernel call and the gradient rules, and a row in tests/ops/gradient_table.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/autograd.h"
#include "core/tensor.h"

namespace fewer {

class Rng;

// --- elementwise, with broadcasting (ops/elementwise*.cpp) ----------------------------------------------------------
// Binary ops broadcast: sizes must be equal or 1, missing leading axes count as 1.

Tensor add(const Tensor& a, const Tensor& b);
Tensor sub(const Tensor& a, const Tensor& b);
Tensor mul(const Tensor& a, const Tensor& b);
Tensor div(const Tensor& a, const Tensor& b);
Tensor maximum(const Tensor& a, const Tensor& b);  // ties: the gradient goes half to each
Tensor minimum(const Tensor& a, const Tensor& b);
Tensor add(const Tensor& a, Real b);
Tensor mul(const Tensor& a, Real b);
Tensor neg(const Tensor& x);
Tensor reciprocal(const Tensor& x);
Tensor exp(const Tensor& x);
Tensor log(const Tensor& x);
Tensor log1p(const Tensor& x);
Tensor sqrt(const Tensor& x);
Tensor square(const Tensor& x);
Tensor pow(const Tensor& x, Real exponent);
Tensor abs(const Tensor& x);                     // gradient sign(x), 0 at 0
Tensor sin(const Tensor& x);
Tensor cos(const Tensor& x);
Tensor tanh(const Tensor& x);
Tensor sigmoid(const Tensor& x);
Tensor relu(const Tensor& x);                    // gradient 0 at 0
Tensor leaky_relu(const Tensor& x, Real slope);  // slope >= 0
Tensor softplus(const Tensor& x);                // log(1 + e^x), stable for large |x|
Tensor clamp(const Tensor& x, Real low, Real high);  // gradient 1 inside and on the bounds, 0 outside
Tensor hard_tanh(const Tensor& x);               // clamp to [-1, 1]
Tensor sign(const Tensor& x);                    // -1, 0, 1; gradient 0
// +1 for x >= 0, else -1. Straight-through: the gradient is that of hard_tanh (1 where |x| <= 1), as for a binarised activation.
Tensor sign_straight_through(const Tensor& x);
// Value of `value`, gradient as if it were x: the general straight-through estimator. Same shapes.
Tensor straight_through(const Tensor& value, const Tensor& x);
Tensor stop_gradient(const Tensor& x);
Tensor where(const Tensor& condition, const Tensor& a, const Tensor& b);  // condition != 0 ? a : b; broadcasts
Tensor greater(const Tensor& a, const Tensor& b);        // 1 or 0, a constant for the gradient; likewise below
Tensor greater_equal(const Tensor& a, const Tensor& b);
Tensor equal(const Tensor& a, const Tensor& b);
Tensor dropout(const Tensor& x, Real probability, Rng& rng);  // zeroes with `probability`, scales the rest by 1/(1-p)

inline Tensor operator+(const Tensor& a, const Tensor& b) { return add(a, b); }
inline Tensor operator-(const Tensor& a, const Tensor& b) { return sub(a, b); }
inline Tensor operator*(const Tensor& a, const Tensor& b) { return mul(a, b); }
inline Tensor operator/(const Tensor& a, const Tensor& b) { return div(a, b); }
inline Tensor operator+(const Tensor& a, Real b) { return add(a, b); }
inline Tensor operator+(Real a, const Tensor& b) { return add(b, a); }
inline Tensor operator-(const Tensor& a, Real b) { return add(a, -b); }
inline Tensor operator-(Real a, const Tensor& b) { return add(neg(b), a); }
inline Tensor operator*(const Tensor& a, Real b) { return mul(a, b); }
inline Tensor operator*(Real a, const Tensor& b) { return mul(b, a); }
inline Tensor operator/(const Tensor& a, Real b) { return mul(a, Real{1} / b); }
inline Tensor operator/(Real a, const Tensor& b) { return mul(reciprocal(b), a); }
inline Tensor operator-(const Tensor& x) { return neg(x); }

// --- reductions (ops/reduce.cpp) ------------------------------------------------------------------------------------
// `axes` may be negative; an empty list means all axes. Reduced axes vanish, or stay with size 1 when `keep`.
// Sums run over fixed pieces in a fixed order: the same bits at any thread count.

using Axes = std::vector<int>;
Tensor sum(const Tensor& x, const Axes& axes = {}, bool keep = false);
Tensor mean(const Tensor& x, const Axes& axes = {}, bool keep = false);
Tensor max(const Tensor& x, const Axes& axes = {}, bool keep = false);       // ties: the gradient is shared equally
Tensor min(const Tensor& x, const Axes& axes = {}, bool keep = false);
Tensor variance(const Tensor& x, const Axes& axes = {}, bool keep = false);  // population variance (divides by n)
Tensor norm(const Tensor& x, Real p = 2, const Axes& axes = {}, bool keep = false);  // (sum |x|^p)^(1/p), p >= 1; gradient 0 at 0
Tensor log_sum_exp(const Tensor& x, const Axes& axes = {}, bool keep = false);
Tensor cumulative_sum(const Tensor& x, int axis, bool reverse = false);
// Adjoints of broadcasting, each the gradient of the other.
Tensor sum_to(const Tensor& x, const Shape& shape);   // sums the axes along which `shape` was expanded to x's
Tensor expand(const Tensor& x, const Shape& shape);   // repeats x along axes of size 1 (and missing leading axes)

// --- shape (ops/shape_ops.cpp) --------------------------------------------------------------------------------------

Tensor reshape(const Tensor& x, const Shape& shape);  // shares storage
Tensor reshape(const Tensor& x, std::initializer_list<int64_t> shape);  // at most one size may be -1: inferred
Tensor flatten(const Tensor& x, int from_axis = 1);   // [N, H, W, C] -> [N, H*W*C]
Tensor transpose(const Tensor& x, int axis_a = -2, int axis_b = -1);  // copies
Tensor permute(const Tensor& x, std::span<const int> order);          // copies; axis i of the result is axis order[i] of x
Tensor permute(const Tensor& x, std::initializer_list<int> order);
// Elements begin, begin + step, ... below `end` of an axis. Copies. 0 <= begin <= end <= size, step > 0; anything else throws.
Tensor slice(const Tensor& x, int axis, int64_t begin, int64_t end, int64_t step = 1);
// The adjoint: zeros of size `size` along the axis, with x at begin, begin + step, ...
Tensor unslice(const Tensor& x, int axis, int64_t begin, int64_t size, int64_t step = 1);
Tensor concat(std::span<const Tensor> parts, int axis);   // all sizes but that of `axis` agree
Tensor concat(std::initializer_list<Tensor> parts, int axis);
Tensor stack(std::span<const Tensor> parts, int axis = 0);  // of one shape; a new axis
std::vector<Tensor> unstack(const Tensor& x, int axis = 0);  // the adjoint of stack
std::vector<Tensor> split(const Tensor& x, std::span<const int64_t> sizes, int axis);
std::vector<Tensor> split(const Tensor& x, int64_t parts, int axis);  // in equal parts
struct Padding {
  int64_t before = 0, after = 0;
};
Tensor pad(const Tensor& x, int axis, Padding padding, Real value = 0);
Tensor pad_reflect(const Tensor& x, int axis, Padding padding);  // mirrors without repeating the border; padding < size
Tensor reverse(const Tensor& x, int axis);

// --- indices (ops/index.cpp) ----------------------------------------------------------------------------------------

// Rows of x along `axis`: result[..., i, ...] = x[..., index[i], ...]; index of rank 1. Out of range throws.
Tensor gather(const Tensor& x, const IntTensor& index, int axis = 0);
// The adjoint: zeros of size `size` along `axis`, to which rows are added; repeated indices add up, in order.
Tensor scatter_add(const Tensor& rows, const IntTensor& index, int64_t size, int axis = 0);
// Within each row: x [..., K], index [..., k] -> [..., k]. And its adjoint, [..., k] -> [..., K]; repeated indices add up.
Tensor take_along(const Tensor& x, const IntTensor& index);
Tensor add_along(const Tensor& values, const IntTensor& index, int64_t size);
// One element per row: x [..., K], index [...] -> [...]. And its adjoint.
Tensor pick(const Tensor& x, const IntTensor& index);
Tensor place(const Tensor& values, const IntTensor& index, int64_t classes);  // values [...] -> [..., K], zeros elsewhere
Tensor one_hot(const IntTensor& index, int64_t classes);  // [...] -> [..., K]; out of range throws
// In all that orders elements, a NaN counts as larger than every number.
IntTensor argmax(const Tensor& x, int axis = -1);         // first of equals
IntTensor argmin(const Tensor& x, int axis = -1);
IntTensor argsort(const Tensor& x, int axis = -1, bool descending = false);  // stable
struct TopK {
  Tensor values;      // [..., k], largest first, equal ones by index; differentiable
  IntTensor indices;  // [..., k]
};
TopK top_k(const Tensor& x, int64_t k);                   // along the last axis

// --- products (ops/matmul.cpp) --------------------------------------------------------------------------------------

struct MatmulOptions {
  bool transpose_a = false;
  bool transpose_b = false;
};
// a [..., M, K] x b [..., K, N] -> [..., M, N]. Leading axes are equal, or missing on one side (that side is shared).
Tensor matmul(const Tensor& a, const Tensor& b, MatmulOptions options = {});
Tensor linear(const Tensor& x, const Tensor& w, const Tensor& bias);  // x [..., I] w [I, O] bias [O] (or undefined) -> [..., O]
Tensor dot(const Tensor& a, const Tensor& b);                        // sum of products of two tensors of one shape -> scalar
// Of every row of a [..., N, D] with every row of b [..., M, D] -> [..., N, M]; leading axes as in matmul. A row no longer than epsilon
// counts as zero: its similarities are 0 and so is its gradient.
Tensor cosine_similarity(const Tensor& a, const Tensor& b, Real epsilon = Real(1e-8));
Tensor l2_normalize(const Tensor& x, int axis = -1, Real epsilon = Real(1e-8));         // x / max(norm, epsilon)

// --- convolutions (ops/conv.cpp) ------------------------------------------------------------------------------------

// A relu of the result that costs no pass of its own.
enum class FusedActivation { kNone, kRelu };

struct Conv2dOptions {
  int64_t stride_h = 1, stride_w = 1;
  int64_t pad_top = 0, pad_bottom = 0, pad_left = 0, pad_right = 0;
  int64_t dilation_h = 1, dilation_w = 1;
  int64_t groups = 1;  // up to I (depthwise, O = I * multiplier)
  static Conv2dOptions same(int64_t kernel, int64_t stride = 1);   // padding of TensorFlow's SAME for odd inputs is in nn
  static Conv2dOptions padded(int64_t padding, int64_t stride = 1);
};
// What becomes of the sums before they are stored, at no pass of its own: y = activation(sum + bias + addend).
struct ConvEpilogue {
  Tensor bias = {};    // [O]; undefined: none
  Tensor addend = {};  // of the shape of y, say a shortcut; undefined: none
  FusedActivation activation = FusedActivation::kNone;
};
// x [N, H, W, I], w [kH, kW, I/groups, O] -> [N, H', W', O];  H' = (H + pads - dilation*(kH-1) - 1) / stride + 1
Tensor conv2d(const Tensor& x, const Tensor& w, const Conv2dOptions& options = {}, const ConvEpilogue& epilogue = {});
// Its adjoints; each of the three is the gradient of the others, so every order costs one kernel.
Tensor conv2d_grad_input(const Tensor& g, const Tensor& w, const Shape& x_shape, const Conv2dOptions& options = {});
Tensor conv2d_grad_weight(const Tensor& x, const Tensor& g, const Shape& w_shape, const Conv2dOptions& options = {});
// Causal: y[t] sees x[t], x[t-dilation], ... only. x [N, T, I], w [k, I, O] -> [N, T, O]; w[k-1] meets the present.
Tensor conv1d_causal(const Tensor& x, const Tensor& w, int64_t dilation = 1);

// --- pooling (ops/pool.cpp) -----------------------------------------------------------------------------------------

struct Pool2dOptions {
  int64_t kernel_h = 2, kernel_w = 2;
  int64_t stride_h = 2, stride_w = 2;
  int64_t pad_top = 0, pad_bottom = 0, pad_left = 0, pad_right = 0;  // padded places never win a max nor count in a mean
  bool ceil_mode = false;  // also windows that start inside the input or its left padding but end outside
  static Pool2dOptions square(int64_t kernel, int64_t stride) { return {kernel, kernel, stride, stride}; }
};
// [N, H, W, C] -> [N, H', W', C];  H' = (H + pads - kernel) / stride + 1. Padding is less than the kernel.
// First of equals; a NaN wins. A relu after it is that before it, max(relu(a), relu(b)) = relu(max(a, b)), on fewer elements.
Tensor max_pool2d(const Tensor& x, const Pool2dOptions& options = {}, FusedActivation activation = FusedActivation::kNone);
Tensor average_pool2d(const Tensor& x, const Pool2dOptions& options = {});
Tensor average_pool2d_adjoint(const Tensor& g, const Shape& x_shape, const Pool2dOptions& options = {});
Tensor global_average_pool(const Tensor& x);  // [N, H, W, C] -> [N, C]
Tensor global_max_pool(const Tensor& x);      // [N, H, W, C] -> [N, C]; first of equals

// --- normalisation (ops/norm.cpp) -----------------------------------------------------------------------------------
// Over all axes but the last: x [..., C], gamma and beta [C] (either may be undefined: 1 and 0).

struct BatchNormResult {
  Tensor y;                // [..., C]
  Tensor mean, variance;   // [C], of this batch (population variance), constants for the gradient: for running statistics
};
BatchNormResult batch_norm(const Tensor& x, const Tensor& gamma, const Tensor& beta, Real epsilon,
                           FusedActivation activation = FusedActivation::kNone);
// activation(batch_norm(x) + r): the end of a residual block. x, r [..., C], of one shape.
BatchNormResult batch_norm_add(const Tensor& x, const Tensor& r, const Tensor& gamma, const Tensor& beta, Real epsilon,
                               FusedActivation activation = FusedActivation::kNone);
// max_pool2d(activation(batch_norm(x)), pool):  x [N, H, W, C] -> y [N, H', W', C]. Windows that overlap cost what separate ops do.
BatchNormResult batch_norm_max_pool(const Tensor& x, const Tensor& gamma, const Tensor& beta, Real epsilon,
                                    FusedActivation activation = FusedActivation::kNone, const Pool2dOptions& pool = {});
// With given statistics (inference, or another batch's) [C]; differentiable in all of them.
Tensor batch_norm_with(const Tensor& x, const Tensor& gamma, const Tensor& beta, const Tensor& mean, const Tensor& variance,
                       Real epsilon, FusedActivation activation = FusedActivation::kNone);
Tensor layer_norm(const Tensor& x, const Tensor& gamma, const Tensor& beta, Real epsilon);  // over the last axis

// --- classes (ops/softmax.cpp) --------------------------------------------------------------------------------------

Tensor softmax(const Tensor& x, int axis = -1);
Tensor log_softmax(const Tensor& x, int axis = -1);
enum class Reduction { kMean, kSum, kNone };  // over the batch (any leading axes); kNone -> [N]
Tensor cross_entropy(const Tensor& logits, const IntTensor& labels, Reduction reduction = Reduction::kMean);       // [N, K], [N]
Tensor soft_cross_entropy(const Tensor& logits, const Tensor& targets, Reduction reduction = Reduction::kMean);    // [N, K], [N, K]
// Of one shape; reduced over all elements, kNone keeps the shape.
Tensor binary_cross_entropy_with_logits(const Tensor& logits, const Tensor& targets, Reduction reduction = Reduction::kMean);

// --- recurrence (ops/recurrent.cpp) ---------------------------------------------------------------------------------

struct LstmResult {
  Tensor h;       // [T, N, D], every step
  Tensor h_last;  // [N, D]
  Tensor c_last;  // [N, D]
};
// A whole sequence. x [T, N, I], h0 and c0 [N, D] (undefined: zeros), w_x [I, 4D], w_h [D, 4D], bias [4D]; gates in the order
// i, f, g, o:  c = f*c + i*g,  h = o*tanh(c),  i f o through sigmoid, g through tanh.
LstmResult lstm(const Tensor& x, const Tensor& h0, const Tensor& c0, const Tensor& w_x, const Tensor& w_h, const Tensor& bias);

}  // namespace fewer
