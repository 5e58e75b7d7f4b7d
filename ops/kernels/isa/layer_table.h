// The loops of pooling and normalisation that are compiled once per instruction set, as tables of functions. Plain
// structs only: both sides include this header. The functions start no threads: the drivers in ops/kernels/pool.cpp,
// norm.cpp and norm_pool.cpp do.
#pragma once

#include <cstdint>

#include "core/real.h"
#include "ops/kernels/norm.h"
#include "ops/kernels/pool.h"

namespace fewer::kernels {

// One row of windows: output row `out_row` [W', C] of one image plane [H, W, C].
struct PoolTable {
  void (*max_row)(const Real* plane, int64_t out_row, Real* y, int32_t* index, bool relu,
                  const PoolSizes& s);  // index may be null
  void (*spread_row)(const Real* g, const int32_t* index, int64_t out_row, Real* plane,
                     const PoolSizes& s);  // writes all of the row's cells. REQUIRES: s.disjoint()
  void (*scatter_row)(const Real* g, const int32_t* index, int64_t out_row, Real* plane, const PoolSizes& s);  // adds
  void (*gather_row)(const Real* plane, const int32_t* index, int64_t out_row, Real* y, const PoolSizes& s);
  void (*average_row)(const Real* plane, int64_t out_row, Real* y, const PoolSizes& s);
  void (*average_adjoint_row)(const Real* g, int64_t out_row, Real* plane, const PoolSizes& s);  // adds
};

// A block of rows [rows, C].
struct NormTable {
  // sum = sum of d, squares = sum of d^2, for d = x - origin. [C]
  void (*moments)(const Real* x, const Real* origin, Real* sum, Real* squares, const NormSizes& s);
  void (*apply)(const Real* x, Real* y, const NormMap& map, const NormSizes& s);
  void (*apply_add)(const Real* x, const Real* r, Real* y, const NormMap& map, bool relu, const NormSizes& s);
  void (*gradient_sums)(const Real* x, const Real* g, Real* sum_g, Real* sum_gx, const NormMap& map,
                        const NormSizes& s);
  void (*open_gradient_sums)(const Real* x, const Real* g, const Real* y, Real* open, Real* sum_g, Real* sum_gx,
                             const NormMap& map, const NormSizes& s);
  void (*gradient_input)(const Real* x, const Real* g, const Real* constant, const Real* slope, Real* dx,
                         const NormMap& map, const NormSizes& s);
};

// Both, of one row of windows.
struct NormPoolTable {
  void (*max_row)(const Real* plane, int64_t out_row, Real* y, Real* winner, const NormMap& map,
                  const PoolSizes& s);  // winner may be null
  void (*input_gradient_row)(const Real* plane, const Real* winner, const Real* g, int64_t out_row,
                             const Real* constant, const Real* slope, Real* dx, const NormMap& map,
                             const PoolSizes& s);  // writes all of the row's cells. REQUIRES: s.disjoint()
};

const PoolTable& pool_table();  // of the chosen instruction set
const NormTable& norm_table();
const NormPoolTable& norm_pool_table();

}  // namespace fewer::kernels
