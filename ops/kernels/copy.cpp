// Axes that lie next to each other in both tensors are first merged, so that most copies become a few long runs. What
// remains is walked over the output in order; a box whose innermost axes differ between the two sides (a transpose)
// goes in square tiles, because reading or writing one column of a large matrix touches a new cache line at every
// element.
#include "ops/kernels/copy.h"

#include <algorithm>
#include <cstring>

#include "core/parallel.h"
#include "ops/kernels/transpose.h"

namespace fewer::kernels {
namespace {

constexpr int64_t kTile = 32;  // a tile of 32x32 floats and its image fill a quarter of the L1 cache

// The same copy with as few axes as possible.
StridedCopy merged(const StridedCopy& box) {
  StridedCopy result;
  for (int a = 0; a < box.rank; ++a) {
    if (box.sizes[a] == 1) continue;
    const int last = result.rank - 1;
    if (last >= 0 && result.in_strides[last] == box.in_strides[a] * box.sizes[a] &&
        result.out_strides[last] == box.out_strides[a] * box.sizes[a]) {
      result.sizes[last] *= box.sizes[a];
      result.in_strides[last] = box.in_strides[a];
      result.out_strides[last] = box.out_strides[a];
    } else {
      result.push_back(box.sizes[a], box.in_strides[a], box.out_strides[a]);
    }
  }
  if (result.rank == 0) result.push_back(1, 1, 1);
  return result;
}

// Where element `index` (row-major) of the axes [0, axes) starts on both sides.
struct Offsets {
  int64_t in = 0, out = 0;
};
Offsets offsets_of(const StridedCopy& box, int axes, int64_t index) {
  Offsets at;
  for (int a = axes - 1; a >= 0; --a) {
    const int64_t i = index % box.sizes[a];
    index /= box.sizes[a];
    at.in += i * box.in_strides[a];
    at.out += i * box.out_strides[a];
  }
  return at;
}

int64_t product(const int64_t* sizes, int n) {
  int64_t result = 1;
  for (int i = 0; i < n; ++i) result *= sizes[i];
  return result;
}

void copy_run(const Real* in, int64_t in_stride, Real* out, int64_t out_stride, int64_t n) {
  if (in_stride == 1 && out_stride == 1) {
    std::memcpy(out, in, static_cast<size_t>(n) * sizeof(Real));
  } else if (in_stride == 0 && out_stride == 1) {
    std::fill_n(out, n, *in);
  } else {
    for (int64_t i = 0; i < n; ++i) out[i * out_stride] = in[i * in_stride];
  }
}

// All runs along the last axis.
void copy_runs(const Real* in, Real* out, const StridedCopy& box) {
  const int last = box.rank - 1;
  const int64_t length = box.sizes[last];
  const int64_t runs = product(box.sizes, last);
  if (runs == 1) {  // one long run: cut it instead
    parallel_for(length, kGrain, [&](int64_t begin, int64_t end) {
      copy_run(in + begin * box.in_strides[last], box.in_strides[last], out + begin * box.out_strides[last],
               box.out_strides[last], end - begin);
    });
    return;
  }
  parallel_for(runs, std::max<int64_t>(1, kGrain / length), [&](int64_t begin, int64_t end) {
    for (int64_t run = begin; run < end; ++run) {
      const Offsets at = offsets_of(box, last, run);
      copy_run(in + at.in, box.in_strides[last], out + at.out, box.out_strides[last], length);
    }
  });
}

// The last axis is contiguous in the output, axis `fast` in the input: squares of the two, for every index of the rest.
void copy_tiles(const Real* in, Real* out, StridedCopy box, int fast) {
  const int last = box.rank - 1;
  for (int a = fast; a + 1 < last; ++a) {  // bring the two axes together at the end
    std::swap(box.sizes[a], box.sizes[a + 1]);
    std::swap(box.in_strides[a], box.in_strides[a + 1]);
    std::swap(box.out_strides[a], box.out_strides[a + 1]);
  }
  const int row = last - 1;
  const int64_t rows = box.sizes[row], columns = box.sizes[last];
  const int64_t row_out = box.out_strides[row], column_in = box.in_strides[last];
  const int64_t bands = (rows + kTile - 1) / kTile;
  const int64_t grain = std::max<int64_t>(1, kGrain / (kTile * columns));
  parallel_for(product(box.sizes, row) * bands, grain, [&](int64_t begin, int64_t end) {
    for (int64_t band = begin; band < end; ++band) {
      const Offsets at = offsets_of(box, row, band / bands);
      const int64_t r0 = band % bands * kTile, r1 = std::min(rows, r0 + kTile);
      for (int64_t c0 = 0; c0 < columns; c0 += kTile) {
        const int64_t c1 = std::min(columns, c0 + kTile);
        transpose_tile(in + at.in + r0 + c0 * column_in, column_in, out + at.out + r0 * row_out + c0, row_out, r1 - r0,
                       c1 - c0);
      }
    }
  });
}

}  // namespace

void strided_copy(const Real* in, Real* out, const StridedCopy& original) {
  if (product(original.sizes, original.rank) == 0) return;
  const StridedCopy box = merged(original);
  const int last = box.rank - 1;
  if (box.out_strides[last] == 1 && box.in_strides[last] > 1) {
    for (int a = 0; a < last; ++a)
      if (box.in_strides[a] == 1) return copy_tiles(in, out, box, a);
  }
  copy_runs(in, out, box);
}

}  // namespace fewer::kernels
