#include "ops/kernels/softmax.h"

#include <algorithm>

#include "core/parallel.h"
#include "ops/kernels/elementwise.h"

namespace fewer::kernels {
namespace {

// body(first row, number of rows, offset of the first element) over pieces of some thousand elements.
template <class Body>
void for_rows(RowSizes sizes, Body body) {
  if (sizes.rows * sizes.columns == 0) return;
  const int64_t grain = std::max<int64_t>(1, kGrain / 4 / sizes.columns);  // exponentials cost more than sums
  parallel_for(sizes.rows, grain, [&](int64_t begin, int64_t end) { body(begin, end - begin, begin * sizes.columns); });
}

}  // namespace

void softmax(const Real* x, Real* y, RowSizes sizes) {
  const auto kernel = softmax_table().softmax;
  for_rows(sizes, [=](int64_t, int64_t rows, int64_t at) { kernel(x + at, y + at, rows, sizes.columns); });
}

void log_softmax(const Real* x, Real* y, RowSizes sizes) {
  const auto kernel = softmax_table().log_softmax;
  for_rows(sizes, [=](int64_t, int64_t rows, int64_t at) { kernel(x + at, y + at, rows, sizes.columns); });
}

void softmax_grad(const Real* g, const Real* y, Real* d, RowSizes sizes) {
  const auto kernel = softmax_table().softmax_grad;
  for_rows(sizes, [=](int64_t, int64_t rows, int64_t at) { kernel(g + at, y + at, d + at, rows, sizes.columns); });
}

void log_softmax_grad(const Real* g, const Real* y, Real* d, RowSizes sizes) {
  const auto kernel = softmax_table().log_softmax_grad;
  for_rows(sizes, [=](int64_t, int64_t rows, int64_t at) { kernel(g + at, y + at, d + at, rows, sizes.columns); });
}

void cross_entropy(const Real* x, const int32_t* labels, Real* loss, Real* sums, RowSizes sizes) {
  const auto kernel = softmax_table().log_sum_exp;
  Real* const log_sum = sums + sizes.rows;
  for_rows(sizes, [=](int64_t r, int64_t rows, int64_t at) {
    kernel(x + at, sums + r, log_sum + r, rows, sizes.columns);
    for (const int64_t end = r + rows; r < end; ++r)
      loss[r] = log_sum[r] - (x[r * sizes.columns + labels[r]] - sums[r]);
  });
}

void cross_entropy_grad(const Real* x, const int32_t* labels, const Real* sums, const Real* g, Real* d,
                        RowSizes sizes) {
  const auto kernel = softmax_table().scaled_softmax;
  for_rows(sizes, [=](int64_t r, int64_t rows, int64_t at) {
    kernel(x + at, sums + r, sums + sizes.rows + r, g + r, d + at, rows, sizes.columns);
    for (const int64_t end = r + rows; r < end; ++r) d[r * sizes.columns + labels[r]] -= g[r];
  });
}

void soft_cross_entropy(const Real* x, const Real* targets, Real* loss, Real* sums, RowSizes sizes) {
  const SoftmaxTable& table = softmax_table();
  Real* const log_sum = sums + sizes.rows;
  for_rows(sizes, [=, &table](int64_t r, int64_t rows, int64_t at) {
    table.log_sum_exp(x + at, sums + r, log_sum + r, rows, sizes.columns);
    table.soft_cross_entropy(x + at, targets + at, sums + r, log_sum + r, loss + r, rows, sizes.columns);
  });
}

void soft_cross_entropy_grad(const Real* x, const Real* targets, const Real* sums, const Real* g, Real* d,
                             RowSizes sizes) {
  const auto kernel = softmax_table().scaled_softmax;
  const auto sum = fold_table().row[static_cast<int>(Fold::kSum)];
  for_rows(sizes, [=](int64_t r, int64_t rows, int64_t at) {
    const int64_t columns = sizes.columns;
    for (const int64_t end = r + rows; r < end; ++r, at += columns) {
      const Real scale = g[r] * static_cast<Real>(sum(targets + at, columns));
      kernel(x + at, sums + r, sums + sizes.rows + r, &scale, d + at, 1, columns);
      for (int64_t c = at; c < at + columns; ++c) d[c] -= g[r] * targets[c];
    }
  });
}

}  // namespace fewer::kernels
