// Depthwise convolution (groups = I): drivers of ops/kernels/isa/depthwise.cpp.
//
// A channel multiplier m = O / I repeats every input channel m times, then each of the O channels has a filter of its own; by the input, the m
// gradients of a channel are added up. So only m = 1 needs kernels.
#include "core/parallel.h"
#include "ops/kernels/correlation.h"

namespace fewer::kernels {
namespace {

constexpr int64_t kParts = 8;  // partial sums of a weight gradient, added in order

// out [pixels, channels * m]: each channel m times.
template <class T>
void repeat_channels(const T* x, T* out, int64_t pixels, int64_t channels, int64_t m) {
  parallel_for(pixels, ceil_div(kGrain, channels * m), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin * channels; i < end * channels; ++i) std::fill_n(out + i * m, m, x[i]);
  });
}

// out [pixels, channels] = sums over the m copies of each channel.
template <class T>
void add_copies(const T* x, T* out, int64_t pixels, int64_t channels, int64_t m) {
  parallel_for(pixels, ceil_div(kGrain, channels * m), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin * channels; i < end * channels; ++i) {
      T sum = x[i * m];
      for (int64_t j = 1; j < m; ++j) sum += x[i * m + j];
      out[i] = sum;
    }
  });
}

Window window_of(const Correlation& c, int64_t element) {
  return Window(c.h, c.w, c.images, c.groups, {.numbers = c.w.outputs * c.groups, .element = element, .bytes = kChunkBytes});
}

// One channel in, one out.
template <class T>
void correlate(const T* source, const T* weights, T* target, const Correlation& c, const Epilogue<T>& end) {
  if (c.images == 0 || c.h.outputs == 0 || c.w.outputs == 0) return;
  if (c.h.taps == 0 || c.w.taps == 0) return clear_target(target, c);
  const int64_t channels = c.groups, tap_count = c.h.taps * c.w.taps;
  const Window window = window_of(c, sizeof(T));
  const std::vector<int64_t> taps = tap_offsets(c.h, c.w, window, channels), a_rows = window.window_offsets(),
                             c_rows = window.target_offsets(c.target_h, c.target_w, channels);
  const Scratch<T> packed(tap_count * channels);  // in the order of the taps
  for (int64_t t = 0; t < tap_count; ++t) {
    const int64_t row = c.h.first_weight + t / c.w.taps * c.h.weight_step;
    const int64_t column = c.w.first_weight + t % c.w.taps * c.w.weight_step;
    std::copy_n(weights + (row * c.kernel_w + column) * channels, channels, packed.data() + t * channels);
  }
  parallel_chunks(window.chunks(), [&](int64_t chunk) {
    const Scratch<T> scratch(window.scratch_size());
    const int64_t start = window.target_start(chunk, c.target_h, c.target_w, channels);
    depthwise(DepthwiseProduct<T>{.a = window.open(source, chunk, scratch.data()), .a_rows = a_rows.data(), .rows = window.pixels(chunk),
               .taps = taps.data(), .tap_count = tap_count, .w = packed.data(),
               .c = target + start, .c_rows = c_rows.data(), .channels = channels, .end = shifted(end, start, 0)});
  });
}

template <class T>
void weight_gradient(const T* x, const T* g, T* dw, const Correlation& c) {
  const int64_t channels = c.groups, tap_count = c.h.taps * c.w.taps, numbers = tap_count * channels;
  const Window window = window_of(c, sizeof(T));
  const std::vector<int64_t> taps = tap_offsets(c.h, c.w, window, channels), a_rows = window.window_offsets(),
                             c_rows = window.target_offsets(c.target_h, c.target_w, channels);
  const int64_t parts = std::min(kParts, window.chunks());
  const Scratch<T> sums(parts * numbers);
  std::fill_n(sums.data(), parts * numbers, T{0});
  parallel_chunks(parts, [&](int64_t part) {
    const Scratch<T> scratch(window.scratch_size());
    for (int64_t chunk = window.chunks() * part / parts; chunk < window.chunks() * (part + 1) / parts; ++chunk)
      depthwise_weight(DepthwiseWeight<T>{.a = window.open(x, chunk, scratch.data()), .a_rows = a_rows.data(), .rows = window.pixels(chunk),
                        .taps = taps.data(), .tap_count = tap_count,
                        .g = g + window.target_start(chunk, c.target_h, c.target_w, channels), .g_rows = c_rows.data(),
                        .dw = sums.data() + part * numbers, .channels = channels});
  });
  sum_parts(sums.data(), parts, numbers, dw);
}

// The same convolution after every channel has been repeated.
ConvSizes without_multiplier(ConvSizes s) {
  s.in = s.groups = s.out;
  return s;
}

// x, or the repeated x in `memory`.
template <class T>
const T* repeated(const T* x, const ConvSizes& s, StoragePtr* memory) {
  if (s.in == s.out) return x;
  const int64_t pixels = s.batch * s.height * s.width;
  *memory = StoragePtr::allocate(pixels * s.out * static_cast<int64_t>(sizeof(T)));
  repeat_channels(x, static_cast<T*>(memory->data()), pixels, s.in, s.out / s.in);
  return static_cast<T*>(memory->data());
}

}  // namespace

template <class T>
void depthwise_forward(const T* x, const T* w, T* y, const ConvSizes& s, const Epilogue<T>& end) {
  StoragePtr memory;
  correlate(repeated(x, s, &memory), w, y, forward_correlation(without_multiplier(s)), end);
}

template <class T>
void depthwise_grad_input(const T* g, const T* w, T* dx, const ConvSizes& s) {
  const int64_t pixels = s.batch * s.height * s.width;
  const bool copies = s.out != s.in;
  const Scratch<T> each(copies ? pixels * s.out : 0);
  for (int64_t phase_h = 0; phase_h < s.stride_h; ++phase_h)
    for (int64_t phase_w = 0; phase_w < s.stride_w; ++phase_w)
      correlate(g, w, copies ? each.data() : dx, adjoint_correlation(without_multiplier(s), phase_h, phase_w), {});
  if (copies) add_copies(each.data(), dx, pixels, s.in, s.out / s.in);
}

template <class T>
void depthwise_grad_weight(const T* x, const T* g, T* dw, const ConvSizes& s) {
  if (s.batch * s.out_height * s.out_width == 0) {
    std::fill_n(dw, s.kernel_h * s.kernel_w * s.out, T{0});
    return;
  }
  StoragePtr memory;
  weight_gradient(repeated(x, s, &memory), g, dw, forward_correlation(without_multiplier(s)));
}

template void depthwise_forward(const float*, const float*, float*, const ConvSizes&, const Epilogue<float>&);
template void depthwise_forward(const double*, const double*, double*, const ConvSizes&, const Epilogue<double>&);
template void depthwise_grad_input(const float*, const float*, float*, const ConvSizes&);
template void depthwise_grad_input(const double*, const double*, double*, const ConvSizes&);
template void depthwise_grad_weight(const float*, const float*, float*, const ConvSizes&);
template void depthwise_grad_weight(const double*, const double*, double*, const ConvSizes&);

}  // namespace fewer::kernels
