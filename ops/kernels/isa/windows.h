// Windows of an image plane, as pooling kernels walk over them.
#pragma once

#include "ops/kernels/pool.h"

namespace fewer::kernels::FEWER_ISA {
namespace {

// The part of a window that lies inside the image: rows [top, bottom), columns [left, right).
struct Window {
  int64_t top, bottom, left, right;
  int64_t count() const { return (bottom - top) * (right - left); }
};

inline Window window_at(const PoolSizes& s, int64_t out_row, int64_t out_column) {
  const int64_t top = out_row * s.stride_h - s.pad_top, left = out_column * s.stride_w - s.pad_left;
  const int64_t bottom = top + s.kernel_h, right = left + s.kernel_w;
  return {top < 0 ? 0 : top, bottom > s.height ? s.height : bottom, left < 0 ? 0 : left,
          right > s.width ? s.width : right};
}

// A window that overlaps no other, with the pixels up to the next windows (or the border): cells tile the image.
//
//      left  right  cell_right
//   top  w w w  .
//        w w w  .
//   bottom . .  .          REQUIRES: s.disjoint()
//   cell_bottom
struct Cell : Window {
  int64_t cell_bottom, cell_right;
};

inline Cell cell_at(const PoolSizes& s, int64_t out_row, int64_t out_column) {
  const bool last_row = out_row + 1 == s.out_height, last_column = out_column + 1 == s.out_width;
  return {window_at(s, out_row, out_column), last_row ? s.height : (out_row + 1) * s.stride_h - s.pad_top,
          last_column ? s.width : (out_column + 1) * s.stride_w - s.pad_left};
}

// body(place) for the pixels h * W + w of the window, row by row; and for those of the cell around it.
template <class Body>
inline void for_window(const Window& w, int64_t width, Body body) {
  for (int64_t h = w.top; h < w.bottom; ++h)
    for (int64_t at = h * width + w.left; at < h * width + w.right; ++at) body(at);
}
template <class Body>
inline void for_surroundings(const Cell& c, int64_t width, Body body) {
  for_window({c.top, c.bottom, c.right, c.cell_right}, width, body);
  for_window({c.bottom, c.cell_bottom, c.left, c.cell_right}, width, body);
}

}  // namespace
}  // namespace fewer::kernels::FEWER_ISA
