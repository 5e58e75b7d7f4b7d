#include "nn/pool.h"

#include "core/error.h"

namespace fewer {
namespace {

Extent image_of(const char* kind, const Tensor& x, const Pass& pass) {
  ENSURE(x.rank() == 4, kind, " \"", pass.path(), "\": expected images [N, H, W, C], got ", x.shape());
  return {x.size(1), x.size(2)};
}

}  // namespace

void PoolSpec::describe(Visitor& v) {
  describe_extent(v, "kernel", kernel, {.help = "height and width of the window", .min = 1});
  describe_extent(v, "stride", stride, {.help = "steps between windows", .min = 1});
  describe_padding(v, padding);
  v.field("ceil_mode", ceil_mode, {.help = "also windows that begin inside but end outside"});
}

Pool2dOptions PoolSpec::options(Extent image) const {
  const Padding2d p = resolved(padding, image, kernel, stride);
  return {.kernel_h = kernel.h, .kernel_w = kernel.w, .stride_h = stride.h, .stride_w = stride.w,
          .pad_top = p.top, .pad_bottom = p.bottom, .pad_left = p.left, .pad_right = p.right, .ceil_mode = ceil_mode};
}

Tensor MaxPool::run(const Tensor& x, const Pass& pass, FusedActivation activation) const {
  return max_pool2d(x, spec.options(image_of(kKind, x, pass)), activation);
}

Tensor AveragePool::forward(const Tensor& x, const Pass& pass) const {
  return average_pool2d(x, spec.options(image_of(kKind, x, pass)));
}

}  // namespace fewer
