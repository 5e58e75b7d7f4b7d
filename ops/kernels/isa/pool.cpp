// Pooling, a vector of channels at a time: channels are contiguous, so a window is a handful of vectors and its result
// stays in registers while the window is walked.
#include "ops/kernels/isa/layer_table.h"
#include "ops/kernels/isa/vec.h"
#include "ops/kernels/isa/windows.h"

namespace fewer::kernels::FEWER_ISA {
namespace {

using V = Vec<Real>;
constexpr int64_t kL = kLanes<Real>;
using Mask = decltype(V{} > V{});  // integers as wide as Real
using Place = decltype(Mask{}[0] + 0);
typedef int32_t Index __attribute__((vector_size(kL * sizeof(int32_t))));  // one place per lane

// body(c, lanes) for each vector of channels; the last may be partial.
template <class Body>
inline void for_channels(int64_t channels, Body body) {
  int64_t c = 0;
  for (; c + kL <= channels; c += kL) body(c, kL);
  if (c < channels) body(c, channels - c);
}
inline V load_lanes(const Real* p, int64_t lanes) { return lanes == kL ? load(p) : load_first(p, lanes); }
inline void store_lanes(Real* p, V v, int64_t lanes) { lanes == kL ? store(p, v) : store_first(p, v, lanes); }

inline Mask load_index(const int32_t* p, int64_t lanes) {
  Index narrow{};
  if (lanes == kL)
    __builtin_memcpy(&narrow, p, sizeof(narrow));
  else
    for (int64_t i = 0; i < lanes; ++i) narrow[i] = p[i];
  return __builtin_convertvector(narrow, Mask);
}
inline void store_index(int32_t* p, Mask index, int64_t lanes) {
  const Index narrow = __builtin_convertvector(index, Index);
  if (lanes == kL)
    __builtin_memcpy(p, &narrow, sizeof(narrow));
  else
    for (int64_t i = 0; i < lanes; ++i) p[i] = narrow[i];
}

void max_row(const Real* plane, int64_t out_row, Real* y, int32_t* index, bool relu, const PoolSizes& s) {
  for (int64_t column = 0; column < s.out_width; ++column) {
    const Window w = window_at(s, out_row, column);
    for_channels(s.channels, [&](int64_t c, int64_t lanes) {
      const int64_t first = w.top * s.width + w.left;
      V best = load_lanes(plane + first * s.channels + c, lanes);
      Mask place = Mask{} + static_cast<Place>(first);
      for_window(w, s.width, [&](int64_t at) {
        const V v = load_lanes(plane + at * s.channels + c, lanes);
        const Mask wins = (v > best) | (v != v);
        best = wins ? v : best;
        place = wins ? Mask{} + static_cast<Place>(at) : place;
      });
      if (relu) {
        place = best > V{} ? place : Mask{} - 1;
        best = rectified(best);
      }
      store_lanes(y + column * s.channels + c, best, lanes);
      if (index) store_index(index + column * s.channels + c, place, lanes);
    });
  }
}

// g to the places that won and 0 to the rest of the cell, written once.
void spread_row(const Real* g, const int32_t* index, int64_t out_row, Real* plane, const PoolSizes& s) {
  for (int64_t column = 0; column < s.out_width; ++column) {
    const Cell cell = cell_at(s, out_row, column);
    for_channels(s.channels, [&](int64_t c, int64_t lanes) {
      const V arriving = load_lanes(g + column * s.channels + c, lanes);
      const Mask place = load_index(index + column * s.channels + c, lanes);
      for_window(cell, s.width, [&](int64_t at) {
        store_lanes(plane + at * s.channels + c, place == static_cast<Place>(at) ? arriving : V{}, lanes);
      });
      for_surroundings(cell, s.width, [&](int64_t at) { store_lanes(plane + at * s.channels + c, V{}, lanes); });
    });
  }
}

void scatter_row(const Real* g, const int32_t* index, int64_t out_row, Real* plane, const PoolSizes& s) {
  for (int64_t column = 0; column < s.out_width; ++column) {
    const Window w = window_at(s, out_row, column);
    for_channels(s.channels, [&](int64_t c, int64_t lanes) {
      const V arriving = load_lanes(g + column * s.channels + c, lanes);
      const Mask place = load_index(index + column * s.channels + c, lanes);
      for_window(w, s.width, [&](int64_t at) {
        Real* const to = plane + at * s.channels + c;
        store_lanes(to, load_lanes(to, lanes) + (place == static_cast<Place>(at) ? arriving : V{}), lanes);
      });
    });
  }
}

void gather_row(const Real* plane, const int32_t* index, int64_t out_row, Real* y, const PoolSizes& s) {
  for (int64_t column = 0; column < s.out_width; ++column) {
    const Window w = window_at(s, out_row, column);
    for_channels(s.channels, [&](int64_t c, int64_t lanes) {
      const Mask place = load_index(index + column * s.channels + c, lanes);
      V found{};
      for_window(w, s.width, [&](int64_t at) {
        found = place == static_cast<Place>(at) ? load_lanes(plane + at * s.channels + c, lanes) : found;
      });
      store_lanes(y + column * s.channels + c, found, lanes);
    });
  }
}

void average_row(const Real* plane, int64_t out_row, Real* y, const PoolSizes& s) {
  for (int64_t column = 0; column < s.out_width; ++column) {
    const Window w = window_at(s, out_row, column);
    const Real share = Real(1) / static_cast<Real>(w.count());
    for_channels(s.channels, [&](int64_t c, int64_t lanes) {
      V total{};
      for_window(w, s.width, [&](int64_t at) { total += load_lanes(plane + at * s.channels + c, lanes); });
      store_lanes(y + column * s.channels + c, total * share, lanes);
    });
  }
}

void average_adjoint_row(const Real* g, int64_t out_row, Real* plane, const PoolSizes& s) {
  for (int64_t column = 0; column < s.out_width; ++column) {
    const Window w = window_at(s, out_row, column);
    const Real share = Real(1) / static_cast<Real>(w.count());
    for_channels(s.channels, [&](int64_t c, int64_t lanes) {
      const V part = load_lanes(g + column * s.channels + c, lanes) * share;
      for_window(w, s.width, [&](int64_t at) {
        Real* const to = plane + at * s.channels + c;
        store_lanes(to, load_lanes(to, lanes) + part, lanes);
      });
    });
  }
}

}  // namespace

extern const PoolTable kPool;
const PoolTable kPool = {max_row, spread_row, scatter_row, gather_row, average_row, average_adjoint_row};

}  // namespace fewer::kernels::FEWER_ISA
