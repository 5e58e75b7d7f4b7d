// The gradient by the input, scattered: for few input channels, or filters that hang far over the edge.
//
//   g [pixels, O]  x  w' [O, kH kW I]  ->  parts [pixels, kH kW I]     one product
//   dx[pixel + tap, i] += parts[pixel, tap, i]                         kH additions of kW I neighbours each
//
// The direct sum (conv_direct.cpp) spreads the I channels of one input over the lanes of a vector: with I = 1 or 3 most lanes idle. Here all
// kH kW I numbers that one pixel of g contributes are columns of the product, and no product with padding is made at all (a 5x5 filter on an
// 8x8 gradient: 2.25 times fewer). The price is adding the parts up, three loads and stores per vector, so it is taken only where the
// product saves clearly more.
#include "core/parallel.h"
#include "ops/kernels/correlation.h"

namespace fewer::kernels {
namespace {

constexpr int64_t kPixels = 64;  // of g at a time: their parts stay in the second-level cache

// Adds the parts of output pixel (oy, ox) to the image dx [H, W, I]. The taps of a filter row lie side by side in both.
template <class T>
void add_parts(const T* parts, T* dx, int64_t oy, int64_t ox, const ConvSizes& s) {
  const int64_t x = ox * s.stride_w - s.pad_left;
  const int64_t begin = std::max<int64_t>(0, -x), end = std::min(s.kernel_w, s.width - x);
  if (begin >= end) return;
  for (int64_t ky = 0; ky < s.kernel_h; ++ky) {
    const int64_t y = oy * s.stride_h + ky * s.dilation_h - s.pad_top;
    if (y >= 0 && y < s.height)
      add_to(parts + (ky * s.kernel_w + begin) * s.in, dx + (y * s.width + x + begin) * s.in, (end - begin) * s.in);
  }
}

}  // namespace

// Compares cycles per image: one per vector of products; 16 to start adding a stretch, 2 per vector and 2 per number left over.
template <class T>
bool scatter_pays(const ConvSizes& s) {
  if (s.groups != 1 || s.dilation_w != 1) return false;
  const int64_t lanes = vector_lanes<T>(), taps = s.kernel_h * s.kernel_w, pixels = s.out_height * s.out_width;
  const int64_t direct = s.height * s.width * taps / (s.stride_h * s.stride_w) * s.out * ceil_div(s.in, lanes);
  const int64_t stretch = s.in * s.kernel_w;
  const int64_t adding = s.kernel_h * (16 + 2 * (stretch / lanes) + 2 * (stretch % lanes));
  return 5 * pixels * (s.out * ceil_div(taps * s.in, lanes) + adding) < 4 * direct;
}

template <class T>
void scatter_grad_input(const T* g, const T* w, T* dx, const ConvSizes& s) {
  const int64_t columns = s.kernel_h * s.kernel_w * s.in, pixels = s.out_height * s.out_width, width = strip_columns<T>();
  const Scratch<T> packed(packed_size<T>(s.out, columns));
  for (int64_t j = 0; j < columns; j += width)
    pack_strip(w + j * s.out, 1, s.out, s.out, std::min(width, columns - j), strip_width<T>(columns - j), packed.data() + j * s.out);
  int64_t a_rows[kPixels], c_rows[kPixels];
  for (int64_t p = 0; p < kPixels; ++p) {
    a_rows[p] = p * s.out;
    c_rows[p] = p * columns;
  }
  const Run run = {0, 0};
  parallel_chunks(s.batch, [&](int64_t n) {
    const Scratch<T> parts(kPixels * columns);
    T* image = dx + n * s.height * s.width * s.in;
    std::fill_n(image, s.height * s.width * s.in, T{0});
    for (int64_t first = 0; first < pixels; first += kPixels) {
      const int64_t count = std::min(kPixels, pixels - first);
      for (int64_t j = 0; j < columns; j += width)
        strip_product(StripProduct<T>{.a = g + (n * pixels + first) * s.out, .a_rows = a_rows, .rows = count,
                                      .b = packed.data() + j * s.out, .runs = &run, .run_count = 1, .run_length = s.out,
                                      .a_step = 1, .b_step = strip_width<T>(columns - j), .c = parts.data() + j,
                                      .c_rows = c_rows, .columns = std::min(width, columns - j), .accumulate = false});
      for (int64_t p = 0; p < count; ++p)
        add_parts(parts.data() + p * columns, image, (first + p) / s.out_width, (first + p) % s.out_width, s);
    }
  });
}

template bool scatter_pays<float>(const ConvSizes&);
template bool scatter_pays<double>(const ConvSizes&);
template void scatter_grad_input(const float*, const float*, float*, const ConvSizes&);
template void scatter_grad_input(const double*, const double*, double*, const ConvSizes&);

}  // namespace fewer::kernels
