// Ops that move elements without changing them. Their gradients move elements back: permute by the inverse order,
// slice by unslice, concat by split, stack by unstack, and the other way round, so each order costs one copy.
#include <algorithm>
#include <array>
#include <cstdlib>

#include "ops/kernels/copy.h"
#include "ops/ops.h"

namespace fewer {
namespace {

using kernels::StridedCopy;

// Row-major strides: how far apart neighbours along each axis lie.
struct Strides {
  int64_t of[Shape::kMaxRank] = {};
  explicit Strides(const Shape& shape) {
    int64_t stride = 1;
    for (int a = shape.rank() - 1; a >= 0; --a) {
      of[a] = stride;
      stride *= shape[a];
    }
  }
};

// The copy of a whole box of shape `box`, cut out of a tensor of shape `in` and put into one of shape `out`.
StridedCopy box_copy(const Shape& box, const Shape& in, const Shape& out) {
  const Strides from(in), to(out);
  StridedCopy copy;
  for (int a = 0; a < box.rank(); ++a) copy.push_back(box[a], from.of[a], to.of[a]);
  return copy;
}

// Elements between neighbours along `axis`.
int64_t stride_of(const Shape& shape, int axis) { return Strides(shape).of[axis]; }

void check_slice(const Shape& shape, int axis, int64_t begin, int64_t end, int64_t step) {
  ENSURE(0 <= begin && begin <= end && end <= shape[axis] && step > 0, "slice: [", begin, ", ", end, ") with step ",
         step, " does not lie within axis ", axis, " of ", shape, "; 0 <= begin <= end <= size and step > 0 must hold");
}

// Writes `value` to elements [begin, end) along `axis` of y.
void fill_range(Tensor& y, int axis, int64_t begin, int64_t end, Real value) {
  StridedCopy fill = box_copy(y.shape().with(axis, end - begin), y.shape(), y.shape());
  std::fill_n(fill.in_strides, fill.rank, 0);
  kernels::strided_copy(&value, y.mutable_data() + begin * stride_of(y.shape(), axis), fill);
}

std::vector<TensorRef> references(std::span<const Tensor> tensors) { return {tensors.begin(), tensors.end()}; }

Shape infer_shape(const Shape& from, std::initializer_list<int64_t> sizes) {
  Shape known;
  int64_t missing = -1;
  for (const int64_t size : sizes) {
    ENSURE(size >= -1 && (size >= 0 || missing < 0), "reshape: ", from, " to sizes of which one is ", size,
           "; at most one size may be -1 (inferred), none smaller");
    if (size == -1) missing = known.rank();
    known.push_back(size == -1 ? 1 : size);
  }
  if (missing < 0) return known;
  ENSURE(known.numel() > 0 && from.numel() % known.numel() == 0, "reshape: ", from, " has ", from.numel(),
         " elements, which the known sizes of ", known, " (1 where -1 was given) do not divide");
  return known.with(static_cast<int>(missing), from.numel() / known.numel());
}

}  // namespace

Tensor reshape(const Tensor& x, const Shape& shape) {
  return record("reshape", x.viewed_as(shape), {x}, {},
                wrt(x, [xs = x.shape()](const Tensor& g) { return reshape(g, xs); }));
}

Tensor reshape(const Tensor& x, std::initializer_list<int64_t> shape) {
  return reshape(x, infer_shape(x.shape(), shape));
}

Tensor flatten(const Tensor& x, int from_axis) {
  const int kept = from_axis == x.rank() ? from_axis : x.shape().axis(from_axis);
  Shape shape(std::span(x.shape().begin(), static_cast<size_t>(kept)));
  int64_t rest = 1;
  for (int a = kept; a < x.rank(); ++a) rest *= x.size(a);
  shape.push_back(rest);
  return reshape(x, shape);
}

Tensor permute(const Tensor& x, std::span<const int> order) {
  const int rank = x.rank();
  ENSURE(static_cast<int>(order.size()) == rank, "permute: x ", x.shape(), " has ", rank, " axes, the order names ",
         order.size());
  Shape shape;
  std::array<int, Shape::kMaxRank> inverse;
  inverse.fill(-1);
  for (int i = 0; i < rank; ++i) {
    const int axis = x.shape().axis(order[i]);
    ENSURE(inverse[axis] < 0, "permute: the order names axis ", axis, " of x ", x.shape(), " twice");
    inverse[axis] = i;
    shape.push_back(x.size(axis));
  }
  const Strides from(x.shape()), to(shape);
  StridedCopy copy;
  for (int i = 0; i < rank; ++i) copy.push_back(shape[i], from.of[x.shape().axis(order[i])], to.of[i]);
  Tensor y = Tensor::uninitialized(shape);
  kernels::strided_copy(x.data(), y.mutable_data(), copy);
  return record("permute", std::move(y), {x}, {}, wrt(x, [inverse](const Tensor& g) {
                  return permute(g, std::span<const int>(inverse.data(), static_cast<size_t>(g.rank())));
                }));
}

Tensor permute(const Tensor& x, std::initializer_list<int> order) {
  return permute(x, std::span<const int>(order.begin(), order.size()));
}

Tensor transpose(const Tensor& x, int axis_a, int axis_b) {
  int order[Shape::kMaxRank];
  for (int i = 0; i < x.rank(); ++i) order[i] = i;
  std::swap(order[x.shape().axis(axis_a)], order[x.shape().axis(axis_b)]);
  return permute(x, std::span<const int>(order, static_cast<size_t>(x.rank())));
}

Tensor slice(const Tensor& x, int axis, int64_t begin, int64_t end, int64_t step) {
  axis = x.shape().axis(axis);
  check_slice(x.shape(), axis, begin, end, step);
  Tensor y = Tensor::uninitialized(x.shape().with(axis, (end - begin + step - 1) / step));
  StridedCopy copy = box_copy(y.shape(), x.shape(), y.shape());
  copy.in_strides[axis] *= step;
  kernels::strided_copy(x.data() + begin * stride_of(x.shape(), axis), y.mutable_data(), copy);
  return record("slice", std::move(y), {x}, {axis, begin, end, step},
                wrt(x, [axis, begin, step, size = x.size(axis)](const Tensor& g) {
                  return unslice(g, axis, begin, size, step);
                }));
}

Tensor unslice(const Tensor& x, int axis, int64_t begin, int64_t size, int64_t step) {
  axis = x.shape().axis(axis);
  const int64_t end = x.size(axis) == 0 ? begin : begin + (x.size(axis) - 1) * step + 1;
  const Shape shape = x.shape().with(axis, size);
  check_slice(shape, axis, begin, end, step);
  Tensor y = Tensor::uninitialized(shape);
  fill_range(y, axis, 0, begin, 0);
  if (step > 1) fill_range(y, axis, begin, end, 0);
  fill_range(y, axis, end, size, 0);
  StridedCopy copy = box_copy(x.shape(), x.shape(), shape);
  copy.out_strides[axis] *= step;
  kernels::strided_copy(x.data(), y.mutable_data() + begin * stride_of(shape, axis), copy);
  return record("unslice", std::move(y), {x}, {axis, begin, size, step},
                wrt(x, [=](const Tensor& g) { return slice(g, axis, begin, end, step); }));
}

Tensor pad(const Tensor& x, int axis, Padding padding, Real value) {
  axis = x.shape().axis(axis);
  ENSURE(padding.before >= 0 && padding.after >= 0, "pad: widths must not be negative, got ", padding.before, " and ",
         padding.after, " for x ", x.shape(), "; slice removes elements");
  const int64_t begin = padding.before, end = begin + x.size(axis);
  Tensor y = Tensor::uninitialized(x.shape().with(axis, end + padding.after));
  fill_range(y, axis, 0, begin, value);
  fill_range(y, axis, end, end + padding.after, value);
  kernels::strided_copy(x.data(), y.mutable_data() + begin * stride_of(y.shape(), axis),
                        box_copy(x.shape(), x.shape(), y.shape()));
  return record("pad", std::move(y), {x}, {axis, padding.before, padding.after},
                wrt(x, [=](const Tensor& g) { return slice(g, axis, begin, end); }));
}

// A mirror is a choice of rows, so its gradient (which adds the mirrored parts back) is that of gather.
Tensor pad_reflect(const Tensor& x, int axis, Padding padding) {
  axis = x.shape().axis(axis);
  const int64_t size = x.size(axis), before = padding.before, after = padding.after;
  ENSURE(before >= 0 && after >= 0 && before < size && after < size, "pad_reflect: cannot mirror ", before, " and ",
         after, " elements at axis ", axis, " of ", x.shape(), "; widths must lie in [0, ", size, ")");
  IntTensor index = IntTensor::uninitialized({before + size + after});
  int32_t* const source = index.mutable_data();
  for (int64_t i = 0; i < index.numel(); ++i) {
    const int64_t at = std::abs(i - before);
    source[i] = static_cast<int32_t>(at < size ? at : 2 * (size - 1) - at);
  }
  return gather(x, index, axis);
}

Tensor reverse(const Tensor& x, int axis) {
  axis = x.shape().axis(axis);
  StridedCopy copy = box_copy(x.shape(), x.shape(), x.shape());
  const int64_t stride = copy.in_strides[axis];
  copy.in_strides[axis] = -stride;
  Tensor y = Tensor::uninitialized(x.shape());
  if (x.numel() > 0) kernels::strided_copy(x.data() + (x.size(axis) - 1) * stride, y.mutable_data(), copy);
  return record("reverse", std::move(y), {x}, {axis}, wrt(x, [axis](const Tensor& g) { return reverse(g, axis); }));
}

// --- several tensors ---

Tensor concat(std::span<const Tensor> parts, int axis) {
  ENSURE(!parts.empty(), "concat: expected at least one tensor");
  axis = parts[0].shape().axis(axis);
  std::vector<int64_t> sizes;
  int64_t total = 0;
  for (const Tensor& part : parts) {
    ENSURE(part.rank() == parts[0].rank() && part.shape().with(axis, 0) == parts[0].shape().with(axis, 0),
           "concat: shapes ", parts[0].shape(), " and ", part.shape(), " may differ along axis ", axis, " only");
    sizes.push_back(part.size(axis));
    total += part.size(axis);
  }
  Tensor y = Tensor::uninitialized(parts[0].shape().with(axis, total));
  Real* out = y.mutable_data();
  for (const Tensor& part : parts) {
    kernels::strided_copy(part.data(), out, box_copy(part.shape(), part.shape(), y.shape()));
    out += part.size(axis) * stride_of(y.shape(), axis);
  }
  return record("concat", std::move(y), {axis}, wrt_all(references(parts), [axis, sizes](std::span<const Tensor> g, Needed) {
                  return split(g[0], sizes, axis);
                }));
}

Tensor concat(std::initializer_list<Tensor> parts, int axis) {
  return concat(std::span<const Tensor>(parts.begin(), parts.size()), axis);
}

std::vector<Tensor> split(const Tensor& x, std::span<const int64_t> sizes, int axis) {
  axis = x.shape().axis(axis);
  int64_t total = 0;
  for (const int64_t size : sizes) total += size;
  ENSURE(total == x.size(axis), "split: the parts have ", total, " elements together, but axis ", axis, " of x ",
         x.shape(), " has ", x.size(axis));
  std::vector<Tensor> parts;
  const Real* in = x.data();
  for (const int64_t size : sizes) {
    parts.push_back(Tensor::uninitialized(x.shape().with(axis, size)));
    kernels::strided_copy(in, parts.back().mutable_data(),
                          box_copy(parts.back().shape(), x.shape(), parts.back().shape()));
    in += size * stride_of(x.shape(), axis);
  }
  return record("split", std::move(parts), {axis}, wrt_all({x}, [axis](std::span<const Tensor> g, Needed) {
                  return std::vector<Tensor>{concat(g, axis)};
                }));
}

std::vector<Tensor> split(const Tensor& x, int64_t parts, int axis) {
  const int64_t size = x.size(axis);
  ENSURE(parts > 0 && size % parts == 0, "split: axis ", axis, " of x ", x.shape(), " does not divide into ", parts,
         " equal parts");
  return split(x, std::vector<int64_t>(static_cast<size_t>(parts), size / parts), axis);
}

Tensor stack(std::span<const Tensor> parts, int axis) {
  ENSURE(!parts.empty(), "stack: expected at least one tensor");
  const Shape& one = parts[0].shape();
  const Shape shape = one.inserted(axis, static_cast<int64_t>(parts.size()));
  axis = shape.axis(axis);
  Tensor y = Tensor::uninitialized(shape);
  Real* out = y.mutable_data();
  for (const Tensor& part : parts) {
    ENSURE(part.shape() == one, "stack: all shapes must be equal, got ", one, " and ", part.shape());
    kernels::strided_copy(part.data(), out, box_copy(one.inserted(axis, 1), one.inserted(axis, 1), shape));
    out += stride_of(shape, axis);
  }
  return record("stack", std::move(y), {axis},
                wrt_all(references(parts), [axis](std::span<const Tensor> g, Needed) { return unstack(g[0], axis); }));
}

std::vector<Tensor> unstack(const Tensor& x, int axis) {
  axis = x.shape().axis(axis);
  const Shape one = x.shape().without(axis), box = x.shape().with(axis, 1);
  std::vector<Tensor> parts;
  parts.reserve(static_cast<size_t>(x.size(axis)));
  for (int64_t i = 0; i < x.size(axis); ++i) {
    parts.push_back(Tensor::uninitialized(one));
    kernels::strided_copy(x.data() + i * stride_of(x.shape(), axis), parts.back().mutable_data(),
                          box_copy(box, x.shape(), box));
  }
  return record("unstack", std::move(parts), {axis}, wrt_all({x}, [axis](std::span<const Tensor> g, Needed) {
                  return std::vector<Tensor>{stack(g, axis)};
                }));
}

}  // namespace fewer
