// Pooling. Mean pooling is linear, so it and its adjoint are each other's gradient. Max pooling remembers which place
// won; given the places, putting gradients back there and reading elements from there are each other's gradient too.
#include "ops/pool_windows.h"

namespace fewer {
namespace {

// How many windows fit along an axis; 0 when none does. In ceil mode one more when it still starts inside the input or
// its left padding.
int64_t windows(int64_t size, int64_t before, int64_t after, int64_t kernel, int64_t stride, bool ceil_mode) {
  const int64_t room = size + before + after - kernel + (ceil_mode ? stride - 1 : 0);
  if (room < 0) return 0;
  const int64_t count = room / stride + 1;
  return ceil_mode && (count - 1) * stride >= size + before ? count - 1 : count;
}

Shape input_shape(const PoolSizes& s) { return {s.batch, s.height, s.width, s.channels}; }

// The adjoint of scatter_winners: the elements at the places that won. Sizes and places were checked when the places were
// found.
Tensor gather_winners(const Tensor& x, const IntTensor& places, const PoolSizes& s) {
  Tensor y = Tensor::uninitialized(pooled_shape(s));
  kernels::max_pool2d_gather(x.data(), places.data(), y.mutable_data(), s);
  return record("max_pool2d_gather", std::move(y), {x}, pool_attributes(s),
                wrt(x, [places, s](const Tensor& g) { return scatter_winners(g, places, s); }));
}

}  // namespace

PoolSizes pool_sizes(const char* op, const Shape& x, const Pool2dOptions& o) {
  ENSURE(x.rank() == 4, op, ": expected x [N, H, W, C], got ", x);
  ENSURE(o.kernel_h > 0 && o.kernel_w > 0 && o.stride_h > 0 && o.stride_w > 0, op,
         ": kernel and stride must be positive, got kernel ", o.kernel_h, "x", o.kernel_w, ", stride ", o.stride_h, "x",
         o.stride_w);
  const auto fits = [](int64_t pad, int64_t kernel) { return pad >= 0 && pad < kernel; };
  ENSURE(fits(o.pad_top, o.kernel_h) && fits(o.pad_bottom, o.kernel_h) && fits(o.pad_left, o.kernel_w) &&
             fits(o.pad_right, o.kernel_w),
         op, ": padding must be at least 0 and less than the kernel, or a window may lie outside; got kernel ",
         o.kernel_h, "x", o.kernel_w, " and padding top ", o.pad_top, ", bottom ", o.pad_bottom, ", left ", o.pad_left,
         ", right ", o.pad_right);
  PoolSizes s{.batch = x[0],
              .height = x[1],
              .width = x[2],
              .channels = x[3],
              .out_height = windows(x[1], o.pad_top, o.pad_bottom, o.kernel_h, o.stride_h, o.ceil_mode),
              .out_width = windows(x[2], o.pad_left, o.pad_right, o.kernel_w, o.stride_w, o.ceil_mode),
              .kernel_h = o.kernel_h,
              .kernel_w = o.kernel_w,
              .stride_h = o.stride_h,
              .stride_w = o.stride_w,
              .pad_top = o.pad_top,
              .pad_left = o.pad_left};
  ENSURE(x[1] > 0 && x[2] > 0 && s.out_height > 0 && s.out_width > 0, op, ": a window of ", o.kernel_h, "x", o.kernel_w,
         " does not fit into x ", x, "; pad more or use a smaller kernel");
  return s;
}

Shape pooled_shape(const PoolSizes& s) { return {s.batch, s.out_height, s.out_width, s.channels}; }

std::array<int64_t, 6> pool_attributes(const PoolSizes& s) {
  return {s.kernel_h, s.kernel_w, s.stride_h, s.stride_w, s.pad_top, s.pad_left};
}

IntTensor winners(const Tensor& x, const PoolSizes& s) {
  Tensor y = Tensor::uninitialized(pooled_shape(s));
  IntTensor places = IntTensor::uninitialized(y.shape());
  kernels::max_pool2d(x.data(), y.mutable_data(), places.mutable_data(), false, s);
  return places;
}

Tensor scatter_winners(const Tensor& g, const IntTensor& places, const PoolSizes& s) {
  Tensor dx = Tensor::uninitialized(input_shape(s));
  kernels::max_pool2d_scatter(g.data(), places.data(), dx.mutable_data(), s);
  return record("max_pool2d_scatter", std::move(dx), {g}, pool_attributes(s),
                wrt(g, [places, s](const Tensor& gg) { return gather_winners(gg, places, s); }));
}

Tensor max_pool2d(const Tensor& x, const Pool2dOptions& options, FusedActivation activation) {
  const PoolSizes s = pool_sizes("max_pool2d", x.shape(), options);
  Tensor y = Tensor::uninitialized(pooled_shape(s));
  IntTensor places;  // of the winners: only a gradient asks for them
  if (is_recording() && x.tracked()) places = IntTensor::uninitialized(y.shape());
  kernels::max_pool2d(x.data(), y.mutable_data(), places.defined() ? places.mutable_data() : nullptr,
                      activation == FusedActivation::kRelu, s);
  return record("max_pool2d", std::move(y), {x}, pool_attributes(s),
                wrt(x, [places, s](const Tensor& g) { return scatter_winners(g, places, s); }));
}

Tensor average_pool2d(const Tensor& x, const Pool2dOptions& options) {
  const PoolSizes s = pool_sizes("average_pool2d", x.shape(), options);
  Tensor y = Tensor::uninitialized(pooled_shape(s));
  kernels::average_pool2d(x.data(), y.mutable_data(), s);
  return record("average_pool2d", std::move(y), {x}, pool_attributes(s),
                wrt(x, [xs = x.shape(), options](const Tensor& g) { return average_pool2d_adjoint(g, xs, options); }));
}

Tensor average_pool2d_adjoint(const Tensor& g, const Shape& x_shape, const Pool2dOptions& options) {
  const PoolSizes s = pool_sizes("average_pool2d_adjoint", x_shape, options);
  ENSURE(g.shape() == pooled_shape(s), "average_pool2d_adjoint: x ", x_shape, " is pooled to ", pooled_shape(s),
         ", but g is ", g.shape());
  Tensor dx = Tensor::uninitialized(x_shape);
  kernels::average_pool2d_adjoint(g.data(), dx.mutable_data(), s);
  return record("average_pool2d_adjoint", std::move(dx), {g}, pool_attributes(s),
                wrt(g, [options](const Tensor& gg) { return average_pool2d(gg, options); }));
}

Tensor global_average_pool(const Tensor& x) {
  ENSURE(x.rank() == 4, "global_average_pool: expected x [N, H, W, C], got ", x.shape());
  return mean(x, {1, 2});
}

Tensor global_max_pool(const Tensor& x) {
  ENSURE(x.rank() == 4, "global_max_pool: expected x [N, H, W, C], got ", x.shape());
  return reshape(max_pool2d(x, {.kernel_h = x.size(1), .kernel_w = x.size(2)}), Shape{x.size(0), x.size(3)});
}

}  // namespace fewer
