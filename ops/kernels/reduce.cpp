// Neighbouring axes that are all folded, or all kept, are one axis; a fold is then a sequence of passes
// [outer, count, inner] -> [outer, inner], almost always one. Each pass is cut into pieces by its sizes alone;
// partial results are joined in order.
#include "ops/kernels/reduce.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "core/parallel.h"
#include "core/storage.h"
#include "ops/kernels/elementwise.h"

namespace fewer::kernels {
namespace {

constexpr int64_t kColumnPiece = 1024;  // columns a piece takes where there are at least two such pieces
constexpr int64_t kManyOuter = 16;      // from here on the outer axis alone keeps the threads busy

struct Pass {
  int64_t outer, count, inner;
};

class Buffer {  // scratch from the pool
 public:
  explicit Buffer(int64_t n) : storage_(StoragePtr::allocate(n * static_cast<int64_t>(sizeof(Real)))) {}
  Real* data() const { return static_cast<Real*>(storage_.data()); }

 private:
  StoragePtr storage_;
};

double join(Fold fold, double a, double b) {
  switch (fold) {
    case Fold::kMax: return a >= b || a != a ? a : b;
    case Fold::kMin: return a <= b || a != a ? a : b;
    default: return a + b;
  }
}

Fold join_of(Fold fold) { return fold == Fold::kSumSquares ? Fold::kSum : fold; }

// [outer, count] -> [outer]
void fold_rows(Fold fold, const Real* x, Real* y, int64_t outer, int64_t count) {
  const auto row = fold_table().row[static_cast<int>(fold)];
  const int64_t pieces = (count + kGrain - 1) / kGrain;
  if (pieces == 1 || outer >= kManyOuter) {
    parallel_for(outer, std::max<int64_t>(1, kGrain / count), [=](int64_t begin, int64_t end) {
      for (int64_t o = begin; o < end; ++o) y[o] = static_cast<Real>(row(x + o * count, count));
    });
    return;
  }
  std::vector<double> partial(outer * pieces);
  parallel_chunks(outer * pieces, [&](int64_t c) {
    const int64_t o = c / pieces, begin = c % pieces * kGrain;
    partial[c] = row(x + o * count + begin, std::min(kGrain, count - begin));
  });
  for (int64_t o = 0; o < outer; ++o) {
    double total = partial[o * pieces];
    for (int64_t p = 1; p < pieces; ++p) total = join(fold, total, partial[o * pieces + p]);
    y[o] = static_cast<Real>(total);
  }
}

// [outer, count, inner] -> [outer, inner] with inner > 1
void fold_columns(Fold fold, const Real* x, Real* y, const Pass& pass) {
  const auto columns = fold_table().columns[static_cast<int>(fold)];
  const auto [outer, count, inner] = pass;
  if (inner >= 2 * kColumnPiece) {  // wide rows: pieces of columns, the last one takes what is left
    const int64_t pieces = inner / kColumnPiece;
    parallel_for(outer * pieces, std::max<int64_t>(1, kGrain / (kColumnPiece * count)),
                 [&](int64_t begin, int64_t end) {
                   for (int64_t i = begin; i < end; ++i) {
                     const int64_t o = i / pieces, c = i % pieces * kColumnPiece;
                     const int64_t width = i % pieces == pieces - 1 ? inner - c : kColumnPiece;
                     columns(x + o * count * inner + c, inner, y + o * inner + c, count, width);
                   }
                 });
    return;
  }
  const int64_t rows = std::max<int64_t>(1, kGrain / inner), pieces = (count + rows - 1) / rows;
  if (pieces == 1 || outer >= kManyOuter) {
    parallel_for(outer, std::max<int64_t>(1, kGrain / (count * inner)), [&](int64_t begin, int64_t end) {
      for (int64_t o = begin; o < end; ++o) columns(x + o * count * inner, inner, y + o * inner, count, inner);
    });
    return;
  }
  const Buffer partial(outer * pieces * inner);
  parallel_chunks(outer * pieces, [&](int64_t c) {
    const int64_t o = c / pieces, begin = c % pieces * rows;
    columns(x + (o * count + begin) * inner, inner, partial.data() + c * inner, std::min(rows, count - begin), inner);
  });
  const auto joined = fold_table().columns[static_cast<int>(join_of(fold))];
  for (int64_t o = 0; o < outer; ++o) joined(partial.data() + o * pieces * inner, inner, y + o * inner, pieces, inner);
}

void fold_pass(Fold fold, const Real* x, Real* y, const Pass& pass) {
  if (pass.outer * pass.inner == 0) return;
  if (pass.count == 0) return void(std::fill_n(y, pass.outer * pass.inner, Real{0}));
  if (pass.inner == 1) return fold_rows(fold, x, y, pass.outer, pass.count);
  fold_columns(fold, x, y, pass);
}

// [outer, inner] -> [outer, count, inner]
void repeat_pass(const Real* x, Real* y, const Pass& pass) {
  const auto [outer, count, inner] = pass;
  if (outer * count * inner == 0) return;
  if (inner == 1) {
    if (outer == 1)
      return parallel_for(count, kGrain, [=](int64_t begin, int64_t end) { std::fill(y + begin, y + end, x[0]); });
    return parallel_for(outer, std::max<int64_t>(1, kGrain / count), [&, count = count](int64_t begin, int64_t end) {
      for (int64_t o = begin; o < end; ++o) std::fill_n(y + o * count, count, x[o]);
    });
  }
  parallel_for(outer * count, std::max<int64_t>(1, kGrain / inner),
               [&, count = count, inner = inner](int64_t begin, int64_t end) {
                 for (int64_t r = begin; r < end; ++r)
                   std::memcpy(y + r * inner, x + r / count * inner, inner * sizeof(Real));
               });
}

bool in(AxisSet axes, int axis) { return (axes >> axis) & 1; }

// The passes that fold `axes` of `shape` away, innermost group of axes first. Repeating runs the same passes in the
// other direction, outermost first, so that the sizes of each meet.
struct Passes {
  int count = 0;
  Pass pass[Shape::kMaxRank];

  Passes(const Shape& shape, AxisSet axes) {
    int64_t inner = 1;
    int axis = shape.rank() - 1;
    while (axis >= 0) {
      if (!in(axes, axis)) {
        inner *= shape[axis--];
        continue;
      }
      int64_t folded = 1, outer = 1;
      for (; axis >= 0 && (in(axes, axis) || shape[axis] == 1); --axis) folded *= shape[axis];
      for (int i = axis; i >= 0; --i) outer *= shape[i];
      if (folded != 1) pass[count++] = {outer, folded, inner};
    }
  }
};

int64_t kept_numel(const Shape& shape, AxisSet axes) {
  int64_t n = 1;
  for (int i = 0; i < shape.rank(); ++i)
    if (!in(axes, i)) n *= shape[i];
  return n;
}

}  // namespace

void fold(Fold fold, const Real* x, const Shape& x_shape, AxisSet axes, Real* y) {
  const Passes passes(x_shape, axes);
  if (passes.count == 0) {  // nothing but axes of size 1
    const int64_t n = kept_numel(x_shape, axes);
    if (fold == Fold::kSumSquares) return unary(Unary::kSquare, x, y, n);
    std::copy_n(x, n, y);
    return;
  }
  const Real* from = x;
  Buffer scratch[2] = {Buffer(0), Buffer(0)};
  for (int i = 0; i < passes.count; ++i) {
    const Pass& pass = passes.pass[i];
    const bool last = i == passes.count - 1;
    if (!last) scratch[i % 2] = Buffer(pass.outer * pass.inner);
    Real* const to = last ? y : scratch[i % 2].data();
    fold_pass(i == 0 ? fold : join_of(fold), from, to, pass);
    from = to;
  }
}

void repeat(const Real* x, Real* y, const Shape& y_shape, AxisSet axes) {
  const Passes passes(y_shape, axes);
  if (passes.count == 0) return void(std::copy_n(x, y_shape.numel(), y));
  const Real* from = x;
  Buffer scratch[2] = {Buffer(0), Buffer(0)};
  for (int i = passes.count - 1; i >= 0; --i) {
    const Pass& pass = passes.pass[i];
    if (i > 0) scratch[i % 2] = Buffer(pass.outer * pass.count * pass.inner);
    Real* const to = i == 0 ? y : scratch[i % 2].data();
    repeat_pass(from, to, pass);
    from = to;
  }
}

void cumulative_sum(const Real* x, Real* y, int64_t outer, int64_t length, int64_t inner, bool reverse) {
  if (outer * length * inner == 0) return;
  parallel_for(outer, std::max<int64_t>(1, kGrain / (length * inner)), [=](int64_t begin, int64_t end) {
    for (int64_t o = begin; o < end; ++o) {
      const int64_t step = reverse ? -inner : inner;
      const int64_t start = o * length * inner + (reverse ? (length - 1) * inner : 0);
      const Real* in = x + start;
      Real* out = y + start;
      std::copy_n(in, inner, out);
      for (int64_t t = 1; t < length; ++t, in += step, out += step)
        for (int64_t i = 0; i < inner; ++i) out[step + i] = out[i] + in[step + i];
    }
  });
}

}  // namespace fewer::kernels
