// Picks the elementwise, fold and softmax tables of the chosen instruction set.
#include "ops/kernels/elementwise.h"
#include "ops/kernels/isa.h"

namespace fewer::kernels {

namespace baseline {
extern const ElementwiseTable kElementwise;
extern const FoldTable kFolds;
extern const SoftmaxTable kSoftmax;
}  // namespace baseline
#if defined(__x86_64__)
namespace avx2 {
extern const ElementwiseTable kElementwise;
extern const FoldTable kFolds;
extern const SoftmaxTable kSoftmax;
}  // namespace avx2
namespace avx512 {
extern const ElementwiseTable kElementwise;
extern const FoldTable kFolds;
extern const SoftmaxTable kSoftmax;
}  // namespace avx512
#endif

namespace {

#if defined(__x86_64__)
template <class Table>
const Table& choose(const Table& baseline, const Table& avx2, const Table& avx512) {
  switch (isa()) {
    case Isa::kAvx512: return avx512;
    case Isa::kAvx2: return avx2;
    case Isa::kBaseline: break;
  }
  return baseline;
}
#define FEWER_CHOOSE(table) choose(baseline::table, avx2::table, avx512::table)
#else
#define FEWER_CHOOSE(table) baseline::table
#endif

}  // namespace

const ElementwiseTable& elementwise_table() { return FEWER_CHOOSE(kElementwise); }
const FoldTable& fold_table() { return FEWER_CHOOSE(kFolds); }
const SoftmaxTable& softmax_table() { return FEWER_CHOOSE(kSoftmax); }

}  // namespace fewer::kernels
