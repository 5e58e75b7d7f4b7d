#include "ops/kernels/correlation.h"

namespace fewer::kernels {

Correlation forward_correlation(const ConvSizes& s) {
  return {.h = forward_axis(s.height, s.out_height, s.kernel_h, s.stride_h, s.pad_top, s.dilation_h),
          .w = forward_axis(s.width, s.out_width, s.kernel_w, s.stride_w, s.pad_left, s.dilation_w),
          .images = s.batch, .groups = s.groups, .reads = s.in / s.groups, .writes = s.out / s.groups,
          .target_h = s.out_height, .target_w = s.out_width, .transposed = false, .kernel_w = s.kernel_w};
}

Correlation adjoint_correlation(const ConvSizes& s, int64_t phase_h, int64_t phase_w) {
  return {.h = adjoint_axis(s.height, s.out_height, s.kernel_h, s.stride_h, s.pad_top, s.dilation_h, phase_h),
          .w = adjoint_axis(s.width, s.out_width, s.kernel_w, s.stride_w, s.pad_left, s.dilation_w, phase_w),
          .images = s.batch, .groups = s.groups, .reads = s.out / s.groups, .writes = s.in / s.groups,
          .target_h = s.height, .target_w = s.width, .transposed = true, .kernel_w = s.kernel_w};
}

template <class T>
void pack_weights(const T* weights, const Correlation& c, int64_t group, int64_t begin, int64_t columns, int64_t width, T* out) {
  const int64_t inner = c.transposed ? c.writes : c.reads;               // axis 2 of the weights
  const int64_t outer = c.groups * (c.transposed ? c.reads : c.writes);  // axis 3
  const int64_t channel = group * (c.transposed ? c.reads : c.writes);
  for (int64_t y = 0; y < c.h.taps; ++y)
    for (int64_t x = 0; x < c.w.taps; ++x, out += c.reads * width) {
      const int64_t row = c.h.first_weight + y * c.h.weight_step, column = c.w.first_weight + x * c.w.weight_step;
      const T* tap = weights + (row * c.kernel_w + column) * inner * outer + channel;
      if (c.transposed)
        pack_strip(tap + begin * outer, 1, outer, c.reads, columns, width, out);
      else
        pack_strip(tap + begin, outer, 1, c.reads, columns, width, out);
    }
}
template void pack_weights(const float*, const Correlation&, int64_t, int64_t, int64_t, int64_t, float*);
template void pack_weights(const double*, const Correlation&, int64_t, int64_t, int64_t, int64_t, double*);

template <class T>
void clear_target(T* target, const Correlation& c) {
  const int64_t channels = c.groups * c.writes;
  for (int64_t n = 0; n < c.images; ++n)
    for (int64_t y = 0; y < c.h.outputs; ++y)
      for (int64_t x = 0; x < c.w.outputs; ++x) {
        const int64_t row = c.h.first_output + y * c.h.output_step, column = c.w.first_output + x * c.w.output_step;
        std::fill_n(target + ((n * c.target_h + row) * c.target_w + column) * channels, channels, T{0});
      }
}

template void clear_target(float*, const Correlation&);
template void clear_target(double*, const Correlation&);

}  // namespace fewer::kernels
