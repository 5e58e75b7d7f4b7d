// Picks the pooling and normalisation tables of the chosen instruction set.
#include "ops/kernels/isa.h"
#include "ops/kernels/isa/layer_table.h"

namespace fewer::kernels {

namespace baseline {
extern const PoolTable kPool;
extern const NormTable kNorm;
}  // namespace baseline
#if defined(__x86_64__)
namespace avx2 {
extern const PoolTable kPool;
extern const NormTable kNorm;
}  // namespace avx2
namespace avx512 {
extern const PoolTable kPool;
extern const NormTable kNorm;
}  // namespace avx512
#endif

namespace {

#if defined(__x86_64__)
template <class Table>
const Table& choose(const Table& baseline, const Table& avx2, const Table& avx512) {
  switch (isa()) {
    case Isa::kAvx512:
      return avx512;
    case Isa::kAvx2:
      return avx2;
    case Isa::kBaseline:
      break;
  }
  return baseline;
}
#define FEWER_CHOOSE(table) choose(baseline::table, avx2::table, avx512::table)
#else
#define FEWER_CHOOSE(table) baseline::table
#endif

}  // namespace

const PoolTable& pool_table() { return FEWER_CHOOSE(kPool); }
const NormTable& norm_table() { return FEWER_CHOOSE(kNorm); }

}  // namespace fewer::kernels
