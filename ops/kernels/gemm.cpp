// C = A B, cut into chunks that each run the strip product (ops/kernels/isa/strip_product.cpp).
//
//              n: strips of 32 columns
//              +----+----+----+--
//          k   | B  |    |    |        packed strip by strip, [k][32] each
//              +----+----+----+--
//   +------+   +----+----+----+--
//   |  A   |   | C  |    |    |        a chunk is a block of rows times a group of strips (times a part of k, when k is long and
//   +------+   +----+----+----+--      C small); a thread takes the next chunk that is free
//   |      |   |    |    |    |
//
// Arithmetic intensity: a strip [k][32] stays in the second-level cache (256 KiB at k = 2048) while the rows of A pass by; per tile
// of 8 rows the kernel reads 8 k numbers of A and 32 k of B for 512 k FLOP: 0.3 bytes per FLOP, within what that cache delivers.
// A is read where it lies (a transposed one that many strips need is copied tile by tile). B is packed, unless it has so few rows of A to serve that a copy would not pay.
// A transposed B is dear to pack, so such a product is turned round when that is cheaper: C' = B A'.
//
// Tiny products and those of a single row go to OpenBLAS: it has the shortest way in. (Not to its serial build: it is
// not safe under threads; then everything runs here.)
#include "ops/kernels/gemm.h"

#include "core/blas.h"
#include "core/error.h"
#include "core/parallel.h"
#include "ops/kernels/strips.h"

namespace fewer::kernels {
namespace {

constexpr int64_t kSmall = 40 * 40 * 40;          // m n k up to which OpenBLAS is called directly
constexpr int64_t kParallel = int64_t{1} << 18;   // m n k from which cores share the work: 2 us on one
constexpr int64_t kDepth = 2048;                  // steps of k at a time: a strip of this depth fits the second-level cache
constexpr int64_t kRowBlock = 96;                 // rows of a chunk
constexpr int64_t kMaxRows = 512;                 // and where strips alone make enough chunks: a strip is then packed once, for all rows
constexpr int64_t kChunks = 16;                   // how many chunks are enough to keep cores busy
constexpr int64_t kLeastChunk = int64_t{1} << 16; // m n k of the smallest chunk worth handing out: half a microsecond
constexpr int64_t kUnpackedRows = 16;             // up to two tiles of rows read B in place
constexpr int64_t kUnpackedStrips = 12;           // up to so many strips read a transposed A in place

bool use_blas() {
  static const bool concurrent = blas::concurrent();
  return concurrent;
}

GemmSizes with_strides(GemmSizes s) {
  if (s.lda == 0) s.lda = s.transpose_a ? s.m : s.k;
  if (s.ldb == 0) s.ldb = s.transpose_b ? s.k : s.n;
  if (s.ldc == 0) s.ldc = s.n;
  return s;
}

// The product of no terms.
template <class T>
void clear(T* c, const GemmSizes& s) {
  if (s.accumulate) return;
  for (int64_t i = 0; i < s.m; ++i) std::fill_n(c + i * s.ldc, s.n, T{0});
}

// The epilogue in a pass of its own, for the ways that do not end in the strip product.
template <class T>
void finish(T* c, const GemmSizes& s, const Epilogue<T>& end) {
  if (!end.bias && !end.addend && !end.relu) return;
  parallel_for(s.m, ceil_div(kGrain, s.n), [&](int64_t begin, int64_t last) {
    for (int64_t i = begin * s.ldc; i < last * s.ldc; i += s.ldc)
      for (int64_t j = 0; j < s.n; ++j) {
        const T sum = c[i + j] + (end.bias ? end.bias[j] : T{0}) + (end.addend ? end.addend[i + j] : T{0});
        c[i + j] = end.relu && sum < T{0} ? T{0} : sum;
      }
  });
}

// C is a row or a column that lies without gaps: one matrix times one vector, in pieces of `kPiece` outputs.
template <class T>
void matrix_vector(const T* matrix, const T* x, T* y, int64_t outputs, int64_t k, int64_t ld, bool transpose, bool accumulate) {
  constexpr int64_t kPiece = 512;
  const int64_t pieces = outputs * k < kParallel ? 1 : ceil_div(outputs, kPiece);
  const int64_t piece = pieces == 1 ? outputs : kPiece;
  parallel_chunks(pieces, [&](int64_t p) {
    const int64_t begin = p * piece, count = std::min(piece, outputs - begin);
    const T* from = matrix + (transpose ? begin : begin * ld);
    blas::gemv(from, x, y + begin, transpose ? k : count, transpose ? count : k, ld, transpose, accumulate);
  });
}

template <class T>
bool try_blas(const T* a, const T* b, T* c, const GemmSizes& s) {
  if (!use_blas()) return false;
  const bool contiguous_column = s.transpose_a ? s.lda == 1 : true;
  if (s.m == 1 && (!s.transpose_a || contiguous_column)) {
    matrix_vector(b, a, c, s.n, s.k, s.ldb, !s.transpose_b, s.accumulate);
    return true;
  }
  if (s.n == 1 && s.ldc == 1 && (s.transpose_b || s.ldb == 1)) {
    matrix_vector(a, b, c, s.m, s.k, s.lda, s.transpose_a, s.accumulate);
    return true;
  }
  if (s.m * s.n * s.k > kSmall) return false;
  blas::gemm(a, b, c, {s.m, s.n, s.k, s.transpose_a, s.transpose_b, s.accumulate, s.lda, s.ldb, s.ldc});
  return true;
}

// One product cut into chunks. k is at most kDepth, or C is small and k is cut into parts.
template <class T>
class Blocked {
 public:
  Blocked(const T* a, const T* b, T* c, const GemmSizes& s, const Epilogue<T>& end = {})
      : a_(a), b_(b), c_(c), s_(s), end_(end), width_(strip_columns<T>()) {
    strips_ = ceil_div(s.n, width_);
    const int64_t most_rows = strips_ >= kChunks && s.m <= kMaxRows ? kMaxRows : kRowBlock;
    block_rows_ = round_up(ceil_div(s.m, ceil_div(s.m, most_rows)), kernel_table().tile_rows);
    // Where blocks of rows share packed strips anyway, or there is only one strip: enough blocks that no core waits for the last of
    // three. (Otherwise a chunk packs its strip for itself, which beats fetching it from another core's cache.)
    const int64_t tile = kernel_table().tile_rows, enough = std::min(kChunks, s.m * s.n * s.k / kLeastChunk);
    const int64_t blocks = ceil_div(s.m, block_rows_);
    if ((blocks > 1 || strips_ == 1) && blocks * strips_ < enough)
      block_rows_ = std::max(tile, s.m * strips_ / enough / tile * tile);
    row_blocks_ = ceil_div(s.m, block_rows_);
    strip_groups_ = std::min(strips_, ceil_div(kChunks, row_blocks_));
    group_strips_ = ceil_div(strips_, strip_groups_);
    strip_groups_ = ceil_div(strips_, group_strips_);
    packed_ = s.m > kUnpackedRows || s.transpose_b;
  }

  void run() {
    const bool shared = packed_ && row_blocks_ > 1;  // several chunks read the same strip: pack all first
    if (shared) {
      strips_packed_ = StoragePtr::allocate(packed_size<T>(s_.k, s_.n) * static_cast<int64_t>(sizeof(T)));
      share(strips_, [&](int64_t strip) { pack(strip, packed_at(strip)); });
    }
    share(row_blocks_ * strip_groups_, [&](int64_t chunk) {
      const int64_t first = chunk / row_blocks_ * group_strips_;
      rows_times_strips(chunk % row_blocks_ * block_rows_, first, std::min(strips_, first + group_strips_), shared);
    });
  }

 private:
  template <class Body>
  void share(int64_t chunks, Body body) {
    if (s_.m * s_.n * s_.k >= kParallel)
      parallel_chunks(chunks, body);
    else
      for (int64_t i = 0; i < chunks; ++i) body(i);
  }
  int64_t columns(int64_t strip) const { return std::min(width_, s_.n - strip * width_); }
  T* packed_at(int64_t strip) const { return static_cast<T*>(strips_packed_.data()) + strip * width_ * s_.k; }
  const T* b_at(int64_t strip) const { return b_ + strip * width_ * (s_.transpose_b ? s_.ldb : 1); }

  void pack(int64_t strip, T* out) const {
    pack_strip(b_at(strip), s_.transpose_b ? 1 : s_.ldb, s_.transpose_b ? s_.ldb : 1, s_.k, columns(strip),
               strip_width<T>(columns(strip)), out);
  }

  // Copies columns [row, row + rows) of a transposed A, tile by tile, as [k][tile_rows]. In place each step of k is on a page of its own; where
  // many strips read A, the copy repays.
  void pack_columns(int64_t row, int64_t rows, T* out) const {
    const int64_t tile = kernel_table().tile_rows;
    for (int64_t first = 0; first < rows; first += tile)
      pack_strip(a_ + row + first, s_.lda, 1, s_.k, std::min(tile, rows - first), tile, out + first * s_.k);
  }

  void rows_times_strips(int64_t row, int64_t first, int64_t last, bool shared) const {
    int64_t a_rows[kMaxRows], c_rows[kMaxRows];
    const int64_t rows = std::min(block_rows_, s_.m - row), tile = kernel_table().tile_rows;
    const bool pack_a = s_.transpose_a && last - first > kUnpackedStrips;
    for (int64_t r = 0; r < rows; ++r) {
      a_rows[r] = pack_a ? r / tile * tile * s_.k + r % tile : (row + r) * (s_.transpose_a ? 1 : s_.lda);
      c_rows[r] = (row + r) * s_.ldc;
    }
    const Scratch<T> own_b(shared ? 0 : s_.k * width_), own_a(pack_a ? block_rows_ * s_.k : 0);
    if (pack_a) pack_columns(row, rows, own_a.data());
    const Run run = {0, 0};
    for (int64_t strip = first; strip < last; ++strip) {
      // Whole vectors of B may be read in place; a strip whose last vector is cut off must be packed.
      const bool in_place = !packed_ && columns(strip) % vector_lanes<T>() == 0;
      if (!shared && !in_place) pack(strip, own_b.data());
      strip_product(StripProduct<T>{.a = pack_a ? own_a.data() : a_, .a_rows = a_rows, .rows = rows,
                                    .b = shared ? packed_at(strip) : in_place ? b_at(strip) : own_b.data(),
                                    .runs = &run, .run_count = 1, .run_length = s_.k,
                                    .a_step = pack_a ? tile : s_.transpose_a ? s_.lda : 1,
                                    .b_step = in_place ? s_.ldb : strip_width<T>(columns(strip)),
                                    .c = c_ + strip * width_, .c_rows = c_rows, .columns = columns(strip),
                                    .accumulate = s_.accumulate, .end = shifted(end_, strip * width_, strip * width_)});
    }
  }

  const T* a_;
  const T* b_;
  T* c_;
  GemmSizes s_;
  Epilogue<T> end_;
  int64_t width_, strips_, block_rows_, row_blocks_, strip_groups_, group_strips_;
  bool packed_;
  StoragePtr strips_packed_;
};

// A and B from step `begin` of k on.
template <class T>
const T* a_from(const T* a, const GemmSizes& s, int64_t begin) { return a + begin * (s.transpose_a ? s.lda : 1); }
template <class T>
const T* b_from(const T* b, const GemmSizes& s, int64_t begin) { return b + begin * (s.transpose_b ? 1 : s.ldb); }

// A small C with a long k (the weight gradient of a 1x1 convolution): parts of k go to different chunks, and their sums are added in order.
template <class T>
void split_depth(const T* a, const T* b, T* c, const GemmSizes& s) {
  const int64_t parts = std::min(kChunks, ceil_div(s.k, kDepth / 2)), depth = ceil_div(s.k, parts);
  const Scratch<T> sums((parts + 1) * s.m * s.n);
  parallel_chunks(parts, [&](int64_t p) {
    GemmSizes part = s;
    part.k = std::max<int64_t>(0, std::min(depth, s.k - p * depth));
    part.ldc = s.n;
    part.accumulate = false;
    T* out = sums.data() + p * s.m * s.n;
    if (part.k == 0) return clear(out, part);
    Blocked<T>(a_from(a, s, p * depth), b_from(b, s, p * depth), out, part).run();
  });
  T* total = sums.data() + parts * s.m * s.n;
  sum_parts(sums.data(), parts, s.m * s.n, total);
  for (int64_t i = 0; i < s.m; ++i)
    for (int64_t j = 0; j < s.n; ++j) c[i * s.ldc + j] = (s.accumulate ? c[i * s.ldc + j] : T{0}) + total[i * s.n + j];
}

template <class T>
void own_product(const T* a, const T* b, T* c, const GemmSizes& s, const Epilogue<T>& end = {}) {
  const int64_t chunks = ceil_div(s.m, kRowBlock) * ceil_div(s.n, strip_columns<T>());
  if (s.k > kDepth && chunks < kChunks) {
    split_depth(a, b, c, s);
    return finish(c, s, end);
  }
  for (int64_t begin = 0; begin < s.k; begin += kDepth) {
    GemmSizes block = s;
    block.k = std::min(kDepth, s.k - begin);
    block.accumulate = s.accumulate || begin > 0;
    const bool last = begin + block.k == s.k;
    Blocked<T>(a_from(a, s, begin), b_from(b, s, begin), c, block, last ? end : Epilogue<T>{}).run();
  }
}

// C' = B A', and C from it.
template <class T>
void turned_round(const T* a, const T* b, T* c, const GemmSizes& s) {
  const Scratch<T> transposed(s.m * s.n);
  own_product(b, a, transposed.data(),
              {.m = s.n, .n = s.m, .k = s.k, .transpose_a = !s.transpose_b, .transpose_b = !s.transpose_a,
               .accumulate = false, .lda = s.ldb, .ldb = s.lda, .ldc = s.m});
  constexpr int64_t kTile = 32;
  parallel_for(s.n, std::max(kTile, kGrain / s.m / kTile * kTile), [&](int64_t begin, int64_t end) {
    for (int64_t j = begin; j < end && !s.accumulate; j += kTile)
      transpose_tile(transposed.data() + j * s.m, s.m, c + j, s.ldc, s.m, std::min(kTile, end - j));
    for (int64_t i = 0; i < s.m && s.accumulate; ++i)
      for (int64_t j = begin; j < end; ++j) c[i * s.ldc + j] += transposed[j * s.m + i];
  });
}

template <class T>
void multiply(const T* a, const T* b, T* c, GemmSizes s, const Epilogue<T>& end = {}) {
  s = with_strides(s);
  DENSURE(s.m >= 0 && s.n >= 0 && s.k >= 0, "gemm: expected sizes >= 0, got ", s.m, ", ", s.n, ", ", s.k);
  if (s.m == 0 || s.n == 0) return;
  if (s.k == 0) {
    clear(c, s);
    return finish(c, s, end);
  }
  if (try_blas(a, b, c, s)) return finish(c, s, end);
  const bool turn = s.transpose_b && s.m * (s.k + s.n) < s.n * s.k;  // numbers moved one by one: A and C, or B
  if (!turn) return own_product(a, b, c, s, end);
  turned_round(a, b, c, s);
  finish(c, s, end);
}

template <class T>
void multiply_batch(const T* a, const T* b, T* c, const GemmSizes& s, int64_t batch, int64_t stride_a, int64_t stride_b,
                    int64_t stride_c) {
  const int64_t work = std::max<int64_t>(1, s.m * s.n * s.k);
  const auto one = [&](int64_t i) { multiply(a + i * stride_a, b + i * stride_b, c + i * stride_c, s); };
  if (batch < kChunks && work >= kParallel) {  // few and large: the cores share each product
    for (int64_t i = 0; i < batch; ++i) one(i);
    return;
  }
  parallel_for(batch, ceil_div(kParallel, work), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) one(i);
  });
}

}  // namespace

void gemm(const float* a, const float* b, float* c, const GemmSizes& sizes, const Epilogue<float>& end) {
  multiply(a, b, c, sizes, end);
}
void gemm(const double* a, const double* b, double* c, const GemmSizes& sizes, const Epilogue<double>& end) {
  multiply(a, b, c, sizes, end);
}

void gemm_batched(const float* a, const float* b, float* c, const GemmSizes& sizes, int64_t batch, int64_t stride_a,
                  int64_t stride_b, int64_t stride_c) {
  multiply_batch(a, b, c, sizes, batch, stride_a, stride_b, stride_c);
}
void gemm_batched(const double* a, const double* b, double* c, const GemmSizes& sizes, int64_t batch, int64_t stride_a,
                  int64_t stride_b, int64_t stride_c) {
  multiply_batch(a, b, c, sizes, batch, stride_a, stride_b, stride_c);
}

}  // namespace fewer::kernels
