// The weight gradient by Winograd: the bilinear form of F(4x4, 3x3) read by its third argument.
//
//   window ---B' d B---> V [36][tiles][I]
//                            x  36 products over tiles, V' Q  --> S [strip][36][I][32], summed over all chunks ---G' s G---> dw [3, 3, I, O]
//   g      ---A g A'---> Q [36][tiles][32]
//
// In the products the tiles are the reduction: V is read transposed, which the strip product does in place (rows one number apart).
//
// The gradient of a bias is a by-product: row 1 of A is all ones (the polynomial at the point 1), so plane (1, 1) of A g A' holds the sum of
// each tile's 16 pixels.
//
// S is 4 times the size of dw. The chunks are cut into parts by the sizes alone, each with its own S, summed in order; when S is so large that
// several would not fit the cache, strips are shared out instead.
#include "core/parallel.h"
#include "ops/kernels/winograd.h"

namespace fewer::kernels {
namespace {

constexpr int64_t kTileBytes = 768 << 10;                // V, Q and window of a chunk
constexpr int64_t kTilesPerChunk = 64;                   // but at least about this many: each chunk reads and writes S once
constexpr int64_t kParts = 8;
constexpr int64_t kPixelSums = 1 * 6 + 1;                // the plane whose numbers are sums of a tile's pixels
constexpr int64_t kPartialNumbers = 5 * (int64_t{1} << 19);  // in the S of all parts together

class WinogradWeightGradient {
 public:
  WinogradWeightGradient(const float* x, const float* g, const ConvSizes& s)
      : x_(x), g_(g), correlation_(forward_correlation(s)), width_(strip_width<float>(s.out)), strips_(ceil_div(s.out, width_)),
        sum_step_(s.in * width_ + kPlaneGap), strip_step_(kPlanes * sum_step_), numbers_(strips_ * strip_step_),
        parts_(std::clamp(kPartialNumbers / numbers_, int64_t{1}, kParts)),
        shares_(std::min(ceil_div(strips_, 2), ceil_div(kParts, parts_))), grid_(make_grid()) {
    parts_ = std::min(parts_, grid_.window().chunks());
    for (int64_t i = 0; i < s.in; ++i) {
      a_rows_.push_back(i);
      c_rows_.push_back(i * width_);
    }
  }

  void run(float* dw, float* dbias) const {
    const Scratch<float> sums((parts_ + (parts_ > 1)) * numbers_), bias(dbias ? parts_ * correlation_.writes : 0);
    if (dbias) std::fill_n(bias.data(), parts_ * correlation_.writes, 0.0f);
    const int64_t share_strips = ceil_div(strips_, shares_), chunks = grid_.window().chunks();
    parallel_chunks(parts_ * shares_, [&](int64_t item) {
      const int64_t part = item % parts_, first = item / parts_ * share_strips;
      const int64_t begin = chunks * part / parts_, end = chunks * (part + 1) / parts_;
      for (int64_t chunk = begin; chunk < end; ++chunk)
        add_chunk(chunk, first, std::min(strips_, first + share_strips), chunk > begin, sums.data() + part * numbers_,
                  dbias ? bias.data() + part * correlation_.writes : nullptr);
    });
    if (dbias) sum_parts(bias.data(), parts_, correlation_.writes, dbias);
    float* total = parts_ > 1 ? sums.data() + parts_ * numbers_ : sums.data();
    if (parts_ > 1) sum_parts(sums.data(), parts_, numbers_, total);
    parallel_chunks(strips_, [&](int64_t strip) { finish(total + strip * strip_step_, strip, dw); });
  }

 private:
  TileGrid make_grid() const {
    const int64_t numbers = kPlanes * (round_up(correlation_.reads, vector_lanes<float>()) + width_);
    return TileGrid(correlation_, numbers, std::max(kTileBytes, kTilesPerChunk * numbers * static_cast<int64_t>(sizeof(float))),
                    parts_);
  }

  // S (+)= the products over the tiles of one chunk, for some strips, and bias += their pixels of g.
  void add_chunk(int64_t chunk, int64_t first, int64_t last, bool accumulate, float* sums, float* bias) const {
    const int64_t q_step = grid_.max_tiles() * width_ + kPlaneGap;
    const Scratch<float> inputs(kPlanes * grid_.plane_step()), q(kPlanes * q_step);
    grid_.input_planes(x_, chunk, inputs.data());
    std::vector<uint8_t> sizes;
    WinogradTiles tiles = grid_.target_tiles(chunk, &sizes);
    tiles.to = q.data();
    tiles.plane_step = q_step;
    tiles.tile_step = width_;
    for (int64_t s = first; s < last; ++s) {
      tiles.from = g_ + grid_.target_start(chunk) + s * width_;
      tiles.channels = std::min(width_, correlation_.writes - s * width_);
      kernel_table().winograd_output_adjoint(tiles);
      if (bias) add_rows(q.data() + kPixelSums * q_step, width_, tiles.tiles, tiles.channels, bias + s * width_);
      for (int64_t p = 0; p < kPlanes; ++p)
        strip_product(StripProduct<float>{.a = inputs.data() + p * grid_.plane_step(), .a_rows = a_rows_.data(),
                                          .rows = correlation_.reads, .b = q.data() + p * q_step, .runs = &run_, .run_count = 1,
                                          .run_length = tiles.tiles, .a_step = grid_.plane_channels(), .b_step = width_,
                                          .c = sums + s * strip_step_ + p * sum_step_, .c_rows = c_rows_.data(),
                                          .columns = round_up(tiles.channels, vector_lanes<float>()), .accumulate = accumulate});
    }
  }

  // dw = G' s G for the output channels of one strip.
  void finish(const float* sums, int64_t strip, float* dw) const {
    const int64_t numbers = correlation_.reads * width_, columns = std::min(width_, correlation_.writes - strip * width_);
    const Scratch<float> filters(9 * numbers);
    kernel_table().winograd_filter_adjoint(sums, filters.data(), numbers, sum_step_);
    for (int64_t row = 0; row < 9 * correlation_.reads; ++row)  // row = tap * I + i, in both
      std::copy_n(filters.data() + row * width_, columns, dw + row * correlation_.writes + strip * width_);
  }

  const float* x_;
  const float* g_;
  Correlation correlation_;
  int64_t width_, strips_;
  int64_t sum_step_, strip_step_, numbers_;  // of S: between planes, between strips, in all
  int64_t parts_, shares_;
  TileGrid grid_;
  std::vector<int64_t> a_rows_, c_rows_;
  Run run_ = {0, 0};
};

}  // namespace

void winograd_grad_weight(const float* x, const float* g, float* dw, const ConvSizes& s, float* dbias) {
  WinogradWeightGradient(x, g, s).run(dw, dbias);
}

}  // namespace fewer::kernels
