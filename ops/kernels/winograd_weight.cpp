// The weight gradient by Winograd: the bilinear form of F(m x m, 3x3) read by its third argument.
//
//   source ---B' d B---> V [planes][tiles][I]
//                            x  a product over tiles each, V' Q  --> S [strip][planes][I][32], summed over chunks ---G' s G---> dw [3, 3, I, O]
//   g      ---A g A'---> Q [planes][tiles][32]
//
// In the products the tiles are the reduction: V is read transposed, which the strip product does in place (rows one number apart). The
// arithmetic intensity is that of the forward pass (winograd.cpp), plus S, up to 7 times the size of dw, read and written once per chunk.
//
// The gradient of a bias is a by-product: row 1 of A is all ones (the polynomial at the point 1), so plane (1, 1) of A g A' holds the sum of
// each tile's pixels.
//
// The tiles are cut into parts by the sizes alone, each with its own S and, transformed back, its own dw; those are summed in order. When S is
// so large that several would not fit the cache, strips are shared out instead.
#include "core/parallel.h"
#include "ops/kernels/winograd.h"

namespace fewer::kernels {
namespace {

constexpr int64_t kTileBytes = 768 << 10;  // V and Q of a chunk
constexpr int64_t kLeastTiles = 48;        // but at least about this many: each chunk reads and writes S once
constexpr int64_t kMostTiles = 128;
constexpr int64_t kParts = 4;
constexpr int64_t kPartialNumbers = 5 * (int64_t{1} << 19);  // in the S of all parts together

class WinogradWeightGradient {
 public:
  WinogradWeightGradient(const float* x, const float* g, const ConvSizes& s)
      : x_(x), g_(g), in_(s.in), out_(s.out), tiling_(forward_correlation(s)), planes_(tiling_.largest().planes()),
        width_(strip_width<float>(out_)), strips_(ceil_div(out_, width_)), channels_(round_up(in_, vector_lanes<float>())),
        sum_step_(in_ * width_ + kPlaneGap) {
    const int64_t bytes = planes_ * (channels_ + width_) * static_cast<int64_t>(sizeof(float)), rows = kernel_table().tile_rows;
    most_ = round_up(std::clamp(kTileBytes / bytes, kLeastTiles, kMostTiles) - rows + 1, rows);
    parts_ = std::clamp(kPartialNumbers / (strips_ * planes_ * sum_step_), int64_t{1},
                        std::clamp<int64_t>(tiling_.tiles() / kLeastTiles, 1, std::min(kParts, tiling_.tiles(tiling_.largest()))));
    shares_ = std::min(ceil_div(strips_, 2), ceil_div(kParts, parts_));
    for (int64_t i = 0; i < in_; ++i) {
      a_rows_.push_back(i);
      c_rows_.push_back(i * width_);
    }
  }

  void run(float* dw, float* dbias) const {
    const int64_t numbers = 9 * in_ * out_, share_strips = ceil_div(strips_, shares_);
    const Scratch<float> partial(parts_ > 1 ? parts_ * numbers : 0), bias(dbias ? parts_ * out_ : 0);
    if (dbias) std::fill_n(bias.data(), parts_ * out_, 0.0f);
    parallel_chunks(parts_ * shares_, [&](int64_t item) {
      const int64_t part = item % parts_, first = item / parts_ * share_strips;
      add_part(part, first, std::min(strips_, first + share_strips), parts_ > 1 ? partial.data() + part * numbers : dw,
               dbias ? bias.data() + part * out_ : nullptr);
    });
    if (parts_ > 1) sum_parts(partial.data(), parts_, numbers, dw);
    if (dbias) sum_parts(bias.data(), parts_, out_, dbias);
  }

 private:
  // dw = the gradient by the tiles of one part, for strips [first, last); bias += their pixels of g.
  void add_part(int64_t part, int64_t first, int64_t last, float* dw, float* bias) const {
    const Scratch<float> sums((last - first) * planes_ * sum_step_);
    const std::vector<TileChunk> chunks = tiling_.chunks(most_, part, parts_);
    std::vector<WinogradPlace> here = tiling_.source_places(chunks[0]), next;
    for (size_t k = 0; k < chunks.size(); ++k, std::swap(here, next)) {
      next = k + 1 < chunks.size() ? tiling_.source_places(chunks[k + 1]) : std::vector<WinogradPlace>();
      const bool accumulate = k > 0;  // the first chunk is of the largest shape, so it fills every plane
      add_chunk(chunks[k], here, next, first, last, accumulate, sums.data(), bias);
    }
    for (int64_t s = first; s < last; ++s) finish(sums.data() + (s - first) * planes_ * sum_step_, s, dw);
  }

  // S (+)= the products over the tiles of one chunk, which lie `here` in the source; meanwhile the pixels of the `next` chunk are fetched.
  void add_chunk(const TileChunk& chunk, const std::vector<WinogradPlace>& here, const std::vector<WinogradPlace>& next, int64_t first,
                 int64_t last, bool accumulate, float* sums, float* bias) const {
    const int64_t planes = chunk.shape->planes(), v_step = most_ * channels_ + kPlaneGap, q_step = most_ * width_ + kPlaneGap;
    const Scratch<float> v(planes * v_step), q(planes * q_step);
    tiling_.input_planes(x_, chunk, here, v.data(), v_step, channels_);
    const std::vector<WinogradPlace> places = tiling_.target_places(chunk);
    WinogradTiles tiles = tiling_.target_tiles(chunk, places);
    tiles.to = q.data();
    tiles.plane_step = q_step;
    tiles.tile_step = width_;
    for (int64_t s = first; s < last; ++s, sums += planes_ * sum_step_) {
      tiles.from = g_ + s * width_;
      tiles.channels = std::min(width_, out_ - s * width_);
      kernel_table().winograd_output_adjoint(tiles);
      const int64_t pixel_sums = chunk.shape->width + 2 + 1;  // plane (1, 1)
      if (bias) add_rows(q.data() + pixel_sums * q_step, width_, tiles.tiles, tiles.channels, bias + s * width_);
      for (int64_t p = 0; p < planes; ++p) {
        if (s == first) tiling_.prefetch_source(x_, next, p, planes);
        strip_product(StripProduct<float>{.a = v.data() + p * v_step, .a_rows = a_rows_.data(), .rows = in_, .b = q.data() + p * q_step,
                                          .runs = &run_, .run_count = 1, .run_length = tiles.tiles, .a_step = channels_, .b_step = width_,
                                          .c = sums + tiling_.shared_plane(*chunk.shape, p) * sum_step_, .c_rows = c_rows_.data(),
                                          .columns = round_up(tiles.channels, vector_lanes<float>()), .accumulate = accumulate});
      }
    }
  }

  // dw = G' s G for the output channels of one strip.
  void finish(const float* sums, int64_t strip, float* dw) const {
    const int64_t count = in_ * width_, columns = std::min(width_, out_ - strip * width_);
    const Scratch<float> filters(9 * count);
    kernel_table().winograd_filter_adjoint({.height = tiling_.largest().height, .width = tiling_.largest().width, .from = sums,
                                            .to = filters.data(), .count = count, .plane_step = sum_step_});
    for (int64_t row = 0; row < 9 * in_; ++row)  // row = tap * I + i, in both
      std::copy_n(filters.data() + row * width_, columns, dw + row * out_ + strip * width_);
  }

  const float* x_;
  const float* g_;
  int64_t in_, out_;
  Tiling tiling_;
  int64_t planes_, width_, strips_, channels_;
  int64_t sum_step_;  // between planes of S
  int64_t most_, parts_, shares_;
  std::vector<int64_t> a_rows_, c_rows_;
  Run run_ = {0, 0};
};

}  // namespace

void winograd_grad_weight(const float* x, const float* g, float* dw, const ConvSizes& s, float* dbias) {
  WinogradWeightGradient(x, g, s).run(dw, dbias);
}

}  // namespace fewer::kernels
