// Rows of windows are independent when reading; when adding back, windows of one image may overlap, so the pieces are
// images.
#include "ops/kernels/pool.h"

#include <algorithm>

#include "core/parallel.h"
#include "ops/kernels/isa/layer_table.h"
#include "ops/kernels/window_rows.h"

namespace fewer::kernels {
namespace {

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

void max_pool2d(const Real* x, Real* y, int32_t* index, bool relu, const PoolSizes& s) {
  const PoolTable& table = pool_table();
  for_window_rows(s, [&](int64_t plane, int64_t row, int64_t at) {
    table.max_row(x + plane, row, y + at, index ? index + at : nullptr, relu, s);
  });
}

void max_pool2d_scatter(const Real* g, const int32_t* index, Real* dx, const PoolSizes& s) {
  const PoolTable& table = pool_table();
  if (!s.disjoint())
    return for_planes(dx, s,
                      [&](Real* plane, int64_t row, int64_t at) { table.scatter_row(g + at, index + at, row, plane, s); });
  for_window_rows(
      s, [&](int64_t plane, int64_t row, int64_t at) { table.spread_row(g + at, index + at, row, dx + plane, s); });
}

void max_pool2d_gather(const Real* x, const int32_t* index, Real* y, const PoolSizes& s) {
  const PoolTable& table = pool_table();
  for_window_rows(
      s, [&](int64_t plane, int64_t row, int64_t at) { table.gather_row(x + plane, index + at, row, y + at, s); });
}

void average_pool2d(const Real* x, Real* y, const PoolSizes& s) {
  const PoolTable& table = pool_table();
  for_window_rows(s, [&](int64_t plane, int64_t row, int64_t at) { table.average_row(x + plane, row, y + at, s); });
}

void average_pool2d_adjoint(const Real* g, Real* dx, const PoolSizes& s) {
  const PoolTable& table = pool_table();
  for_planes(dx, s, [&](Real* plane, int64_t row, int64_t at) { table.average_adjoint_row(g + at, row, plane, s); });
}

}  // namespace fewer::kernels
