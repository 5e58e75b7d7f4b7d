// Convolution and its two adjoints. The sum over y g is linear in x, in w and in g, so each of the three ops is the
// gradient of the other two, and gradients of every order are made of the same three kernels. With a bias the family stays
// closed: the weight gradient then yields the bias's as well (both read all of g), and its own gradient by g is a
// convolution with a bias.
#include <array>

#include "ops/apply.h"
#include "ops/kernels/conv2d.h"

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

void check_epilogue(const ConvEpilogue& e, const ConvSizes& s, const Shape& w) {
  ENSURE(!e.bias.defined() || e.bias.shape() == Shape{s.out}, "conv2d: weight ", w, " needs a bias of shape [", s.out,
         "], got ", e.bias.shape());
  ENSURE(!e.addend.defined() || e.addend.shape() == output_shape(s), "conv2d: an addend must have the shape of the output, ",
         output_shape(s), ", got ", e.addend.shape());
}

kernels::Epilogue<Real> on_pointers(const ConvEpilogue& e) {
  const auto data = [](const Tensor& t) { return t.defined() ? t.data() : nullptr; };
  return {data(e.bias), data(e.addend), e.activation == FusedActivation::kRelu};
}

// {dw, dbias}: conv2d_grad_weight, and the sum of g over all pixels [O], which costs little while g is at hand.
std::vector<Tensor> weight_and_bias_gradients(const Tensor& x, const Tensor& g, const Shape& w_shape,
                                              const Conv2dOptions& options) {
  const ConvSizes s = conv_sizes("conv2d_grad_weight", x.shape(), w_shape, options);
  Tensor dw = Tensor::uninitialized(w_shape), dbias = Tensor::uninitialized({s.out});
  kernels::conv2d_grad_weight(x.data(), g.data(), dw.mutable_data(), s, dbias.mutable_data());
  return record("conv2d_grad_weight", {dw, dbias}, attributes(options),
                wrt_all({x, g}, [x, g, options](std::span<const Tensor> gg, Needed needed) {
                  std::vector<Tensor> result(2);
                  if (needed[0]) result[0] = conv2d_grad_input(g, gg[0], x.shape(), options);
                  if (needed[1]) result[1] = conv2d(x, gg[0], options, {.bias = gg[1]});
                  return result;
                }));
}

// Of x, w, the bias and the addend. Undefined x or w: no gradient that reads it will be needed.
std::vector<Tensor> conv_gradients(const Tensor& x, const Tensor& w, const Shape& x_shape, const Shape& w_shape,
                                   const Tensor& g, const Conv2dOptions& options, Needed needed) {
  std::vector<Tensor> result(4);
  if (needed[0]) result[0] = conv2d_grad_input(g, w, x_shape, options);
  if (needed[1] && needed[2]) {
    std::vector<Tensor> both = weight_and_bias_gradients(x, g, w_shape, options);
    result[1] = std::move(both[0]);
    result[2] = std::move(both[1]);
  } else if (needed[1]) {
    result[1] = conv2d_grad_weight(x, g, w_shape, options);
  } else if (needed[2]) {
    result[2] = sum_to(g, Shape{g.size(3)});
  }
  if (needed[3]) result[3] = g;
  return result;
}

// y, which holds the finished values, on the graph of sum + bias + addend.
Tensor record_sum(Tensor y, const Tensor& x, const Tensor& w, const Conv2dOptions& options, const ConvEpilogue& e) {
  const Tensor kept_x = w.tracked() ? x : Tensor(), kept_w = x.tracked() ? w : Tensor();
  return record("conv2d", std::move(y), attributes(options),
                wrt_all({x, w, e.bias, e.addend}, [kept_x, kept_w, xs = x.shape(), ws = w.shape(), options](
                                                      std::span<const Tensor> g, Needed needed) {
                  return conv_gradients(kept_x, kept_w, xs, ws, g[0], options, needed);
                }));
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

Tensor conv2d(const Tensor& x, const Tensor& w, const Conv2dOptions& options, const ConvEpilogue& epilogue) {
  const ConvSizes s = conv_sizes("conv2d", x.shape(), w.shape(), options);
  check_epilogue(epilogue, s, w.shape());
  Tensor y = Tensor::uninitialized(output_shape(s));
  kernels::conv2d(x.data(), w.data(), y.mutable_data(), s, on_pointers(epilogue));
  if (epilogue.activation == FusedActivation::kNone) return record_sum(std::move(y), x, w, options, epilogue);
  // In the graph the ReLU is an op like any other; only the sum it reads has never been stored, and no rule asks for it.
  return record_relu(y, record_sum(y, x, w, options, epilogue));
}

Tensor conv2d_grad_input(const Tensor& g, const Tensor& w, const Shape& x_shape, const Conv2dOptions& options) {
  const ConvSizes s = conv_sizes("conv2d_grad_input", x_shape, w.shape(), options);
  check_output_gradient("conv2d_grad_input", g.shape(), s, x_shape, w.shape());
  Tensor dx = Tensor::uninitialized(x_shape);
  kernels::conv2d_grad_input(g.data(), w.data(), dx.mutable_data(), s);
  return record(
      "conv2d_grad_input", std::move(dx), {g, w}, attributes(options),
      wrt(g, [w, options](const Tensor& gg) { return conv2d(gg, w, options); }),
      wrt(w, [g, ws = w.shape(), options](const Tensor& gg) { return conv2d_grad_weight(gg, g, ws, options); }));
}

Tensor conv2d_grad_weight(const Tensor& x, const Tensor& g, const Shape& w_shape, const Conv2dOptions& options) {
  const ConvSizes s = conv_sizes("conv2d_grad_weight", x.shape(), w_shape, options);
  check_output_gradient("conv2d_grad_weight", g.shape(), s, x.shape(), w_shape);
  Tensor dw = Tensor::uninitialized(w_shape);
  kernels::conv2d_grad_weight(x.data(), g.data(), dw.mutable_data(), s);
  return record(
      "conv2d_grad_weight", std::move(dw), {x, g}, attributes(options),
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
