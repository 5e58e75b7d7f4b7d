// Rows of windows are independent when reading; when adding back, windows of one image may overlap, so the pieces are
// images.
#include "ops/kernels/pool.h"

#include <algorithm>

#include "core/parallel.h"
#include "ops/kernels/isa/layer_table.h"

namespace fewer::kernels {
namespace {

// body(image, out_row, offset of that row in the output).
template <class Body>
void for_rows(const PoolSizes& s, Body body) {
  const int64_t row = s.out_width * s.channels;
  const int64_t work = row * s.kernel_h * s.kernel_w;
  parallel_for(s.batch * s.out_height, std::max<int64_t>(1, kGrain / (work + 1)), [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; ++r) body(r / s.out_height, r % s.out_height, r * row);
  });
}

// dx = 0, then body(image plane, out_row, offset) for its rows of windows in order.
template <class Body>
void for_planes(Real* dx, const PoolSizes& s, Body body) {
  const int64_t plane = s.height * s.width * s.channels, row = s.out_width * s.channels;
  parallel_for(s.batch, std::max<int64_t>(1, kGrain / (plane + 1)), [&](int64_t begin, int64_t end) {
    for (int64_t n = begin; n < end; ++n) {
      std::fill_n(dx + n * plane, plane, Real(0));
      for (int64_t r = 0; r < s.out_height; ++r) body(dx + n * plane, r, (n * s.out_height + r) * row);
    }
  });
}

}  // namespace

void max_pool2d(const Real* x, Real* y, int32_t* index, const PoolSizes& s) {
  const PoolTable& table = pool_table();
  for_rows(s, [&](int64_t n, int64_t row, int64_t at) {
    table.max_row(x + n * s.height * s.width * s.channels, row, y + at, index ? index + at : nullptr, s);
  });
}

void max_pool2d_scatter(const Real* g, const int32_t* index, Real* dx, const PoolSizes& s) {
  const PoolTable& table = pool_table();
  for_planes(dx, s,
             [&](Real* plane, int64_t row, int64_t at) { table.scatter_row(g + at, index + at, row, plane, s); });
}

void max_pool2d_gather(const Real* x, const int32_t* index, Real* y, const PoolSizes& s) {
  for_rows(s, [&](int64_t n, int64_t, int64_t at) {
    const Real* const plane = x + n * s.height * s.width * s.channels;
    for (int64_t i = 0; i < s.out_width * s.channels; ++i)
      y[at + i] = plane[index[at + i] * s.channels + i % s.channels];
  });
}

void average_pool2d(const Real* x, Real* y, const PoolSizes& s) {
  const PoolTable& table = pool_table();
  for_rows(s, [&](int64_t n, int64_t row, int64_t at) {
    table.average_row(x + n * s.height * s.width * s.channels, row, y + at, s);
  });
}

void average_pool2d_adjoint(const Real* g, Real* dx, const PoolSizes& s) {
  const PoolTable& table = pool_table();
  for_planes(dx, s, [&](Real* plane, int64_t row, int64_t at) { table.average_adjoint_row(g + at, row, plane, s); });
}

}  // namespace fewer::kernels
