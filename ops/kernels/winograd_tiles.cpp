#include "ops/kernels/winograd.h"

namespace fewer::kernels {
namespace {

Axis tile_axis(const Axis& axis) {
  return {.outputs = ceil_div(axis.outputs, kTilePixels), .first_output = 0, .output_step = kTilePixels, .source = axis.source,
          .stride = kTilePixels, .taps = 6, .first_tap = axis.first_tap, .tap_step = 1, .first_weight = 0, .weight_step = 1};
}

// The input transform reads whole vectors of channels, so the last pixel needs room behind it.
int64_t slack(int64_t channels) { return channels % vector_lanes<float>() == 0 ? 0 : vector_lanes<float>(); }

}  // namespace

TileGrid::TileGrid(const Correlation& c, int64_t numbers, int64_t bytes, int64_t enough_chunks)
    : h_(tile_axis(c.h)), w_(tile_axis(c.w)), source_channels_(c.reads), plane_channels_(round_up(c.reads, vector_lanes<float>())),
      target_h_(c.target_h), target_w_(c.target_w), target_channels_(c.writes),
      window_(h_, w_, c.images, c.reads,
              {.numbers = w_.outputs * numbers, .element = sizeof(float), .bytes = bytes, .enough_chunks = enough_chunks,
               .slack = slack(c.reads)}),
      source_offsets_(window_.window_offsets()), target_offsets_(window_.target_offsets(target_h_, target_w_, target_channels_)) {}

void TileGrid::input_planes(const float* source, int64_t chunk, float* planes) const {
  const Scratch<float> scratch(window_.scratch_size());
  if (slack(source_channels_) > 0) std::fill_n(scratch.data() + window_.scratch_size() - slack(source_channels_), slack(source_channels_), 0.0f);
  kernel_table().winograd_input({.from = window_.open(source, chunk, scratch.data()), .to = planes, .tiles = tiles(chunk),
                                 .channels = source_channels_, .offsets = source_offsets_.data(), .row_step = window_.row_step(),
                                 .pixel_step = source_channels_, .plane_step = plane_step(), .tile_step = plane_channels_,
                                 .heights = nullptr, .widths = nullptr});
}

WinogradTiles TileGrid::target_tiles(int64_t chunk, std::vector<uint8_t>* sizes) const {
  const int64_t count = tiles(chunk);
  sizes->resize(static_cast<size_t>(2 * count));
  for (int64_t t = 0; t < count; ++t) {
    const int64_t row = window_.first_row(chunk) + t / w_.outputs % window_.rows(chunk), column = t % w_.outputs;
    (*sizes)[t] = static_cast<uint8_t>(std::min(kTilePixels, target_h_ - row * kTilePixels));
    (*sizes)[count + t] = static_cast<uint8_t>(std::min(kTilePixels, target_w_ - column * kTilePixels));
  }
  return {.from = nullptr, .to = nullptr, .tiles = count, .channels = 0, .offsets = target_offsets_.data(),
          .row_step = target_w_ * target_channels_, .pixel_step = target_channels_, .plane_step = 0, .tile_step = 0,
          .heights = sizes->data(), .widths = sizes->data() + count};
}

}  // namespace fewer::kernels
