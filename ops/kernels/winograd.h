// What the two Winograd drivers share: an image cut into tiles without a rest, and tiles into chunks.
//
// An axis of n outputs becomes ceil(n / 6) tiles of 1 to 6 outputs, none larger than needed: 32 = 6 6 6 6 4 4, 14 = 6 4 4, 7 = 4 3. No output is
// computed that does not exist; a tile of m x m outputs takes (m + 2)^2 products instead of 9 m^2.
//
//      6     4   4                    Tiles of one shape, from all images, are one list; chunks are pieces
//   +-----+---+---+                   of these lists. So all tiles of a chunk are alike.
// 6 | a   | b | b |
//   |     |   |   |                   The filters are transformed once, for the largest shape: smaller ones
//   +-----+---+---+                   use some of its planes (isa/winograd_sides.h says why they fit).
// 4 | c   | d | d |
//   +-----+---+---+
// 4 | c   | d | d |
//   +-----+---+---+
#pragma once

#include "ops/kernels/correlation.h"

namespace fewer::kernels {

inline constexpr int64_t kPlaneGap = 16;  // numbers between planes, so that their addresses do not fall on the same cache set

// Tiles of one shape: their first outputs along each axis.
struct TileShape {
  int64_t height, width;
  std::vector<int64_t> rows, columns;

  int64_t planes() const { return (height + 2) * (width + 2); }
  int64_t tiles_per_image() const { return static_cast<int64_t>(rows.size() * columns.size()); }
};

// Tiles [begin, end) of those of a shape.
struct TileChunk {
  const TileShape* shape;
  int64_t begin, end;
  int64_t tiles() const { return end - begin; }
};

class Tiling {
 public:
  explicit Tiling(const Correlation& c);
  Tiling(const Tiling&) = delete;
  Tiling& operator=(const Tiling&) = delete;

  // The largest shape first; every other shape is no higher and no wider.
  const std::vector<TileShape>& shapes() const { return shapes_; }
  const TileShape& largest() const { return shapes_.front(); }
  int64_t tiles(const TileShape& shape) const { return images_ * shape.tiles_per_image(); }
  int64_t tiles() const;

  // Pieces of at most `most` tiles (a multiple of the register tile's rows) of the part `part` of `parts` of every shape's tiles.
  std::vector<TileChunk> chunks(int64_t most, int64_t part = 0, int64_t parts = 1) const;

  // Where the tiles of a chunk lie in the source (with the margin of the filter) and in the target.
  std::vector<WinogradPlace> source_places(const TileChunk& chunk) const;
  std::vector<WinogradPlace> target_places(const TileChunk& chunk) const;

  // planes [shape.planes()][tiles][channels_step] of a chunk, plane_step apart.
  void input_planes(const float* source, const TileChunk& chunk, const std::vector<WinogradPlace>& places, float* planes, int64_t plane_step,
                    int64_t channels_step) const;
  // The side of the target, for the two output transforms: all but from, to, channels and the planes' steps.
  WinogradTiles target_tiles(const TileChunk& chunk, const std::vector<WinogradPlace>& places) const;

  // Asks the second-level cache for piece `piece` of `pieces` of these tiles' pixels. The products need no memory bandwidth: what the
  // transforms before and after them touch can come meanwhile.
  void prefetch_source(const float* source, const std::vector<WinogradPlace>& places, int64_t piece, int64_t pieces) const;
  void prefetch_target(const float* target, const std::vector<WinogradPlace>& places, int64_t channels, int64_t piece, int64_t pieces) const;

  // Which plane of the largest shape belongs to plane p of `shape`.
  int64_t shared_plane(const TileShape& shape, int64_t p) const;

 private:
  // Where the tiles lie in [images, height, width, channels], their first pixel at (row + top, column + left) and `rows` x `columns` pixels large.
  struct Image {
    int64_t height, width, channels, top, left, rows, columns;
  };
  std::vector<WinogradPlace> places(const TileChunk& chunk, const Image& image) const;

  int64_t images_;
  Axis h_, w_;
  int64_t source_channels_, target_h_, target_w_, target_channels_;
  std::vector<float> zeros_;
  std::vector<TileShape> shapes_;
};

}  // namespace fewer::kernels
