#include "nn/geometry.h"

#include <algorithm>

namespace fewer {
namespace {

int64_t same_total(int64_t size, int64_t kernel, int64_t stride, int64_t dilation) {
  const int64_t outputs = (size + stride - 1) / stride;
  return std::max<int64_t>((outputs - 1) * stride + dilation * (kernel - 1) + 1 - size, 0);
}

}  // namespace

Padding2d resolved(const Padding2d& padding, Extent image, Extent kernel, Extent stride, Extent dilation) {
  if (!padding.is_same) return padding;
  const int64_t h = same_total(image.h, kernel.h, stride.h, dilation.h);
  const int64_t w = same_total(image.w, kernel.w, stride.w, dilation.w);
  return {h / 2, h - h / 2, w / 2, w - w / 2};
}

void describe_extent(Visitor& v, std::string_view name, Extent& extent, const FieldInfo& info) {
  std::array<int64_t, 2> sizes{extent.h, extent.w};
  v.field(name, sizes, info);
  extent = {sizes[0], sizes[1]};
}

void describe_padding(Visitor& v, Padding2d& padding) {
  std::array<int64_t, 4> sides{padding.top, padding.bottom, padding.left, padding.right};
  v.field("padding", sides, {.help = "zeros above, below, left and right", .min = 0});
  bool same = padding.is_same;
  v.field("same", same, {.help = "pad until the output is input / stride, rounded up; `padding` is then not used"});
  padding = {sides[0], sides[1], sides[2], sides[3]};
  padding.is_same = same;
}

}  // namespace fewer
