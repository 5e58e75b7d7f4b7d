#include "tests/support/naive_conv.h"

namespace fewer::testing {
namespace {

// Calls visit(index in x, index in w, index in y) for every product of the convolution.
template <class Visit>
void for_each_product(const ConvSizes& s, Visit visit) {
  const int64_t reads = s.in / s.groups, writes = s.out / s.groups;
  for (int64_t n = 0; n < s.batch; ++n)
    for (int64_t oy = 0; oy < s.out_height; ++oy)
      for (int64_t ox = 0; ox < s.out_width; ++ox)
        for (int64_t ky = 0; ky < s.kernel_h; ++ky)
          for (int64_t kx = 0; kx < s.kernel_w; ++kx) {
            const int64_t iy = oy * s.stride_h + ky * s.dilation_h - s.pad_top;
            const int64_t ix = ox * s.stride_w + kx * s.dilation_w - s.pad_left;
            if (iy < 0 || iy >= s.height || ix < 0 || ix >= s.width) continue;
            for (int64_t o = 0; o < s.out; ++o)
              for (int64_t i = 0; i < reads; ++i)
                visit(((n * s.height + iy) * s.width + ix) * s.in + o / writes * reads + i,
                      ((ky * s.kernel_w + kx) * reads + i) * s.out + o, ((n * s.out_height + oy) * s.out_width + ox) * s.out + o);
          }
}

}  // namespace

ConvSizes with_outputs(ConvSizes s) {
  s.out_height = (s.height + s.pad_top + s.pad_bottom - s.dilation_h * (s.kernel_h - 1) - 1) / s.stride_h + 1;
  s.out_width = (s.width + s.pad_left + s.pad_right - s.dilation_w * (s.kernel_w - 1) - 1) / s.stride_w + 1;
  return s;
}
int64_t input_size(const ConvSizes& s) { return s.batch * s.height * s.width * s.in; }
int64_t weight_size(const ConvSizes& s) { return s.kernel_h * s.kernel_w * s.in / s.groups * s.out; }
int64_t output_size(const ConvSizes& s) { return s.batch * s.out_height * s.out_width * s.out; }

std::vector<double> naive_conv2d(const std::vector<double>& x, const std::vector<double>& w, const ConvSizes& s) {
  std::vector<double> y(output_size(s));
  for_each_product(s, [&](int64_t xi, int64_t wi, int64_t yi) { y[yi] += x[xi] * w[wi]; });
  return y;
}

std::vector<double> naive_conv2d_grad_input(const std::vector<double>& g, const std::vector<double>& w, const ConvSizes& s) {
  std::vector<double> dx(input_size(s));
  for_each_product(s, [&](int64_t xi, int64_t wi, int64_t yi) { dx[xi] += g[yi] * w[wi]; });
  return dx;
}

std::vector<double> naive_conv2d_grad_weight(const std::vector<double>& x, const std::vector<double>& g, const ConvSizes& s) {
  std::vector<double> dw(weight_size(s));
  for_each_product(s, [&](int64_t xi, int64_t wi, int64_t yi) { dw[wi] += x[xi] * g[yi]; });
  return dw;
}

}  // namespace fewer::testing
