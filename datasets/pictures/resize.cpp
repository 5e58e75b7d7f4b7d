// The filters are separable and differ only in their taps: which pixels of a line take part in pixel i of the result, and how
// much. First every row is resampled, then every column. Where pixels begin, end and have their centres are fractions with the
// denominator `to` or 2 * `to`, so weights are whole numbers and the one rounding is the division at the very end.
#include "datasets/pictures/resize.h"

#include <algorithm>

#include "core/error.h"

namespace fewer {
namespace {

// What pixel i of a resampled line is made of: sum over t of weights[t] * line[first + t], divided by `total`.
struct Taps {
  int64_t first = 0;
  std::vector<uint32_t> weights;
};
struct Line {
  std::vector<Taps> taps;  // one for each pixel of the result
  uint64_t total = 1;      // the weights of every pixel sum to this
};

// The centre of pixel i lies at (i + 1/2) from / to.
Line nearest_taps(int64_t from, int64_t to) {
  Line line;
  for (int64_t i = 0; i < to; ++i) line.taps.push_back({(2 * i + 1) * from / (2 * to), {1}});
  return line;
}

// In units of 1 / to, pixel i covers [i * from, (i + 1) * from) and original pixel j covers [j * to, (j + 1) * to).
Line area_taps(int64_t from, int64_t to) {
  Line line;
  line.total = static_cast<uint64_t>(from);
  for (int64_t i = 0; i < to; ++i) {
    const int64_t begin = i * from, end = begin + from;
    Taps taps{begin / to, {}};
    for (int64_t j = taps.first; j * to < end; ++j)
      taps.weights.push_back(static_cast<uint32_t>(std::min(end, (j + 1) * to) - std::max(begin, j * to)));
    line.taps.push_back(std::move(taps));
  }
  return line;
}

// In units of 1 / (2 to), the centre of pixel i lies `at` behind the centre of original pixel 0. Beyond the outermost
// centres the outermost pixels go on.
Line bilinear_taps(int64_t from, int64_t to) {
  Line line;
  const int64_t unit = 2 * to;
  line.total = static_cast<uint64_t>(unit);
  for (int64_t i = 0; i < to; ++i) {
    const int64_t at = std::clamp<int64_t>((2 * i + 1) * from - to, 0, (from - 1) * unit);
    const int64_t behind = at % unit;
    Taps taps{at / unit, {static_cast<uint32_t>(unit - behind)}};
    if (behind > 0) taps.weights.push_back(static_cast<uint32_t>(behind));
    line.taps.push_back(std::move(taps));
  }
  return line;
}

Line taps_for(int64_t from, int64_t to, ResizeFilter filter) {
  if (filter == ResizeFilter::kNearest) return nearest_taps(from, to);
  return filter == ResizeFilter::kArea ? area_taps(from, to) : bilinear_taps(from, to);
}

// One row [W, C] to sums [width, C], not yet divided.
void resample_row(const uint8_t* row, int64_t channels, const Line& line, uint32_t* out) {
  for (const Taps& taps : line.taps)
    for (int64_t c = 0; c < channels; ++c) {
      const uint8_t* pixel = row + taps.first * channels + c;
      uint32_t sum = 0;
      for (const uint32_t weight : taps.weights) {
        sum += weight * *pixel;
        pixel += channels;
      }
      *out++ = sum;
    }
}

// [H, width, C] of sums to bytes [height, width, C].
Image resample_columns(const std::vector<uint32_t>& rows, const Line& line, uint64_t total, int64_t width, int64_t channels) {
  Image result(static_cast<int64_t>(line.taps.size()), width, channels);
  const int64_t row = width * channels;
  std::vector<uint64_t> sums(static_cast<size_t>(row));
  uint8_t* out = result.pixels.data();
  for (const Taps& taps : line.taps) {
    std::fill(sums.begin(), sums.end(), total / 2);  // so that the division rounds to nearest, halves up
    const uint32_t* from = rows.data() + taps.first * row;
    for (const uint32_t weight : taps.weights)
      for (uint64_t& sum : sums) sum += uint64_t{weight} * *from++;
    for (const uint64_t sum : sums) *out++ = static_cast<uint8_t>(sum / total);
  }
  return result;
}

}  // namespace

Image resize(const Image& image, int64_t height, int64_t width, ResizeFilter filter) {
  constexpr int64_t kMost = int64_t{1} << 22;  // then a row's sums fit in 32 bits: 255 * 2 * 2^22 < 2^32
  ENSURE(image.height >= 1 && image.width >= 1 && height >= 1 && width >= 1, "resize: expected sizes of at least 1, got ",
         image.height, " x ", image.width, " to ", height, " x ", width);
  ENSURE(std::max(image.width, width) <= kMost, "resize: expected widths of at most ", kMost);
  if (image.height == height && image.width == width) return image;
  const Line across = taps_for(image.width, width, filter), down = taps_for(image.height, height, filter);
  std::vector<uint32_t> rows(static_cast<size_t>(image.height * width * image.channels));  // [H, width, C]
  for (int64_t y = 0; y < image.height; ++y)
    resample_row(image.at(y, 0), image.channels, across, rows.data() + y * width * image.channels);
  return resample_columns(rows, down, across.total * down.total, width, image.channels);
}

}  // namespace fewer
