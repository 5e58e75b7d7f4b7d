// Convolution by Winograd's F(4x4, 3x3): four times fewer products than the definition.
//
//   window ---B' d B---> V [36][tiles][I]  --36 products--> M [36][tiles][32] ---A' m A---> 4x4 outputs per tile
//                                 x
//   filter ---G w G'---> U [strip][36][I][32]
//
// A chunk is some tens of tiles; its V and one strip's M stay in the second-level cache, and the 36 products are strip products like any
// other matrix product. The filters are transformed once per call.
//
// Arithmetic intensity: per tile 72 I O FLOP in the products for 36 (I + O) numbers written and read once in that cache: 16 channels have
// 4 FLOP per byte and are bound by moving data, 64 channels have 16 and are bound by arithmetic.
//
// Accuracy: the transforms have entries up to 8 and sums of differences, so errors grow. Per output, relative to sums of random terms, the
// error is that of a direct sum times about the condition of the transforms: tests hold it to 10 times the direct bound. Measured relative L2
// errors are 1e-6 to 2e-6 where the direct sum has 2e-7 to 9e-7. Finite differences should choose ConvAlgorithm::kDirect.
#include "ops/kernels/winograd.h"

#include "core/parallel.h"

namespace fewer::kernels {
namespace {

constexpr int64_t kTileBytes = 640 << 10;  // V, M and window of a chunk
constexpr int64_t kTilesPerChunk = 48;     // but at least about this many tiles, to reuse U
constexpr int64_t kMinTiles = 16;          // tiles that repay transforming the filters
constexpr int64_t kMinChannels = 16;
constexpr int64_t kEnoughItems = 16;       // chunks times shares of strips

// U [strips][36][reads][width], planes a gap apart.
class TransformedFilters {
 public:
  TransformedFilters(const float* weights, const Correlation& c)
      : width_(strip_width<float>(c.writes)), plane_step_(c.reads * width_ + kPlaneGap), strips_(ceil_div(c.writes, width_)),
        planes_(strips_ * kPlanes * plane_step_) {
    const int64_t numbers = c.reads * width_;
    parallel_for(strips_, ceil_div(kGrain, numbers * kPlanes), [&](int64_t begin, int64_t end) {
      const Scratch<float> packed(9 * numbers);
      for (int64_t s = begin; s < end; ++s) {
        pack_weights(weights, c, 0, s * width_, std::min(width_, c.writes - s * width_), width_, packed.data());
        kernel_table().winograd_filter(packed.data(), planes_.data() + s * kPlanes * plane_step_, numbers, plane_step_);
      }
    });
  }
  int64_t width() const { return width_; }
  int64_t strips() const { return strips_; }
  const float* plane(int64_t strip, int64_t p) const { return planes_.data() + (strip * kPlanes + p) * plane_step_; }

 private:
  int64_t width_, plane_step_, strips_;
  Scratch<float> planes_;
};

}  // namespace

// 144 products per tile of the direct sum against 36, over tiles that may hang over the edge.
bool winograd_pays(const Correlation& c) {
  if (c.h.taps != 3 || c.w.taps != 3 || c.h.stride != 1 || c.w.stride != 1 || c.h.tap_step != 1 || c.w.tap_step != 1) return false;
  if (c.h.output_step != 1 || c.w.output_step != 1 || c.groups != 1) return false;
  if (c.reads < kMinChannels || c.writes < kMinChannels) return false;
  const int64_t tiles = ceil_div(c.h.outputs, kTilePixels) * ceil_div(c.w.outputs, kTilePixels);
  return c.images * tiles >= kMinTiles && c.h.outputs * c.w.outputs >= 8 * tiles;
}

void winograd_correlate(const float* source, const float* weights, float* target, const Correlation& c, const Epilogue<float>& end) {
  const TransformedFilters filters(weights, c);
  const int64_t width = filters.width(), strips = filters.strips();
  const int64_t numbers = kPlanes * (round_up(c.reads, vector_lanes<float>()) + width);
  const TileGrid grid(c, numbers, std::max(kTileBytes, kTilesPerChunk * numbers * static_cast<int64_t>(sizeof(float))),
                      ceil_div(kEnoughItems, ceil_div(strips, 4)));
  const int64_t chunks = grid.window().chunks();
  // Where chunks are few, groups of strips are shared out too; each group transforms its inputs again, so a group is no less than 4.
  const int64_t shares = std::min(ceil_div(strips, 4), ceil_div(kEnoughItems, chunks)), share_strips = ceil_div(strips, shares);

  std::vector<int64_t> a_rows, c_rows;
  for (int64_t t = 0; t < grid.max_tiles(); ++t) {
    a_rows.push_back(t * grid.plane_channels());
    c_rows.push_back(t * width);
  }
  const Run run = {0, 0};
  parallel_chunks(chunks * shares, [&](int64_t item) {
    const int64_t chunk = item % chunks, first = item / chunks * share_strips, product_step = grid.max_tiles() * width + kPlaneGap;
    const Scratch<float> inputs(kPlanes * grid.plane_step()), products(kPlanes * product_step);
    grid.input_planes(source, chunk, inputs.data());
    std::vector<uint8_t> sizes;
    WinogradTiles tiles = grid.target_tiles(chunk, &sizes);
    tiles.from = products.data();
    tiles.plane_step = product_step;
    tiles.tile_step = width;
    for (int64_t s = first; s < std::min(strips, first + share_strips); ++s) {
      const int64_t at = grid.target_start(chunk) + s * width;
      tiles.to = target + at;
      tiles.end = shifted(end, at, s * width);
      tiles.channels = std::min(width, c.writes - s * width);
      for (int64_t p = 0; p < kPlanes; ++p)
        strip_product(StripProduct<float>{.a = inputs.data() + p * grid.plane_step(), .a_rows = a_rows.data(), .rows = tiles.tiles,
                                          .b = filters.plane(s, p), .runs = &run, .run_count = 1, .run_length = c.reads,
                                          .a_step = 1, .b_step = width, .c = products.data() + p * product_step,
                                          .c_rows = c_rows.data(), .columns = round_up(tiles.channels, vector_lanes<float>()),
                                          .accumulate = false});
      kernel_table().winograd_output(tiles);
    }
  });
}

}  // namespace fewer::kernels
