// Convolution by Winograd's F(m x m, 3x3), m up to 6: (m + 2)^2 products where the definition has 9 m^2.
//
//   source ---B' d B---> V [planes][tiles][I]  --a product each--> M [planes][tiles][32] ---A' m A---> m x m outputs per tile
//                                     x
//   filter ---G w G'---> U [strip][planes][I][32]
//
// A chunk is some tens of tiles of one shape; its V and one strip's M stay in the second-level cache, and the products are strip products like
// any other matrix product. The filters are transformed once per call.
//
// Arithmetic intensity: per tile of 6x6, 128 I O FLOP in the products for 64 (I + O) numbers written and read once in that cache: 16 channels have
// 4 FLOP per byte and are bound by moving data, 64 channels have 16 and are bound by arithmetic.
//
// Accuracy: the transforms have entries up to 32 and sums of differences, so errors grow with the tile. Relative L2 errors against exact sums are
// 2e-6 to 4e-6 where the direct sum has 2e-7 to 9e-7: six to ten times as much, and still below the bound sqrt(k) eps of a sum of k products, as
// sums in vectors are better than that. Tests hold every variant to 10 times the direct bound. Finite differences should choose ConvAlgorithm::kDirect.
#include "ops/kernels/winograd.h"

#include "core/parallel.h"

namespace fewer::kernels {
namespace {

constexpr int64_t kTileBytes = 512 << 10;  // V and M of a chunk
constexpr int64_t kLeastTiles = 24;        // but at least about this many tiles, to reuse U
constexpr int64_t kMostTiles = 32;
constexpr int64_t kMinTiles = 8;           // tiles that repay transforming the filters
constexpr int64_t kMinChannels = 16;
constexpr int64_t kEnoughItems = 16;       // groups of chunks times shares of strips
constexpr int64_t kGroup = 8;              // chunks of a group

// U [strips][planes][reads][width], planes a gap apart.
class TransformedFilters {
 public:
  TransformedFilters(const float* weights, const Correlation& c, const TileShape& shape)
      : width_(strip_width<float>(c.writes)), plane_step_(c.reads * width_ + kPlaneGap), planes_(shape.planes()),
        strips_(ceil_div(c.writes, width_)), numbers_(strips_ * planes_ * plane_step_) {
    const int64_t count = c.reads * width_;
    parallel_for(strips_, ceil_div(kGrain, count * planes_), [&](int64_t begin, int64_t end) {
      const Scratch<float> packed(9 * count);
      for (int64_t s = begin; s < end; ++s) {
        pack_weights(weights, c, 0, s * width_, std::min(width_, c.writes - s * width_), width_, packed.data());
        kernel_table().winograd_filter({.height = shape.height, .width = shape.width, .from = packed.data(),
                                        .to = numbers_.data() + s * planes_ * plane_step_, .count = count, .plane_step = plane_step_});
      }
    });
  }
  int64_t width() const { return width_; }
  int64_t strips() const { return strips_; }
  const float* plane(int64_t strip, int64_t p) const { return numbers_.data() + (strip * planes_ + p) * plane_step_; }

 private:
  int64_t width_, plane_step_, planes_, strips_;
  Scratch<float> numbers_;
};

}  // namespace

bool winograd_pays(const Correlation& c) {
  if (c.h.taps != 3 || c.w.taps != 3 || c.h.stride != 1 || c.w.stride != 1 || c.h.tap_step != 1 || c.w.tap_step != 1) return false;
  if (c.h.output_step != 1 || c.w.output_step != 1 || c.groups != 1) return false;
  if (c.reads < kMinChannels || c.writes < kMinChannels) return false;
  return c.h.outputs > 1 && c.w.outputs > 1 && c.images * c.h.outputs * c.w.outputs >= 16 * kMinTiles;
}

void winograd_correlate(const float* source, const float* weights, float* target, const Correlation& c, const Epilogue<float>& end) {
  const Tiling tiling(c);
  const TransformedFilters filters(weights, c, tiling.largest());
  const int64_t width = filters.width(), strips = filters.strips(), channels = round_up(c.reads, vector_lanes<float>());
  const int64_t rows = kernel_table().tile_rows, bytes = tiling.largest().planes() * (channels + width) * static_cast<int64_t>(sizeof(float));
  const int64_t most = round_up(std::clamp(kTileBytes / bytes, kLeastTiles, kMostTiles) - rows + 1, rows);
  const std::vector<TileChunk> chunks = tiling.chunks(most);
  const int64_t chunk_count = static_cast<int64_t>(chunks.size());
  // Where chunks are few, groups of strips are shared out too; each group transforms its inputs again, so a group is no less than 4.
  const int64_t shares = std::min(ceil_div(strips, 4), ceil_div(kEnoughItems, chunk_count)), share_strips = ceil_div(strips, shares);
  const int64_t plane_step = most * channels + kPlaneGap, product_step = most * width + kPlaneGap;

  std::vector<int64_t> a_rows, c_rows;
  for (int64_t t = 0; t < most; ++t) {
    a_rows.push_back(t * channels);
    c_rows.push_back(t * width);
  }
  const Run run = {0, 0};
  // A group of chunks is worked off one after the other, so that the pixels of the next can be fetched during the products of one.
  const int64_t groups = std::min(chunk_count, std::max(kEnoughItems, chunk_count / kGroup));
  parallel_chunks(groups * shares, [&](int64_t item) {
    const int64_t group = item % groups, first = item / groups * share_strips, last = std::min(strips, first + share_strips);
    const int64_t begin = chunk_count * group / groups, stop = chunk_count * (group + 1) / groups, most_planes = tiling.largest().planes();
    const Scratch<float> inputs(most_planes * plane_step), products(most_planes * product_step);
    std::vector<WinogradPlace> sources = tiling.source_places(chunks[begin]);
    for (int64_t k = begin; k < stop; ++k) {
      const TileShape& shape = *chunks[k].shape;
      const int64_t planes = shape.planes();
      tiling.input_planes(source, chunks[k], sources, inputs.data(), plane_step, channels);
      sources = k + 1 < stop ? tiling.source_places(chunks[k + 1]) : std::vector<WinogradPlace>();
      const std::vector<WinogradPlace> places = tiling.target_places(chunks[k]);
      WinogradTiles tiles = tiling.target_tiles(chunks[k], places);
      tiles.from = products.data();
      tiles.plane_step = product_step;
      tiles.tile_step = width;
      for (int64_t s = first; s < last; ++s) {
        tiles.to = target + s * width;
        tiles.end = shifted(end, s * width, s * width);
        tiles.channels = std::min(width, c.writes - s * width);
        for (int64_t p = 0; p < planes; ++p) {
          tiling.prefetch_target(tiles.to, places, tiles.channels, p, planes);
          if (s == first) tiling.prefetch_source(source, sources, p, planes);
          strip_product(StripProduct<float>{.a = inputs.data() + p * plane_step, .a_rows = a_rows.data(), .rows = tiles.tiles,
                                            .b = filters.plane(s, tiling.shared_plane(shape, p)), .runs = &run, .run_count = 1,
                                            .run_length = c.reads, .a_step = 1, .b_step = width, .c = products.data() + p * product_step,
                                            .c_rows = c_rows.data(), .columns = round_up(tiles.channels, vector_lanes<float>()),
                                            .accumulate = false});
        }
        kernel_table().winograd_output(tiles);
      }
    }
  });
}

}  // namespace fewer::kernels
