// Named, counter-based random streams.
//
// A stream is a key and a counter; the n-th number is a pure function of both (Philox4x32-10, Salmon et al. 2011, "Parallel
// Random Numbers: As Easy as 1, 2, 3"). So a stream can be split by name without touching its parent, filled in
// parallel by element index, and saved as two integers. There is no global generator: whoever needs randomness is
// handed a stream. The transforms to uniform, normal and integer are ours, because the standard library's differ
// between vendors.
//
//   Rng root(config.seed);
//   Rng loader = root.stream("loader");        // the same numbers whatever else draws from `root`
//   Rng epoch3 = loader.stream(3);
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "core/real.h"

namespace fewer {

class Rng {
 public:
  // Everything a checkpoint needs to continue a stream exactly.
  struct State {
    uint64_t key = 0;
    uint64_t counter = 0;
    bool operator==(const State&) const = default;
  };

  explicit Rng(uint64_t seed);
  explicit Rng(State state) : state_(state) {}

  // An independent child stream. Depends on this stream's key only, not on how much was drawn from it.
  Rng stream(std::string_view name) const;
  Rng stream(uint64_t index) const;

  uint64_t next_u64();
  double uniform();                          // [0, 1), 53 bits
  double uniform(double low, double high);   // [low, high)
  double normal();                           // mean 0, standard deviation 1
  double normal(double mean, double std) { return mean + std * normal(); }
  bool bernoulli(double probability) { return uniform() < probability; }
  int64_t below(int64_t n);                  // 0 <= result < n, unbiased. REQUIRES: n > 0

  std::vector<int64_t> permutation(int64_t n);                 // Fisher-Yates
  std::vector<int64_t> sample(int64_t n, int64_t k);           // k distinct of 0..n-1, in random order. REQUIRES: k <= n
  template <class T>
  void shuffle(std::vector<T>& items) {
    for (int64_t i = static_cast<int64_t>(items.size()) - 1; i > 0; --i) std::swap(items[i], items[below(i + 1)]);
  }

  // Fill n elements; element i depends on the stream and i alone, so the result is the same at any thread count.
  void fill_uniform(Real* out, int64_t n, Real low, Real high);
  void fill_normal(Real* out, int64_t n, Real mean, Real std);
  void fill_bernoulli(Real* out, int64_t n, Real probability);  // 1 with `probability`, else 0

  State state() const { return state_; }

 private:
  State state_;
};

}  // namespace fewer
