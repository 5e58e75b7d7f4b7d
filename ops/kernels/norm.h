// Normalisation of rows [R, C] per channel, on pointers: statistics, the affine map, and their gradients.
//
// Sums over the rows are taken in blocks of Real and added up in double, in pieces that depend on R and C alone: the
// same bits at any number of threads.
#pragma once

#include <cstdint>

#include "core/real.h"

namespace fewer::kernels {

struct NormSizes {
  int64_t rows = 0, channels = 0;
};

// y = relu?((x - mean) scale + shift), each factor [C].
struct NormMap {
  const Real* mean;
  const Real* scale;
  const Real* shift;
  bool relu;
};

// mean and population variance of each channel. REQUIRES: rows > 0.
void channel_statistics(const Real* x, Real* mean, Real* variance, const NormSizes& s);
// y = map(x).
void norm_apply(const Real* x, Real* y, const NormMap& map, const NormSizes& s);
// y = relu?(map(x) + r); map.relu is not looked at.
void norm_apply_add(const Real* x, const Real* r, Real* y, const NormMap& map, bool relu, const NormSizes& s);
// With g' = g, or 0 where the relu was closed:  sum_g = sum of g',  sum_gx = sum of g' (x - mean), over the rows. [C]
void norm_gradient_sums(const Real* x, const Real* g, double* sum_g, double* sum_gx, const NormMap& map,
                        const NormSizes& s);
// The same sums for y = relu(map(x) + r): g' is g where y > 0, and is stored in `open`, which may be g itself.
void norm_open_gradient_sums(const Real* x, const Real* g, const Real* y, Real* open, double* sum_g, double* sum_gx,
                             const NormMap& map, const NormSizes& s);
// dx = scale g' + constant + slope (x - mean);  constant and slope [C].
void norm_gradient_input(const Real* x, const Real* g, const Real* constant, const Real* slope, Real* dx,
                         const NormMap& map, const NormSizes& s);

}  // namespace fewer::kernels
