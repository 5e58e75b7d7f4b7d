// Ops that choose elements by index. gather and scatter_add are each other's gradient, as are take_along and add_along,
// pick and place: choosing elements is a linear map, and its transpose puts them back where they came from.
//
// Order among elements, for argmax, argsort and top_k: numbers as usual, equal ones by their place, and a NaN counts as
// larger than every number, so it shows up first where the largest is asked for instead of disturbing the order.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/parallel.h"
#include "ops/kernels/index.h"
#include "ops/ops.h"

namespace fewer {
namespace {

void check_indices(const char* op, const IntTensor& index, int64_t size) {
  for (const int32_t i : index.values())
    ENSURE(i >= 0 && i < size, op, ": index ", i, " is out of range; expected 0 to ", size - 1);
}

kernels::RowSizes row_sizes(const Shape& shape, int axis, int64_t chosen) {
  kernels::RowSizes s{.outer = 1, .size = shape[axis], .chosen = chosen, .inner = 1};
  for (int a = 0; a < axis; ++a) s.outer *= shape[a];
  for (int a = axis + 1; a < shape.rank(); ++a) s.inner *= shape[a];
  return s;
}

// x [..., size] and index [..., chosen] with the same leading axes, as rows.
kernels::RowSizes along_sizes(const char* op, const Shape& x, const Shape& index) {
  ENSURE(x.rank() >= 1 && x.rank() == index.rank() && x.with(-1, 0) == index.with(-1, 0), op, ": x ", x, " and index ",
         index, " must agree in all axes but the last");
  const int last = x.rank() - 1;
  return {.outer = x.without(last).numel(), .size = x[last], .chosen = index[last], .inner = 1};
}

bool less(Real a, Real b) { return a < b || (std::isnan(b) && !std::isnan(a)); }

// For each line of x along `axis`: pick(line, stride, n) -> position.
template <class Pick>
IntTensor pick_positions(const char* op, const Tensor& x, int axis, Pick choose) {
  axis = x.shape().axis(axis);
  const kernels::RowSizes s = row_sizes(x.shape(), axis, 1);
  ENSURE(s.size > 0, op, ": axis ", axis, " of x ", x.shape(), " is empty");
  IntTensor result = IntTensor::uninitialized(x.shape().without(axis));
  int32_t* const out = result.mutable_data();
  parallel_for(s.outer * s.inner, std::max<int64_t>(1, kGrain / s.size), [&](int64_t begin, int64_t end) {
    for (int64_t line = begin; line < end; ++line)
      out[line] = choose(x.data() + line / s.inner * s.size * s.inner + line % s.inner, s.inner, s.size);
  });
  return result;
}

// The first `chosen` positions of each line of x [outer, size, inner] along the middle axis, in the order of `before`.
template <class Before>
void sort_positions(const Real* x, int32_t* out, const kernels::RowSizes& s, Before before) {
  parallel_for(s.outer * s.inner, std::max<int64_t>(1, kGrain / (8 * s.size + 1)), [&](int64_t begin, int64_t end) {
    std::vector<int32_t> positions(static_cast<size_t>(s.size));
    for (int64_t line = begin; line < end; ++line) {
      const int64_t outer = line / s.inner, inner = line % s.inner;
      const Real* const values = x + outer * s.size * s.inner + inner;
      std::iota(positions.begin(), positions.end(), 0);
      std::partial_sort(positions.begin(), positions.begin() + s.chosen, positions.end(), [&](int32_t a, int32_t b) {
        const Real va = values[a * s.inner], vb = values[b * s.inner];
        return before(va, vb) || (!before(vb, va) && a < b);
      });
      for (int64_t i = 0; i < s.chosen; ++i)
        out[(outer * s.chosen + i) * s.inner + inner] = positions[static_cast<size_t>(i)];
    }
  });
}

}  // namespace

// --- rows ---

Tensor gather(const Tensor& x, const IntTensor& index, int axis) {
  axis = x.shape().axis(axis);
  ENSURE(index.rank() == 1, "gather: expected an index of rank 1, got ", index.shape(),
         "; take_along chooses within each row");
  check_indices("gather", index, x.size(axis));
  Tensor y = Tensor::uninitialized(x.shape().with(axis, index.numel()));
  kernels::gather(x.data(), index.data(), y.mutable_data(), row_sizes(x.shape(), axis, index.numel()));
  return record("gather", std::move(y), {x}, {axis}, wrt(x, [index, axis, size = x.size(axis)](const Tensor& g) {
                  return scatter_add(g, index, size, axis);
                }));
}

Tensor scatter_add(const Tensor& rows, const IntTensor& index, int64_t size, int axis) {
  axis = rows.shape().axis(axis);
  ENSURE(index.rank() == 1 && index.numel() == rows.size(axis), "scatter_add: axis ", axis, " of rows ", rows.shape(),
         " needs one index per row, got an index of shape ", index.shape());
  check_indices("scatter_add", index, size);
  Tensor y = Tensor::zeros(rows.shape().with(axis, size));
  kernels::scatter_add(rows.data(), index.data(), y.mutable_data(), row_sizes(y.shape(), axis, index.numel()));
  return record("scatter_add", std::move(y), {rows}, {axis, size},
                wrt(rows, [index, axis](const Tensor& g) { return gather(g, index, axis); }));
}

// --- elements of each row ---

Tensor take_along(const Tensor& x, const IntTensor& index) {
  const kernels::RowSizes s = along_sizes("take_along", x.shape(), index.shape());
  check_indices("take_along", index, s.size);
  Tensor y = Tensor::uninitialized(index.shape());
  kernels::take_along(x.data(), index.data(), y.mutable_data(), s);
  return record("take_along", std::move(y), {x}, {},
                wrt(x, [index, size = s.size](const Tensor& g) { return add_along(g, index, size); }));
}

Tensor add_along(const Tensor& values, const IntTensor& index, int64_t size) {
  ENSURE(values.rank() >= 1 && values.shape() == index.shape(), "add_along: values ", values.shape(), " and index ",
         index.shape(), " must have the same shape, of rank 1 or more");
  check_indices("add_along", index, size);
  Tensor y = Tensor::zeros(values.shape().with(-1, size));
  kernels::add_along(values.data(), index.data(), y.mutable_data(), along_sizes("add_along", y.shape(), index.shape()));
  return record("add_along", std::move(y), {values}, {size},
                wrt(values, [index](const Tensor& g) { return take_along(g, index); }));
}

Tensor pick(const Tensor& x, const IntTensor& index) {
  ENSURE(x.rank() >= 1 && x.shape().without(-1) == index.shape(), "pick: x ", x.shape(),
         " needs one index per row, got an index of shape ", index.shape());
  check_indices("pick", index, x.size(-1));
  Tensor y = Tensor::uninitialized(index.shape());
  kernels::take_along(x.data(), index.data(), y.mutable_data(),
                      {.outer = y.numel(), .size = x.size(-1), .chosen = 1, .inner = 1});
  return record("pick", std::move(y), {x}, {},
                wrt(x, [index, classes = x.size(-1)](const Tensor& g) { return place(g, index, classes); }));
}

Tensor place(const Tensor& values, const IntTensor& index, int64_t classes) {
  ENSURE(values.shape() == index.shape(), "place: values ", values.shape(), " and index ", index.shape(),
         " must have the same shape");
  check_indices("place", index, classes);
  Tensor y = Tensor::zeros(values.shape().inserted(-1, classes));
  kernels::add_along(values.data(), index.data(), y.mutable_data(),
                     {.outer = values.numel(), .size = classes, .chosen = 1, .inner = 1});
  return record("place", std::move(y), {values}, {classes}, wrt(values, [index](const Tensor& g) { return pick(g, index); }));
}

Tensor one_hot(const IntTensor& index, int64_t classes) {
  check_indices("one_hot", index, classes);
  return place(Tensor::ones(index.shape()), index, classes);
}

// --- order ---

IntTensor argmax(const Tensor& x, int axis) {
  return pick_positions("argmax", x, axis, [](const Real* line, int64_t stride, int64_t n) {
    int64_t best = 0;
    for (int64_t i = 1; i < n; ++i)
      if (less(line[best * stride], line[i * stride])) best = i;
    return static_cast<int32_t>(best);
  });
}

IntTensor argmin(const Tensor& x, int axis) {
  return pick_positions("argmin", x, axis, [](const Real* line, int64_t stride, int64_t n) {
    int64_t best = 0;
    for (int64_t i = 1; i < n; ++i)
      if (less(line[i * stride], line[best * stride])) best = i;
    return static_cast<int32_t>(best);
  });
}

IntTensor argsort(const Tensor& x, int axis, bool descending) {
  axis = x.shape().axis(axis);
  IntTensor result = IntTensor::uninitialized(x.shape());
  const kernels::RowSizes s = row_sizes(x.shape(), axis, x.size(axis));
  if (descending)
    sort_positions(x.data(), result.mutable_data(), s, [](Real a, Real b) { return less(b, a); });
  else
    sort_positions(x.data(), result.mutable_data(), s, [](Real a, Real b) { return less(a, b); });
  return result;
}

TopK top_k(const Tensor& x, int64_t k) {
  ENSURE(x.rank() >= 1 && k >= 0 && k <= x.size(-1), "top_k: k = ", k, " does not fit the last axis of x ", x.shape());
  IntTensor indices = IntTensor::uninitialized(x.shape().with(-1, k));
  sort_positions(x.data(), indices.mutable_data(), row_sizes(x.shape(), x.rank() - 1, k),
                 [](Real a, Real b) { return less(b, a); });
  return {take_along(x, indices), indices};
}

}  // namespace fewer
