// Shape: the sizes of a tensor's axes, outermost first, kept inline (no allocation).
#pragma once

#include <cstdint>
#include <initializer_list>
#include <ostream>
#include <span>
#include <string>

#include "core/error.h"

namespace fewer {

class Shape {
 public:
  static constexpr int kMaxRank = 6;

  Shape() = default;  // rank 0: a scalar
  Shape(std::initializer_list<int64_t> dims) : Shape(std::span<const int64_t>(dims.begin(), dims.size())) {}
  explicit Shape(std::span<const int64_t> dims);

  int rank() const { return rank_; }
  int64_t operator[](int axis) const { return dims_[axis]; }  // REQUIRES: 0 <= axis < rank()
  int64_t& operator[](int axis) { return dims_[axis]; }
  int64_t size(int axis) const { return dims_[this->axis(axis)]; }  // negative axes count from the end
  int axis(int axis) const;  // 0 <= result < rank(); throws when `axis` is not in [-rank, rank)

  int64_t numel() const {
    int64_t n = 1;
    for (int i = 0; i < rank_; ++i) n *= dims_[i];
    return n;
  }

  const int64_t* begin() const { return dims_; }
  const int64_t* end() const { return dims_ + rank_; }

  void push_back(int64_t size);
  Shape with(int axis, int64_t size) const;    // a copy with one size replaced
  Shape without(int axis) const;               // a copy with one axis removed
  Shape inserted(int axis, int64_t size) const;  // a copy with one axis added before `axis` (rank() appends)

  bool operator==(const Shape& other) const {
    if (rank_ != other.rank_) return false;
    for (int i = 0; i < rank_; ++i)
      if (dims_[i] != other.dims_[i]) return false;
    return true;
  }

  std::string str() const;  // "[8, 32, 32, 3]"

 private:
  int64_t dims_[kMaxRank] = {};
  int rank_ = 0;
};

std::ostream& operator<<(std::ostream& out, const Shape& shape);

// The shape both operands are expanded to: sizes must agree or be 1, missing leading axes count as 1.
// Throws, naming `op` and both shapes, when they do not fit.
Shape broadcast_shape(const char* op, const Shape& a, const Shape& b);

}  // namespace fewer
