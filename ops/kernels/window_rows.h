// How pooling is cut into pieces: by rows of windows, several to a piece when they are small.
#pragma once

#include <algorithm>
#include <cstdint>

#include "core/parallel.h"
#include "ops/kernels/pool.h"

namespace fewer::kernels {

// body(offset of the image plane in x, out_row, offset of that row in y), for all rows of all images, in parallel.
template <class Body>
void for_window_rows(const PoolSizes& s, Body body) {
  const int64_t row = s.out_width * s.channels, plane = s.height * s.width * s.channels;
  const int64_t work = row * s.kernel_h * s.kernel_w;
  parallel_for(s.batch * s.out_height, std::max<int64_t>(1, kGrain / (work + 1)), [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; ++r) body(r / s.out_height * plane, r % s.out_height, r * row);
  });
}

}  // namespace fewer::kernels
