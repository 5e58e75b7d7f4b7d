// Convolution and its two adjoints. The sum over y g is linear in x, in w and in g, so each of the three ops is the
// gradient of the other two, and gradients of every order are made of the same three kernels.
#include <array>

#include "ops/kernels/conv2d.h"
#include "ops/ops.h"

namespace fewer {
namespace {

using kernels::ConvSizes;

// How many places a window of `kernel` taps has along an axis, or 0 when it does not fit.
int64_t places(int64_t size, int64_t before, int64_t after, int64_t kernel, int64_t dilation, int64_t stride) {
  const int64_t room = size + before + after - dilation * (kernel - 1) - 1;
  return room < 0 ? 0 : room / stride + 1;
}

void check_options(const char* op, const Conv2dOptions& o) {
  ENSURE(o.stride_h > 0 && o.stride_w > 0 && o.dilation_h > 0 && o.dilation_w > 0 && o.groups > 0, op,
         ": strides, dilations and groups must be positive, got stride ", o.stride_h, "x", o.stride_w, ", dilation ",
         o.dilation_h, "x", o.dilation_w, ", groups ", o.groups);
  ENSURE(o.pad_top >= 0 && o.pad_bottom >= 0 && o.pad_left >= 0 && o.pad_right >= 0, op,
         ": padding must not be negative, got top ", o.pad_top, ", bottom ", o.pad_bottom, ", left ", o.pad_left,
         ", right ", o.pad_right);
}

// Checks that x [N, H, W, I] and w [kH, kW, I/groups, O] fit each other.
ConvSizes conv_sizes(const char* op, const Shape& x, const Shape& w, const Conv2dOptions& o) {
  check_options(op, o);
  ENSURE(x.rank() == 4 && w.rank() == 4, op, ": expected x [N, H, W, I] and a weight [kH, kW, I/groups, O], got ", x,
         " and ", w);
  ENSURE(x[3] == w[2] * o.groups, op, ": weight ", w, o.groups > 1 ? text(" in ", o.groups, " groups") : "",
         " expects ", w[2] * o.groups, " input channels, but x is ", x);
  ENSURE(w[3] % o.groups == 0, op, ": weight ", w, " has ", w[3], " output channels, which ", o.groups,
         " groups do not divide");
  ConvSizes s{.batch = x[0],
              .height = x[1],
              .width = x[2],
              .in = x[3],
              .kernel_h = w[0],
              .kernel_w = w[1],
              .out = w[3],
              .out_height = places(x[1], o.pad_top, o.pad_bottom, w[0], o.dilation_h, o.stride_h),
              .out_width = places(x[2], o.pad_left, o.pad_right, w[1], o.dilation_w, o.stride_w),
              .stride_h = o.stride_h,
              .stride_w = o.stride_w,
              .pad_top = o.pad_top,
              .pad_bottom = o.pad_bottom,
              .pad_left = o.pad_left,
              .pad_right = o.pad_right,
              .dilation_h = o.dilation_h,
              .dilation_w = o.dilation_w,
              .groups = o.groups};
  ENSURE(w[0] > 0 && w[1] > 0 && s.out_height > 0 && s.out_width > 0, op, ": weight ", w, " with dilation ",
         o.dilation_h, "x", o.dilation_w, " does not fit into x ", x, " padded to ", x[1] + o.pad_top + o.pad_bottom,
         "x", x[2] + o.pad_left + o.pad_right, "; pad more or use a smaller kernel");
  return s;
}

Shape output_shape(const ConvSizes& s) { return {s.batch, s.out_height, s.out_width, s.out}; }

void check_output_gradient(const char* op, const Shape& g, const ConvSizes& s, const Shape& x, const Shape& w) {
  ENSURE(g == output_shape(s), op, ": the gradient of x ", x, " and weight ", w, " has shape ", output_shape(s),
         ", but g is ", g);
}

std::array<int64_t, 9> attributes(const Conv2dOptions& o) {
  return {o.groups,   o.stride_h,  o.stride_w,   o.pad_top,   o.pad_bottom,
          o.pad_left, o.pad_right, o.dilation_h, o.dilation_w};
}

}  // namespace

Conv2dOptions Conv2dOptions::padded(int64_t padding, int64_t stride) {
  return {.stride_h = stride,
          .stride_w = stride,
          .pad_top = padding,
          .pad_bottom = padding,
          .pad_left = padding,
          .pad_right = padding};
}

Conv2dOptions Conv2dOptions::same(int64_t kernel, int64_t stride) {
  ENSURE(kernel % 2 == 1, "Conv2dOptions::same: an even kernel of ", kernel,
         " has no middle; choose the padding of each side");
  return padded(kernel / 2, stride);
}

Tensor conv2d(const Tensor& x, const Tensor& w, const Conv2dOptions& options) {
  const ConvSizes s = conv_sizes("conv2d", x.shape(), w.shape(), options);
  Tensor y = Tensor::uninitialized(output_shape(s));
  kernels::conv2d(x.data(), w.data(), y.mutable_data(), s);
  return record(
      "conv2d", y, {x, w}, attributes(options),
      wrt(x, [w, xs = x.shape(), options](const Tensor& g) { return conv2d_grad_input(g, w, xs, options); }),
      wrt(w, [x, ws = w.shape(), options](const Tensor& g) { return conv2d_grad_weight(x, g, ws, options); }));
}

Tensor conv2d_grad_input(const Tensor& g, const Tensor& w, const Shape& x_shape, const Conv2dOptions& options) {
  const ConvSizes s = conv_sizes("conv2d_grad_input", x_shape, w.shape(), options);
  check_output_gradient("conv2d_grad_input", g.shape(), s, x_shape, w.shape());
  Tensor dx = Tensor::uninitialized(x_shape);
  kernels::conv2d_grad_input(g.data(), w.data(), dx.mutable_data(), s);
  return record(
      "conv2d_grad_input", dx, {g, w}, attributes(options),
      wrt(g, [w, options](const Tensor& gg) { return conv2d(gg, w, options); }),
      wrt(w, [g, ws = w.shape(), options](const Tensor& gg) { return conv2d_grad_weight(gg, g, ws, options); }));
}

Tensor conv2d_grad_weight(const Tensor& x, const Tensor& g, const Shape& w_shape, const Conv2dOptions& options) {
  const ConvSizes s = conv_sizes("conv2d_grad_weight", x.shape(), w_shape, options);
  check_output_gradient("conv2d_grad_weight", g.shape(), s, x.shape(), w_shape);
  Tensor dw = Tensor::uninitialized(w_shape);
  kernels::conv2d_grad_weight(x.data(), g.data(), dw.mutable_data(), s);
  return record(
      "conv2d_grad_weight", dw, {x, g}, attributes(options),
      wrt(x, [g, xs = x.shape(), options](const Tensor& gg) { return conv2d_grad_input(g, gg, xs, options); }),
      wrt(g, [x, options](const Tensor& gg) { return conv2d(x, gg, options); }));
}

// A sequence is an image of height 1 [N, 1, T, I], padded with zeros on the side of the past only.
Tensor conv1d_causal(const Tensor& x, const Tensor& w, int64_t dilation) {
  ENSURE(x.rank() == 3 && w.rank() == 3 && x.size(2) == w.size(1),
         "conv1d_causal: expected x [N, T, I] and a weight [k, I, O], got ", x.shape(), " and ", w.shape());
  const Tensor y = conv2d(reshape(x, x.shape().inserted(1, 1)), reshape(w, w.shape().inserted(0, 1)),
                          {.pad_left = dilation * (w.size(0) - 1), .dilation_w = dilation});
  return reshape(y, y.shape().without(1));
}

}  // namespace fewer
