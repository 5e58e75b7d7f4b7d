#include "core/shape.h"

#include <algorithm>

namespace fewer {

Shape::Shape(std::span<const int64_t> dims) {
  ENSURE(dims.size() <= static_cast<size_t>(kMaxRank), "Shape: at most ", kMaxRank, " axes, got ", dims.size());
  for (int64_t size : dims) push_back(size);
}

int Shape::axis(int axis) const {
  ENSURE(axis >= -rank_ && axis < rank_, "axis ", axis, " does not exist in a tensor of shape ", *this);
  return axis < 0 ? axis + rank_ : axis;
}

void Shape::push_back(int64_t size) {
  ENSURE(rank_ < kMaxRank, "Shape: at most ", kMaxRank, " axes");
  ENSURE(size >= 0, "Shape: sizes are not negative, got ", size);
  dims_[rank_++] = size;
}

Shape Shape::with(int axis, int64_t size) const {
  Shape result = *this;
  result.dims_[this->axis(axis)] = size;
  return result;
}

Shape Shape::without(int axis) const {
  const int removed = this->axis(axis);
  Shape result;
  for (int i = 0; i < rank_; ++i)
    if (i != removed) result.push_back(dims_[i]);
  return result;
}

Shape Shape::inserted(int axis, int64_t size) const {
  const int place = axis < 0 ? axis + rank_ + 1 : axis;
  ENSURE(place >= 0 && place <= rank_, "axis ", axis, " cannot be inserted into shape ", *this);
  Shape result;
  for (int i = 0; i <= rank_; ++i) {
    if (i == place) result.push_back(size);
    if (i < rank_) result.push_back(dims_[i]);
  }
  return result;
}

std::string Shape::str() const { return text(*this); }

std::ostream& operator<<(std::ostream& out, const Shape& shape) {
  out << '[';
  for (int i = 0; i < shape.rank(); ++i) out << (i ? ", " : "") << shape[i];
  return out << ']';
}

Shape broadcast_shape(const char* op, const Shape& a, const Shape& b) {
  const int rank = std::max(a.rank(), b.rank());
  Shape result;
  for (int i = 0; i < rank; ++i) {
    const int ia = i - (rank - a.rank()), ib = i - (rank - b.rank());
    const int64_t sa = ia < 0 ? 1 : a[ia], sb = ib < 0 ? 1 : b[ib];
    ENSURE(sa == sb || sa == 1 || sb == 1, op, ": shapes ", a, " and ", b,
           " cannot be broadcast together; sizes must be equal or 1");
    result.push_back(sa == 1 ? sb : sa);
  }
  return result;
}

}  // namespace fewer
