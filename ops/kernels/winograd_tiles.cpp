#include <map>

#include "ops/kernels/winograd.h"

namespace fewer::kernels {
namespace {

constexpr int64_t kLargest = 6;  // outputs of a tile along an axis

// The first outputs of the tiles of an axis, by size, largest first. As few tiles as can be; of these, sizes that leave the others at least 4
// where possible (even sizes have the cheaper transforms).
std::map<int64_t, std::vector<int64_t>, std::greater<>> cut_axis(int64_t outputs) {
  std::map<int64_t, std::vector<int64_t>, std::greater<>> starts;
  int64_t count = ceil_div(outputs, kLargest);
  for (int64_t at = 0; at < outputs; --count) {
    const int64_t left = outputs - at;
    int64_t size = left;
    if (count > 1) size = left - kLargest >= 4 * (count - 1) ? kLargest : left - 4 >= 3 * (count - 1) ? 4 : 3;
    starts[size].push_back(at);
    at += size;
  }
  return starts;
}

// `channels` numbers of every pixel of a piece of the tiles. Inlined because GCC drops calls of a function that does nothing but prefetch.
inline __attribute__((always_inline)) void prefetch(const float* image, const std::vector<WinogradPlace>& places, int64_t row_step,
                                                    int64_t pixel_step, int64_t channels, int64_t piece, int64_t pieces) {
  constexpr int64_t kLine = 64 / sizeof(float);
  const int64_t tiles = static_cast<int64_t>(places.size());
  for (int64_t t = tiles * piece / pieces; t < tiles * (piece + 1) / pieces; ++t)
    for (int64_t y = places[t].top; y < places[t].bottom; ++y)
      for (int64_t x = places[t].left; x < places[t].right; ++x)
        for (int64_t i = 0; i < channels; i += kLine)
          __builtin_prefetch(image + places[t].pixel + y * row_step + x * pixel_step + i, 0, 2);  // 2: not into the first level
}

}  // namespace

Tiling::Tiling(const Correlation& c)
    : images_(c.images), h_(c.h), w_(c.w), source_channels_(c.reads), target_h_(c.target_h), target_w_(c.target_w),
      target_channels_(c.writes), zeros_(static_cast<size_t>((kLargest + 3) * c.reads + 64)) {
  const auto by_height = cut_axis(c.h.outputs), by_width = cut_axis(c.w.outputs);
  for (const auto& [height, rows] : by_height)
    for (const auto& [width, columns] : by_width) shapes_.push_back({height, width, rows, columns});
}

int64_t Tiling::tiles() const {
  int64_t count = 0;
  for (const TileShape& shape : shapes_) count += tiles(shape);
  return count;
}

std::vector<TileChunk> Tiling::chunks(int64_t most, int64_t part, int64_t parts) const {
  const int64_t rows = kernel_table().tile_rows;
  std::vector<TileChunk> chunks;
  for (const TileShape& shape : shapes_) {
    const int64_t first = tiles(shape) * part / parts, last = tiles(shape) * (part + 1) / parts;
    const int64_t blocks = ceil_div(last - first, rows), pieces = ceil_div(last - first, most);
    for (int64_t i = 0; i < pieces; ++i) {
      const int64_t begin = first + blocks * i / pieces * rows, end = std::min(last, first + blocks * (i + 1) / pieces * rows);
      chunks.push_back({&shape, begin, end});
    }
  }
  return chunks;
}

std::vector<WinogradPlace> Tiling::places(const TileChunk& chunk, const Image& image) const {
  const auto& [height, width, rows, columns] = *chunk.shape;
  const int64_t per_row = static_cast<int64_t>(columns.size()), per_image = chunk.shape->tiles_per_image();
  const auto inside = [](int64_t at, int64_t size) { return static_cast<uint8_t>(std::clamp<int64_t>(at, 0, size)); };
  std::vector<WinogradPlace> places(static_cast<size_t>(chunk.tiles()));
  for (int64_t t = chunk.begin; t < chunk.end; ++t) {
    const int64_t n = t / per_image, y = rows[t % per_image / per_row] + image.top, x = columns[t % per_row] + image.left;
    places[t - chunk.begin] = {.pixel = ((n * image.height + y) * image.width + x) * image.channels,
                               .top = inside(-y, image.rows), .bottom = inside(image.height - y, image.rows),
                               .left = inside(-x, image.columns), .right = inside(image.width - x, image.columns)};
  }
  return places;
}

std::vector<WinogradPlace> Tiling::source_places(const TileChunk& chunk) const {
  return places(chunk, {.height = h_.source, .width = w_.source, .channels = source_channels_, .top = h_.first_tap, .left = w_.first_tap,
                        .rows = chunk.shape->height + 2, .columns = chunk.shape->width + 2});
}

std::vector<WinogradPlace> Tiling::target_places(const TileChunk& chunk) const {
  return places(chunk, {.height = target_h_, .width = target_w_, .channels = target_channels_, .top = 0, .left = 0,
                        .rows = chunk.shape->height, .columns = chunk.shape->width});
}

void Tiling::input_planes(const float* source, const TileChunk& chunk, const std::vector<WinogradPlace>& places, float* planes,
                          int64_t plane_step, int64_t channels_step) const {
  kernel_table().winograd_input({.height = chunk.shape->height, .width = chunk.shape->width, .from = source, .to = planes,
                                 .tiles = chunk.tiles(), .channels = source_channels_, .places = places.data(),
                                 .row_step = w_.source * source_channels_, .pixel_step = source_channels_, .plane_step = plane_step,
                                 .tile_step = channels_step, .zeros = zeros_.data()});
}

WinogradTiles Tiling::target_tiles(const TileChunk& chunk, const std::vector<WinogradPlace>& places) const {
  return {.height = chunk.shape->height, .width = chunk.shape->width, .from = nullptr, .to = nullptr, .tiles = chunk.tiles(), .channels = 0,
          .places = places.data(), .row_step = target_w_ * target_channels_, .pixel_step = target_channels_, .plane_step = 0,
          .tile_step = 0, .zeros = zeros_.data()};
}

void Tiling::prefetch_source(const float* source, const std::vector<WinogradPlace>& places, int64_t piece, int64_t pieces) const {
  prefetch(source, places, w_.source * source_channels_, source_channels_, source_channels_, piece, pieces);
}

void Tiling::prefetch_target(const float* target, const std::vector<WinogradPlace>& places, int64_t channels, int64_t piece,
                             int64_t pieces) const {
  prefetch(target, places, target_w_ * target_channels_, target_channels_, channels, piece, pieces);
}

// The last point of an axis is infinity, whatever the tile's size.
int64_t Tiling::shared_plane(const TileShape& shape, int64_t p) const {
  const auto shared = [](int64_t point, int64_t size, int64_t most) { return point == size + 1 ? most + 1 : point; };
  return shared(p / (shape.width + 2), shape.height, largest().height) * (largest().width + 2) +
         shared(p % (shape.width + 2), shape.width, largest().width);
}

}  // namespace fewer::kernels
