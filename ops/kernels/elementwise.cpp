#include "ops/kernels/elementwise.h"

#include <algorithm>

#include "core/parallel.h"

namespace fewer::kernels {

void unary(Unary op, const Real* x, Real* y, int64_t n, Real p, Real q) {
  const auto loop = elementwise_table().unary[static_cast<int>(op)];
  parallel_for(n, kGrain, [=](int64_t begin, int64_t end) { loop(x + begin, y + begin, end - begin, p, q); });
}

void binary(Binary op, const Real* a, const Real* b, Real* y, int64_t n, Real p, Real q) {
  const auto loop = elementwise_table().binary[static_cast<int>(op)];
  parallel_for(n, kGrain, [=](int64_t begin, int64_t end) { loop(a + begin, b + begin, y + begin, end - begin, p, q); });
}

namespace {

// The axes of a broadcast, innermost first. Neighbouring axes along which both operands move on alike are one axis, so
// most broadcasts have one or two: [N, H, W, C] with [C] is N*H*W rows of C.
struct BroadcastAxes {
  int count = 0;
  int64_t size[Shape::kMaxRank], a_stride[Shape::kMaxRank], b_stride[Shape::kMaxRank];

  BroadcastAxes(const Shape& a, const Shape& b, const Shape& y) {
    int64_t a_step = 1, b_step = 1;  // elements of a and b within one step along the axis
    for (int axis = y.rank() - 1; axis >= 0; --axis) {
      const int64_t a_size = size_at(a, axis - y.rank()), b_size = size_at(b, axis - y.rank());
      if (y[axis] != 1) append(y[axis], a_size == 1 ? 0 : a_step, b_size == 1 ? 0 : b_step);
      a_step *= a_size;
      b_step *= b_size;
    }
    while (count < 2) append_axis(1, 0, 0);
  }

  static int64_t size_at(const Shape& shape, int from_end) {
    return shape.rank() + from_end >= 0 ? shape[shape.rank() + from_end] : 1;
  }
  void append(int64_t n, int64_t a, int64_t b) {
    const int last = count - 1;
    if (count > 0 && a == a_stride[last] * size[last] && b == b_stride[last] * size[last])
      size[last] *= n;
    else
      append_axis(n, a, b);
  }
  void append_axis(int64_t n, int64_t a, int64_t b) {
    size[count] = n;
    a_stride[count] = a;
    b_stride[count] = b;
    ++count;
  }
  // Where a row (an index over all axes but the innermost) starts in an operand.
  int64_t row_offset(int64_t row, const int64_t* stride) const {
    int64_t offset = 0;
    for (int axis = 1; axis < count; ++axis) {
      offset += row % size[axis] * stride[axis];
      row /= size[axis];
    }
    return offset;
  }
};

}  // namespace

void binary(Binary op, const Real* a, const Shape& a_shape, const Real* b, const Shape& b_shape, Real* y,
            const Shape& y_shape, Real p, Real q) {
  const int64_t n = y_shape.numel();
  if (n == 0) return;
  const auto loop = elementwise_table().broadcast[static_cast<int>(op)];
  const BroadcastAxes axes(a_shape, b_shape, y_shape);
  const int64_t columns = axes.size[0];
  if (columns == n) {
    const int64_t a_step = axes.a_stride[0], b_step = axes.b_stride[0];
    parallel_for(n, kGrain, [=](int64_t begin, int64_t end) {
      loop({a + begin * a_step, b + begin * b_step, y + begin, 1, end - begin, 0, a_step, 0, b_step, p, q});
    });
    return;
  }
  parallel_for(n / columns, std::max<int64_t>(1, kGrain / columns), [&](int64_t begin, int64_t end) {
    while (begin < end) {  // rows with one stride: up to the end of the second axis
      const int64_t rows = std::min(end - begin, axes.size[1] - begin % axes.size[1]);
      loop({a + axes.row_offset(begin, axes.a_stride), b + axes.row_offset(begin, axes.b_stride), y + begin * columns,
            rows, columns, axes.a_stride[1], axes.a_stride[0], axes.b_stride[1], axes.b_stride[0], p, q});
      begin += rows;
    }
  });
}

void select(const Real* condition, const Real* a, const Real* b, Real* y, int64_t n) {
  parallel_for(n, kGrain, [=](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) y[i] = condition[i] != 0 ? a[i] : b[i];
  });
}

}  // namespace fewer::kernels
