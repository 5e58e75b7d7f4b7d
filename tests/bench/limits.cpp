// The peak: twelve independent chains of multiply-adds that never leave the registers. Latency is 4 cycles and two can start
// per cycle, so eight chains already fill the units; no load or store is in the way.
#include "tests/bench/limits.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <vector>

#include "core/parallel.h"

#ifdef __x86_64__
#include <immintrin.h>
#endif

namespace fewer::bench {
namespace {

constexpr int kChains = 12;
constexpr int64_t kRounds = 1'000'000;  // some milliseconds
constexpr int kMeasurements = 20;
// Where the chains start: unlike each other, or a compiler would compute one for all.
constexpr float kStarts[kChains] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};

double seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// Each runs `rounds` of kChains multiply-adds on vectors and returns something that depends on all of them.
#ifdef __x86_64__
__attribute__((target("avx512f"))) float chains_avx512(int64_t rounds) {
  __m512 sums[kChains];
  for (int i = 0; i < kChains; ++i) sums[i] = _mm512_set1_ps(kStarts[i]);
  const __m512 factor = _mm512_set1_ps(0.999f), term = _mm512_set1_ps(0.001f);
  for (int64_t r = 0; r < rounds; ++r)
    for (__m512& sum : sums) sum = _mm512_fmadd_ps(sum, factor, term);
  for (int i = 1; i < kChains; ++i) sums[0] = _mm512_add_ps(sums[0], sums[i]);
  return _mm512_cvtss_f32(sums[0]);
}
__attribute__((target("avx2,fma"))) float chains_avx2(int64_t rounds) {
  __m256 sums[kChains];
  for (int i = 0; i < kChains; ++i) sums[i] = _mm256_set1_ps(kStarts[i]);
  const __m256 factor = _mm256_set1_ps(0.999f), term = _mm256_set1_ps(0.001f);
  for (int64_t r = 0; r < rounds; ++r)
    for (__m256& sum : sums) sum = _mm256_fmadd_ps(sum, factor, term);
  for (int i = 1; i < kChains; ++i) sums[0] = _mm256_add_ps(sums[0], sums[i]);
  return _mm256_cvtss_f32(sums[0]);
}
#endif
float chains_baseline(int64_t rounds) {
  typedef float Vec4 __attribute__((vector_size(16)));
  Vec4 sums[kChains];
  for (int i = 0; i < kChains; ++i) sums[i] = Vec4{} + kStarts[i];
  const Vec4 factor = {0.999f, 0.999f, 0.999f, 0.999f}, term = factor / 999.0f;
  for (int64_t r = 0; r < rounds; ++r)
    for (Vec4& sum : sums) sum = sum * factor + term;
  for (int i = 1; i < kChains; ++i) sums[0] += sums[i];
  return sums[0][0];
}

struct Chains {
  float (*run)(int64_t rounds);
  int lanes;
};
Chains widest_chains() {
#ifdef __x86_64__
  if (__builtin_cpu_supports("avx512f")) return {chains_avx512, 16};
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return {chains_avx2, 8};
#endif
  return {chains_baseline, 4};
}

// The best rate at which `body(part)`, run for every part at once, gets through `work` in all: a limit is what can be done.
template <class Body>
double rate(double work, Body body) {
  double best = 0;
  for (int i = 0; i < kMeasurements; ++i) {
    const double begin = seconds();
    parallel_chunks(threads(), body);
    best = std::max(best, work / (seconds() - begin));
  }
  return best;
}

double peak_flops() {
  const Chains chains = widest_chains();
  std::vector<float> results(static_cast<size_t>(threads()));
  const double flop = 2.0 * kChains * chains.lanes * static_cast<double>(kRounds) * threads();
  return rate(flop, [&](int64_t part) { results[static_cast<size_t>(part)] = chains.run(kRounds); });
}

double copy_rate() {
  constexpr int64_t kElements = int64_t{32} << 20;  // 128 MiB
  std::vector<float> from(kElements, 1.0f), to(kElements);
  const int64_t share = kElements / threads();
  return rate(2.0 * sizeof(float) * static_cast<double>(share * threads()), [&](int64_t part) {
    std::copy_n(from.data() + part * share, share, to.data() + part * share);
  });
}

}  // namespace

Limits measure_limits() { return {peak_flops(), copy_rate()}; }

}  // namespace fewer::bench
