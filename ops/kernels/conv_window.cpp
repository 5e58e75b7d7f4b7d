#include "ops/kernels/conv_window.h"

#include <numeric>

namespace fewer::kernels {

Axis forward_axis(int64_t source, int64_t outputs, int64_t taps, int64_t stride, int64_t pad, int64_t dilation) {
  return {.outputs = outputs, .first_output = 0, .output_step = 1, .source = source, .stride = stride, .taps = taps,
          .first_tap = -pad, .tap_step = dilation, .first_weight = 0, .weight_step = 1};
}

// Input i is met by output o and filter row k where o * stride + k * dilation - pad = i, so o = (i + pad - k * dilation) / stride,
// wherever that division leaves no rest. For inputs i = phase + stride * j the fitting k are an arithmetic progression, and
// o = j + (phase + pad - k * dilation) / stride.
Axis adjoint_axis(int64_t inputs, int64_t outputs, int64_t taps, int64_t stride, int64_t pad, int64_t dilation, int64_t phase) {
  const int64_t common = std::gcd(stride, dilation), period = stride / common;
  int64_t first = 0;
  while (first < std::min(taps, period) && (phase + pad - first * dilation) % stride != 0) ++first;
  const int64_t fitting = first < std::min(taps, period) ? (taps - 1 - first) / period + 1 : 0;
  const int64_t last = first + (fitting - 1) * period;  // the source position falls as k grows: begin with the last k
  return {.outputs = inputs > phase ? ceil_div(inputs - phase, stride) : 0, .first_output = phase, .output_step = stride,
          .source = outputs, .stride = 1, .taps = fitting,
          .first_tap = fitting > 0 ? (phase + pad - last * dilation) / stride : 0, .tap_step = dilation / common,
          .first_weight = last, .weight_step = -period};
}

Window::Window(const Axis& h, const Axis& w, int64_t images, int64_t channels, const Budget& budget)
    : h_(h), w_(w), images_(images), channels_(channels), slack_(budget.slack),
      copies_(budget.slack > 0 || h.needs_padding() || w.needs_padding()) {
  const int64_t row_bytes = (w.extent(w.outputs) * channels * h.stride + budget.numbers) * budget.element;
  const int64_t rows = std::max<int64_t>(1, budget.bytes / std::max<int64_t>(1, row_bytes));
  const int64_t wanted = std::max<int64_t>(1, images * h.outputs / budget.enough_chunks);
  if (std::min(rows, wanted) >= h.outputs) {
    chunk_images_ = std::min(rows, wanted) / h.outputs;
    band_rows_ = h.outputs;
  } else {
    chunk_images_ = 1;
    // Rows of the filter's height are read twice where bands meet, so bands are not cut too thin.
    band_rows_ = std::min(h.outputs, std::max({std::min(rows, wanted), int64_t{4}, ceil_div(h.taps * h.tap_step, h.stride)}));
    band_rows_ = ceil_div(h.outputs, ceil_div(h.outputs, band_rows_));
  }
  image_chunks_ = ceil_div(images, chunk_images_);
  bands_ = ceil_div(h.outputs, band_rows_);
  row_step_ = (copies_ ? w.extent(w.outputs) : w.source) * channels;
  image_step_ = (copies_ ? h.extent(band_rows_) : h.source) * row_step_;
}

template <class T>
const T* Window::open(const T* source, int64_t chunk, T* scratch) const {
  const int64_t source_row = w_.source * channels_, top = h_.begin(first_row(chunk)), left = w_.begin(0);
  if (!copies_) return source + (first_image(chunk) * h_.source + top) * source_row + left * channels_;
  const int64_t width = w_.extent(w_.outputs), height = h_.extent(rows(chunk));
  const int64_t copy_begin = std::max<int64_t>(0, left), copy_end = std::max(copy_begin, std::min(w_.source, left + width));
  const int64_t before = std::min(row_step_, (copy_begin - left) * channels_);
  const int64_t count = std::min(row_step_ - before, (copy_end - copy_begin) * channels_);
  for (int64_t n = 0; n < images(chunk); ++n)
    for (int64_t y = 0; y < height; ++y) {
      T* out = scratch + n * image_step_ + y * row_step_;
      if (top + y < 0 || top + y >= h_.source || count <= 0) {
        std::fill_n(out, row_step_, T{0});
        continue;
      }
      const T* row = source + ((first_image(chunk) + n) * h_.source + top + y) * source_row + copy_begin * channels_;
      std::fill_n(out, before, T{0});
      std::copy_n(row, count, out + before);
      std::fill(out + before + count, out + row_step_, T{0});
    }
  return scratch;
}
template const float* Window::open(const float*, int64_t, float*) const;
template const double* Window::open(const double*, int64_t, double*) const;

std::vector<int64_t> Window::window_offsets() const {
  std::vector<int64_t> offsets;
  offsets.reserve(static_cast<size_t>(max_pixels()));
  for (int64_t n = 0; n < chunk_images_; ++n)
    for (int64_t y = 0; y < band_rows_; ++y)
      for (int64_t x = 0; x < w_.outputs; ++x)
        offsets.push_back(n * image_step_ + y * h_.stride * row_step_ + x * w_.stride * channels_);
  return offsets;
}

std::vector<int64_t> Window::target_offsets(int64_t target_h, int64_t target_w, int64_t target_c) const {
  std::vector<int64_t> offsets;
  offsets.reserve(static_cast<size_t>(max_pixels()));
  for (int64_t n = 0; n < chunk_images_; ++n)
    for (int64_t y = 0; y < band_rows_; ++y)
      for (int64_t x = 0; x < w_.outputs; ++x)
        offsets.push_back(((n * target_h + y * h_.output_step) * target_w + x * w_.output_step) * target_c);
  return offsets;
}

int64_t Window::target_start(int64_t chunk, int64_t target_h, int64_t target_w, int64_t target_c) const {
  const int64_t row = h_.first_output + first_row(chunk) * h_.output_step;
  return ((first_image(chunk) * target_h + row) * target_w + w_.first_output) * target_c;
}

std::vector<int64_t> tap_offsets(const Axis& h, const Axis& w, const Window& window, int64_t channels) {
  std::vector<int64_t> offsets;
  for (int64_t y = 0; y < h.taps; ++y)
    for (int64_t x = 0; x < w.taps; ++x) offsets.push_back(y * h.tap_step * window.row_step() + x * w.tap_step * channels);
  return offsets;
}

}  // namespace fewer::kernels
