// What the two Winograd drivers share: cutting images into tiles and tiles into chunks.
#pragma once

#include "ops/kernels/correlation.h"

namespace fewer::kernels {

inline constexpr int64_t kTilePixels = 4;   // a tile makes 4x4 outputs from 6x6 inputs
inline constexpr int64_t kPlanes = 36;
inline constexpr int64_t kPlaneGap = 16;    // between planes, so that their addresses do not fall on the same cache set

// The tiles of a correlation's target, in chunks. Tiles are the "pixels" of a window: 4 positions apart, 6 wide.
class TileGrid {
 public:
  // `numbers` that each tile needs besides the window, `bytes` of a chunk, and how many chunks are enough.
  TileGrid(const Correlation& c, int64_t numbers, int64_t bytes, int64_t enough_chunks);

  const Window& window() const { return window_; }
  int64_t tiles(int64_t chunk) const { return window_.pixels(chunk); }
  int64_t max_tiles() const { return window_.max_pixels(); }

  // planes [36][tiles][plane_channels()] of the chunk's 6x6 inputs, plane_step() apart.
  void input_planes(const float* source, int64_t chunk, float* planes) const;
  int64_t plane_channels() const { return plane_channels_; }
  int64_t plane_step() const { return max_tiles() * plane_channels_ + kPlaneGap; }

  // The side of the 4x4 tiles, in a target [N, H, W, C], for the two output transforms: all but from, to, channels and the planes' steps.
  WinogradTiles target_tiles(int64_t chunk, std::vector<uint8_t>* sizes) const;
  int64_t target_start(int64_t chunk) const { return window_.target_start(chunk, target_h_, target_w_, target_channels_); }

 private:
  Axis h_, w_;  // in tiles
  int64_t source_channels_, plane_channels_, target_h_, target_w_, target_channels_;
  Window window_;
  std::vector<int64_t> source_offsets_, target_offsets_;
};

}  // namespace fewer::kernels
