// Direct convolution, forward and by the input: the strip product with pixels as rows and filter taps as the reduction.
//
//   window of the input (padding in place)            packed weights of one strip of output channels
//   +---------------------------------+
//   | . [tap row 0: kW * I numbers] . |  run 0   x    [ kW * I ][32]
//   | . [tap row 1               ]  . |  run 1   x    [ kW * I ][32]       8 pixels x 32 channels in registers
//   | . [tap row 2               ]  . |  run 2   x    [ kW * I ][32]
//   +---------------------------------+
//
// With channels last, the taps of one filter row are kW * I numbers without a gap (at dilation 1), so a 3x3 convolution is
// three runs whatever the number of channels: 3 inputs are as good as 64. Eight pixels are eight row addresses; they
// may sit in several rows or images, so 7x7 images fill the tiles too.
//
// Arithmetic intensity: 2 kH kW I O FLOP per output pixel for (I + O) numbers moved; 3x3 with 16 channels has 36 FLOP per byte, above
// what memory needs (6); inside the chunk each input is read kH kW times from the first-level cache. What is lost against the peak
// is the padding, which is multiplied like everything else, and the copy into the window.
#include "core/parallel.h"
#include "ops/kernels/correlation.h"

namespace fewer::kernels {
namespace {

// The runs of the reduction: one per filter row when its taps touch, else one per tap.
std::vector<Run> runs_of(const Correlation& c, const Window& window, int64_t strip_width, int64_t* run_length) {
  const int64_t channels = c.groups * c.reads;
  const bool rows_touch = c.groups == 1 && c.w.tap_step == 1;
  const int64_t joined = rows_touch ? c.w.taps : 1;
  *run_length = joined * c.reads;
  const std::vector<int64_t> offsets = tap_offsets(c.h, c.w, window, channels);
  std::vector<Run> runs;
  for (size_t t = 0; t < offsets.size(); t += static_cast<size_t>(joined))
    runs.push_back({offsets[t], static_cast<int64_t>(t) * c.reads * strip_width});
  return runs;
}

}  // namespace

template <class T>
void direct_correlate(const T* source, const T* weights, T* target, const Correlation& c, const Epilogue<T>& end) {
  if (c.images == 0 || c.h.outputs == 0 || c.w.outputs == 0) return;
  if (c.h.taps == 0 || c.w.taps == 0) return clear_target(target, c);
  const int64_t columns = strip_columns<T>(), group_strips = ceil_div(c.writes, columns), strips = c.groups * group_strips;
  const int64_t width = strip_width<T>(c.writes), depth = c.h.taps * c.w.taps * c.reads;
  const int64_t target_channels = c.groups * c.writes;

  const Scratch<T> packed(strips * depth * width);
  const auto strip_begin = [&](int64_t strip) { return strip % group_strips * columns; };
  const auto strip_count = [&](int64_t strip) { return std::min(columns, c.writes - strip_begin(strip)); };
  parallel_for(strips, ceil_div(kGrain, depth * width), [&](int64_t begin, int64_t end) {
    for (int64_t s = begin; s < end; ++s)
      pack_weights(weights, c, s / group_strips, strip_begin(s), strip_count(s), width, packed.data() + s * depth * width);
  });

  const Window window(c.h, c.w, c.images, c.groups * c.reads,
                      {.numbers = c.w.outputs * target_channels, .element = sizeof(T), .bytes = kChunkBytes});
  int64_t run_length = 0;
  const std::vector<Run> runs = runs_of(c, window, width, &run_length);
  const std::vector<int64_t> a_rows = window.window_offsets();
  const std::vector<int64_t> c_rows = window.target_offsets(c.target_h, c.target_w, target_channels);
  // With few images the strips are shared out as well; each share copies its window again.
  const int64_t shares = std::min(strips, ceil_div(8, window.chunks())), share_strips = ceil_div(strips, shares);
  parallel_chunks(window.chunks() * shares, [&](int64_t item) {
    const int64_t chunk = item % window.chunks(), first = item / window.chunks() * share_strips;
    const Scratch<T> scratch(window.scratch_size());
    const T* a = window.open(source, chunk, scratch.data());
    const int64_t start = window.target_start(chunk, c.target_h, c.target_w, target_channels);
    for (int64_t s = first; s < std::min(strips, first + share_strips); ++s) {
      const int64_t group = s / group_strips, column = group * c.writes + strip_begin(s);
      strip_product({.a = a + group * c.reads, .a_rows = a_rows.data(), .rows = window.pixels(chunk),
                     .b = packed.data() + s * depth * width, .runs = runs.data(), .run_count = static_cast<int64_t>(runs.size()),
                     .run_length = run_length, .a_step = 1, .b_step = width,
                     .c = target + start + column, .c_rows = c_rows.data(), .columns = strip_count(s),
                     .accumulate = false, .end = shifted(end, start + column, column)});
    }
  });
}

template void direct_correlate(const float*, const float*, float*, const Correlation&, const Epilogue<float>&);
template void direct_correlate(const double*, const double*, double*, const Correlation&, const Epilogue<double>&);

}  // namespace fewer::kernels
