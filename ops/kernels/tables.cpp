// Picks the tables of elementwise functions, folds, softmax, pooling and normalisation of the chosen instruction set.
#include "ops/kernels/elementwise.h"
#include "ops/kernels/isa.h"
#include "ops/kernels/isa/layer_table.h"

namespace fewer::kernels {

namespace baseline {
extern const ElementwiseTable kElementwise;
extern const FoldTable kFolds;
extern const SoftmaxTable kSoftmax;
extern const PoolTable kPool;
extern const NormTable kNorm;
extern const NormPoolTable kNormPool;
}  // namespace baseline

#if defined(__x86_64__)

namespace avx2 {
extern const ElementwiseTable kElementwise;
extern const FoldTable kFolds;
extern const SoftmaxTable kSoftmax;
extern const PoolTable kPool;
extern const NormTable kNorm;
extern const NormPoolTable kNormPool;
}  // namespace avx2
namespace avx512 {
extern const ElementwiseTable kElementwise;
extern const FoldTable kFolds;
extern const SoftmaxTable kSoftmax;
extern const PoolTable kPool;
extern const NormTable kNorm;
extern const NormPoolTable kNormPool;
}  // namespace avx512

template <class Table>
static const Table& choose(const Table& baseline, const Table& avx2, const Table& avx512) {
  switch (isa()) {
    case Isa::kAvx512: return avx512;
    case Isa::kAvx2: return avx2;
    case Isa::kBaseline: break;
  }
  return baseline;
}

const ElementwiseTable& elementwise_table() { return choose(baseline::kElementwise, avx2::kElementwise, avx512::kElementwise); }
const FoldTable& fold_table() { return choose(baseline::kFolds, avx2::kFolds, avx512::kFolds); }
const SoftmaxTable& softmax_table() { return choose(baseline::kSoftmax, avx2::kSoftmax, avx512::kSoftmax); }
const PoolTable& pool_table() { return choose(baseline::kPool, avx2::kPool, avx512::kPool); }
const NormTable& norm_table() { return choose(baseline::kNorm, avx2::kNorm, avx512::kNorm); }
const NormPoolTable& norm_pool_table() { return choose(baseline::kNormPool, avx2::kNormPool, avx512::kNormPool); }

#else

const ElementwiseTable& elementwise_table() { return baseline::kElementwise; }
const FoldTable& fold_table() { return baseline::kFolds; }
const SoftmaxTable& softmax_table() { return baseline::kSoftmax; }
const PoolTable& pool_table() { return baseline::kPool; }
const NormTable& norm_table() { return baseline::kNorm; }
const NormPoolTable& norm_pool_table() { return baseline::kNormPool; }

#endif

}  // namespace fewer::kernels
