#include "core/rng.h"

#include <cmath>
#include <numbers>
#include <numeric>

#include "core/error.h"
#include "core/parallel.h"

namespace fewer {
namespace {

struct Block {
  uint32_t word[4];
  uint64_t low() const { return uint64_t{word[1]} << 32 | word[0]; }
  uint64_t high() const { return uint64_t{word[3]} << 32 | word[2]; }
};

// Philox4x32-10: ten rounds of multiply, swap and xor turn (counter, key) into 128 random bits.
Block philox(uint64_t counter, uint64_t key) {
  uint32_t c0 = static_cast<uint32_t>(counter), c1 = static_cast<uint32_t>(counter >> 32), c2 = 0, c3 = 0;
  uint32_t k0 = static_cast<uint32_t>(key), k1 = static_cast<uint32_t>(key >> 32);
  for (int round = 0; round < 10; ++round) {
    const uint64_t p0 = uint64_t{0xD2511F53} * c0, p1 = uint64_t{0xCD9E8D57} * c2;
    const uint32_t n0 = static_cast<uint32_t>(p1 >> 32) ^ c1 ^ k0, n2 = static_cast<uint32_t>(p0 >> 32) ^ c3 ^ k1;
    c1 = static_cast<uint32_t>(p1);
    c3 = static_cast<uint32_t>(p0);
    c0 = n0;
    c2 = n2;
    k0 += 0x9E3779B9;
    k1 += 0xBB67AE85;
  }
  return {{c0, c1, c2, c3}};
}

// The finaliser of SplitMix64: a bijection that turns neighbouring numbers into unrelated ones.
uint64_t mix(uint64_t z) {
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
  return z ^ (z >> 31);
}

uint64_t hash(std::string_view name) {  // FNV-1a, 64 bits
  uint64_t h = 0xCBF29CE484222325;
  for (const char c : name) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001B3;
  return h;
}

double to_unit(uint64_t bits) { return static_cast<double>(bits >> 11) * 0x1p-53; }  // [0, 1)

// Box-Muller: two uniforms make one normal here; the second is not kept, so that a draw is one step of the counter.
double to_normal(const Block& block) {
  const double radius = std::sqrt(-2 * std::log(1 - to_unit(block.low())));
  return radius * std::cos(2 * std::numbers::pi * to_unit(block.high()));
}

}  // namespace

Rng::Rng(uint64_t seed) : state_{mix(seed + 0x9E3779B97F4A7C15), 0} {}

Rng Rng::stream(std::string_view name) const { return Rng(State{mix(state_.key ^ hash(name)), 0}); }
Rng Rng::stream(uint64_t index) const {
  return Rng(State{mix(mix(state_.key + 0x632BE59BD9B4E019) + index * 0x9E3779B97F4A7C15), 0});
}

uint64_t Rng::next_u64() { return philox(state_.counter++, state_.key).low(); }
double Rng::uniform() { return to_unit(next_u64()); }
double Rng::uniform(double low, double high) { return low + (high - low) * uniform(); }
double Rng::normal() { return to_normal(philox(state_.counter++, state_.key)); }

int64_t Rng::below(int64_t n) {
  ENSURE(n > 0, "Rng::below: needs a positive bound, got ", n);
  // Values past the last multiple of n would favour the small results: draw again.
  const uint64_t bound = static_cast<uint64_t>(n), limit = UINT64_MAX - UINT64_MAX % bound;
  uint64_t value = next_u64();
  while (value >= limit) value = next_u64();
  return static_cast<int64_t>(value % bound);
}

std::vector<int64_t> Rng::permutation(int64_t n) {
  std::vector<int64_t> order(static_cast<size_t>(n));
  std::iota(order.begin(), order.end(), int64_t{0});
  shuffle(order);
  return order;
}

std::vector<int64_t> Rng::sample(int64_t n, int64_t k) {
  ENSURE(k >= 0 && k <= n, "Rng::sample: cannot draw ", k, " distinct items from ", n);
  std::vector<int64_t> items(static_cast<size_t>(n));
  std::iota(items.begin(), items.end(), int64_t{0});
  for (int64_t i = 0; i < k; ++i) std::swap(items[i], items[i + below(n - i)]);
  items.resize(static_cast<size_t>(k));
  return items;
}

void Rng::fill_uniform(Real* out, int64_t n, Real low, Real high) {
  const State start = state_;
  parallel_for(n, kGrain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const double unit = to_unit(philox(start.counter + static_cast<uint64_t>(i), start.key).low());
      const Real value = static_cast<Real>(low + (high - low) * unit);
      out[i] = value < high || low == high ? value : low;  // rounding to float may reach the open end
    }
  });
  state_.counter += static_cast<uint64_t>(n);
}

void Rng::fill_normal(Real* out, int64_t n, Real mean, Real std) {
  const State start = state_;
  parallel_for(n, kGrain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i)
      out[i] = static_cast<Real>(mean + std * to_normal(philox(start.counter + static_cast<uint64_t>(i), start.key)));
  });
  state_.counter += static_cast<uint64_t>(n);
}

void Rng::fill_bernoulli(Real* out, int64_t n, Real probability) {
  const State start = state_;
  parallel_for(n, kGrain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i)
      out[i] = to_unit(philox(start.counter + static_cast<uint64_t>(i), start.key).low()) < probability ? Real{1} : Real{0};
  });
  state_.counter += static_cast<uint64_t>(n);
}

}  // namespace fewer
