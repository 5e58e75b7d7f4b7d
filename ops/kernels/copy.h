// Moving elements about: the one kernel behind permute, slice, pad, concat, stack and their adjoints.
//
// Each of them copies a box of elements, and they differ only in the strides with which the box is read and written.
#pragma once

#include <cstdint>

#include "core/real.h"

namespace fewer::kernels {

// A box of `rank` axes, outermost first; strides in elements. An input stride of 0 repeats, a negative one mirrors.
struct StridedCopy {
  static constexpr int kMaxRank = 7;
  int rank = 0;
  int64_t sizes[kMaxRank] = {};
  int64_t in_strides[kMaxRank] = {};
  int64_t out_strides[kMaxRank] = {};
  void push_back(int64_t size, int64_t in_stride, int64_t out_stride) {
    sizes[rank] = size;
    in_strides[rank] = in_stride;
    out_strides[rank++] = out_stride;
  }
};

// out[sum i_a * out_strides[a]] = in[sum i_a * in_strides[a]] for every index i of the box. Nothing else of `out` is
// written. REQUIRES: in and out do not overlap; different indices are written to different places.
void strided_copy(const Real* in, Real* out, const StridedCopy& box);

}  // namespace fewer::kernels
