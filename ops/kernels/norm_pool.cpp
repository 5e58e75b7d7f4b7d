// Rows of windows are independent, and so are the rows of cells that tile the image.
#include "ops/kernels/norm_pool.h"

#include "ops/kernels/isa/layer_table.h"
#include "ops/kernels/window_rows.h"

namespace fewer::kernels {

void norm_max_pool(const Real* x, Real* y, Real* winner, const NormMap& map, const PoolSizes& s) {
  const NormPoolTable& table = norm_pool_table();
  for_window_rows(s, [&](int64_t plane, int64_t row, int64_t at) {
    table.max_row(x + plane, row, y + at, winner ? winner + at : nullptr, map, s);
  });
}

void norm_max_pool_gradient_input(const Real* x, const Real* winner, const Real* g, const Real* constant,
                                  const Real* slope, Real* dx, const NormMap& map, const PoolSizes& s) {
  const NormPoolTable& table = norm_pool_table();
  for_window_rows(s, [&](int64_t plane, int64_t row, int64_t at) {
    table.input_gradient_row(x + plane, winner + at, g + at, row, constant, slope, dx + plane, map, s);
  });
}

}  // namespace fewer::kernels
