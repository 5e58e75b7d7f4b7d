// The weight gradient, direct: the strip product with filter taps as rows and pixels as the reduction.
//
//   dw[ky, kx, i, o] = sum over pixels p:  window[p + tap(ky, kx) + i]  *  g[p, o]
//
//                               g: rows of W' pixels, each O numbers
//                               +------------+
//     run: one row of pixels    | p0: o0 o1..|
//                               | p1: o0 o1..|
//   taps x channels             +------------+
//   row (0,0,i0)   window --> x | dw tile    |      8 taps-and-channels x 32 output channels stay in registers through all pixels of a chunk
//   row (0,0,i1)                |            |
//
// It is the forward product turned round: what were rows (pixels) are now steps, and what were steps (taps) are now rows, with the same
// two lists of offsets. Nothing is transposed or gathered.
//
// Sums over a batch are long. The batch is cut into parts by its size alone, each part has a partial dw of its own, and the partial
// sums are added in order: the same bits on any number of threads. A large filter (512 channels) is cut by rows of dw instead, as partial
// sums of it would not fit a cache.
#include "core/parallel.h"
#include "ops/kernels/correlation.h"

namespace fewer::kernels {
namespace {

constexpr int64_t kParts = 8;                       // pieces of work, whichever way they are cut
constexpr int64_t kPartialNumbers = int64_t{1} << 20;  // of all partial sums together

// How the work is cut: `parts` of the chunks, times `slices` of the rows of dw.
struct Cut {
  int64_t parts, slices, slice_rows;
};

Cut cut_work(int64_t chunks, int64_t rows, int64_t columns) {
  Cut cut;
  cut.parts = std::clamp(kPartialNumbers / std::max<int64_t>(1, rows * columns), int64_t{1}, std::min(kParts, chunks));
  const int64_t tile = kernel_table().tile_rows;
  const int64_t wanted = std::min(ceil_div(kParts, cut.parts), ceil_div(rows, tile));
  cut.slice_rows = round_up(ceil_div(rows, wanted), tile);
  cut.slices = ceil_div(rows, cut.slice_rows);
  return cut;
}

template <class T>
class WeightGradient {
 public:
  WeightGradient(const T* x, const T* g, const ConvSizes& s)
      : x_(x), g_(g), s_(s),
        h_(forward_axis(s.height, s.out_height, s.kernel_h, s.stride_h, s.pad_top, s.dilation_h)),
        w_(forward_axis(s.width, s.out_width, s.kernel_w, s.stride_w, s.pad_left, s.dilation_w)),
        window_(h_, w_, s.batch, s.in, {.numbers = s.out_width * s.out, .element = sizeof(T), .bytes = kChunkBytes}), reads_(s.in / s.groups), writes_(s.out / s.groups) {
    for (const int64_t tap : tap_offsets(h_, w_, window_, s.in))
      for (int64_t i = 0; i < reads_; ++i) {
        c_rows_.push_back(static_cast<int64_t>(a_rows_.size()) * s.out);
        a_rows_.push_back(tap + i);
      }
    const int64_t row = s.out_width * s.out, chunk_images = window_.max_pixels() / s.out_width;
    const std::vector<int64_t> pixels = window_.window_offsets();
    for (int64_t y = 0; y < chunk_images; ++y) runs_.push_back({pixels[static_cast<size_t>(y * s.out_width)], y * row});
  }

  int64_t rows() const { return static_cast<int64_t>(a_rows_.size()); }

  void run(T* dw, T* dbias) const {
    const Cut cut = cut_work(window_.chunks(), rows(), s_.out);
    const int64_t numbers = rows() * s_.out;
    const Scratch<T> partial(cut.parts > 1 ? cut.parts * numbers : 0), bias(dbias ? cut.parts * s_.out : 0);
    if (dbias) std::fill_n(bias.data(), cut.parts * s_.out, T{0});
    parallel_chunks(cut.parts * cut.slices, [&](int64_t item) {
      const int64_t part = item / cut.slices, first_row = item % cut.slices * cut.slice_rows;
      T* out = cut.parts > 1 ? partial.data() + part * numbers : dw;
      const int64_t begin = window_.chunks() * part / cut.parts, end = window_.chunks() * (part + 1) / cut.parts;
      for (int64_t chunk = begin; chunk < end; ++chunk) {
        add_chunk(chunk, first_row, std::min(cut.slice_rows, rows() - first_row), chunk > begin, out);
        if (dbias && first_row == 0) add_pixels(chunk, bias.data() + part * s_.out);
      }
    });
    if (cut.parts > 1) sum_parts(partial.data(), cut.parts, numbers, dw);
    if (dbias) sum_parts(bias.data(), cut.parts, s_.out, dbias);
  }

 private:
  // out (+)= what the pixels of this chunk contribute to `count` rows of dw.
  void add_chunk(int64_t chunk, int64_t first_row, int64_t count, bool accumulate, T* out) const {
    const Scratch<T> scratch(window_.scratch_size());
    const T* a = window_.open(x_, chunk, scratch.data());
    const int64_t g_start = window_.target_start(chunk, s_.out_height, s_.out_width, s_.out);
    const int64_t g_count = window_.pixels(chunk) * s_.out, g_total = s_.batch * s_.out_height * s_.out_width * s_.out;
    const T* b = g_ + g_start;
    // The last vector of a pixel may read on into the next pixels. Where g ends before that, give it room.
    const bool needs_room = writes_ % vector_lanes<T>() != 0 && g_start + g_count + vector_lanes<T>() > g_total;
    const Scratch<T> roomy(needs_room ? g_count + vector_lanes<T>() : 0);
    if (needs_room) {
      std::copy_n(b, g_count, roomy.data());
      std::fill_n(roomy.data() + g_count, vector_lanes<T>(), T{0});
      b = roomy.data();
    }
    const int64_t columns = strip_columns<T>();
    for (int64_t group = 0; group < s_.groups; ++group)
      for (int64_t j = 0; j < writes_; j += columns)
        strip_product({.a = a + group * reads_, .a_rows = a_rows_.data() + first_row, .rows = count,
                       .b = b + group * writes_ + j, .runs = runs_.data(),
                       .run_count = window_.images(chunk) * window_.rows(chunk), .run_length = s_.out_width,
                       .a_step = s_.stride_w * s_.in, .b_step = s_.out,
                       .c = out + group * writes_ + j, .c_rows = c_rows_.data() + first_row,
                       .columns = std::min(columns, writes_ - j), .accumulate = accumulate});
  }

  // sums += the pixels of g in this chunk, while they are in the cache.
  void add_pixels(int64_t chunk, T* sums) const {
    add_rows(g_ + window_.target_start(chunk, s_.out_height, s_.out_width, s_.out), s_.out, window_.pixels(chunk), s_.out, sums);
  }

  const T* x_;
  const T* g_;
  ConvSizes s_;
  Axis h_, w_;
  Window window_;
  int64_t reads_, writes_;                  // channels per group
  std::vector<int64_t> a_rows_, c_rows_;    // [kH kW reads]: a tap and channel in the window, and in dw
  std::vector<Run> runs_;                   // one per row of pixels
};

}  // namespace

template <class T>
void direct_grad_weight(const T* x, const T* g, T* dw, const ConvSizes& s, T* dbias) {
  if (s.batch * s.out_height * s.out_width == 0) {
    std::fill_n(dw, s.kernel_h * s.kernel_w * (s.in / s.groups) * s.out, T{0});
    if (dbias) std::fill_n(dbias, s.out, T{0});
    return;
  }
  WeightGradient<T>(x, g, s).run(dw, dbias);
}

template void direct_grad_weight(const float*, const float*, float*, const ConvSizes&, float*);
template void direct_grad_weight(const double*, const double*, double*, const ConvSizes&, double*);

}  // namespace fewer::kernels
