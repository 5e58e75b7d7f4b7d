// Sums over rows go through three levels: a block of rows is summed in Real (in registers), the blocks of a piece are
// added in double by one thread, and the pieces are added in order. The cuts depend on the sizes alone.
//
// The variance comes from one pass as E[d^2] - E[d]^2 with d = x - (the first row): shifted by a sample of its own, a
// channel has nothing large to cancel, whatever its mean.
#include "ops/kernels/norm.h"

#include <algorithm>
#include <vector>

#include "core/parallel.h"
#include "ops/kernels/isa/layer_table.h"

namespace fewer::kernels {
namespace {

constexpr int64_t kBlockElements = 8192;  // 32 KiB of floats: the first-level cache
constexpr int64_t kBlocksPerPiece = 4;

int64_t block_rows(const NormSizes& s) { return std::clamp<int64_t>(kBlockElements / (s.channels + 1), 16, 128); }

// body(first row, sizes of the block) over all blocks, in parallel.
template <class Body>
void for_blocks(const NormSizes& s, Body body) {
  parallel_for(s.rows, block_rows(s), [&](int64_t begin, int64_t end) {
    body(begin * s.channels, NormSizes{end - begin, s.channels});
  });
}

// a[c], b[c] = the sums of what block_sums(offset, sizes, a, b) yields for each block.
template <class BlockSums>
void sum_blocks(const NormSizes& s, double* a, double* b, BlockSums block_sums) {
  const int64_t block = block_rows(s), piece = block * kBlocksPerPiece, channels = s.channels;
  const int64_t pieces = (s.rows + piece - 1) / piece;
  std::vector<double> totals(static_cast<size_t>(2 * channels * pieces));  // [pieces, 2, C], zeros
  parallel_chunks(pieces, [&](int64_t p) {
    double* const total = totals.data() + p * 2 * channels;
    std::vector<Real> sums(static_cast<size_t>(2 * channels));
    for (int64_t row = p * piece; row < std::min(s.rows, (p + 1) * piece); row += block) {
      block_sums(row * channels, NormSizes{std::min(block, s.rows - row), channels}, sums.data(),
                 sums.data() + channels);
      for (int64_t i = 0; i < 2 * channels; ++i) total[i] += sums[static_cast<size_t>(i)];
    }
  });
  std::fill_n(a, channels, 0.0);
  std::fill_n(b, channels, 0.0);
  for (int64_t p = 0; p < pieces; ++p) {
    const double* const total = totals.data() + p * 2 * channels;
    for (int64_t c = 0; c < channels; ++c) a[c] += total[c];
    for (int64_t c = 0; c < channels; ++c) b[c] += total[channels + c];
  }
}

}  // namespace

void channel_statistics(const Real* x, Real* mean, Real* variance, const NormSizes& s) {
  std::vector<double> first(static_cast<size_t>(s.channels)), second(first.size());
  const NormTable& table = norm_table();
  sum_blocks(s, first.data(), second.data(), [&](int64_t at, const NormSizes& block, Real* sum, Real* squares) {
    table.moments(x + at, x, sum, squares, block);
  });
  const double n = static_cast<double>(s.rows);
  for (size_t c = 0; c < first.size(); ++c) {
    const double d = first[c] / n;
    mean[c] = static_cast<Real>(x[c] + d);
    const double v = second[c] / n - d * d;
    variance[c] = static_cast<Real>(v < 0 ? 0 : v);  // rounding may leave a constant channel just below 0; a NaN stays
  }
}

void norm_apply(const Real* x, Real* y, const NormMap& map, const NormSizes& s) {
  const NormTable& table = norm_table();
  for_blocks(s, [&](int64_t at, const NormSizes& block) { table.apply(x + at, y + at, map, block); });
}

void norm_apply_add(const Real* x, const Real* r, Real* y, const NormMap& map, bool relu, const NormSizes& s) {
  const NormTable& table = norm_table();
  for_blocks(s, [&](int64_t at, const NormSizes& block) { table.apply_add(x + at, r + at, y + at, map, relu, block); });
}

void norm_gradient_sums(const Real* x, const Real* g, double* sum_g, double* sum_gx, const NormMap& map,
                        const NormSizes& s) {
  const NormTable& table = norm_table();
  sum_blocks(s, sum_g, sum_gx, [&](int64_t at, const NormSizes& block, Real* block_g, Real* block_gx) {
    table.gradient_sums(x + at, g + at, block_g, block_gx, map, block);
  });
}

void norm_open_gradient_sums(const Real* x, const Real* g, const Real* y, Real* open, double* sum_g, double* sum_gx,
                             const NormMap& map, const NormSizes& s) {
  const NormTable& table = norm_table();
  sum_blocks(s, sum_g, sum_gx, [&](int64_t at, const NormSizes& block, Real* block_g, Real* block_gx) {
    table.open_gradient_sums(x + at, g + at, y + at, open + at, block_g, block_gx, map, block);
  });
}

void norm_gradient_input(const Real* x, const Real* g, const Real* constant, const Real* slope, Real* dx,
                         const NormMap& map, const NormSizes& s) {
  const NormTable& table = norm_table();
  for_blocks(s, [&](int64_t at, const NormSizes& block) {
    table.gradient_input(x + at, g + at, constant, slope, dx + at, map, block);
  });
}

}  // namespace fewer::kernels
