// The damaged twins of every format: what a file becomes on a bad disk or a broken line is an error or still reads, and
// nothing worse.
#include <doctest/doctest.h>

#include "core/error.h"
#include "core/rng.h"
#include "tests/fuzz/target.h"

namespace fewer::testing {
namespace {

constexpr int64_t kTrials = 1000;  // per seed and kind of damage

void for_each_seed(void (*body)(const FuzzTarget& target, const std::string& seed, Rng& rng)) {
  for (const FuzzTarget& target : fuzz_targets()) {
    CAPTURE(target.name);
    Rng rng(1);
    for (const std::string& seed : target.seeds()) body(target, seed, rng);
  }
}

size_t position(const std::string& bytes, Rng& rng) {
  return static_cast<size_t>(rng.below(static_cast<int64_t>(bytes.size())));
}

}  // namespace

TEST_CASE("damaged twins: the seeds of every format read") {
  for_each_seed([](const FuzzTarget& target, const std::string& seed, Rng&) { CHECK(reads(target, seed)); });
}

TEST_CASE("damaged twins: a file cut off anywhere is an error or reads, whatever the format") {
  for_each_seed([](const FuzzTarget& target, const std::string& seed, Rng&) {
    const size_t step = std::max(seed.size() / static_cast<size_t>(kTrials), size_t{1});
    for (size_t length = 0; length < seed.size(); length += step) CHECK_NOTHROW(reads(target, seed.substr(0, length)));
  });
}

TEST_CASE("damaged twins: flipped bits are an error or harmless, whatever the format") {
  for_each_seed([](const FuzzTarget& target, const std::string& seed, Rng& rng) {
    for (int64_t trial = 0; trial < kTrials; ++trial) {
      std::string twin = seed;
      for (int64_t flips = 1 + rng.below(4); flips > 0; --flips) {
        char& byte = twin[position(twin, rng)];
        byte = static_cast<char>(byte ^ 1 << rng.below(8));
      }
      CHECK_NOTHROW(reads(target, twin));
    }
  });
}

TEST_CASE("damaged twins: stretches of zeros and of ones are an error or harmless, whatever the format") {
  for_each_seed([](const FuzzTarget& target, const std::string& seed, Rng& rng) {
    for (int64_t trial = 0; trial < kTrials; ++trial) {
      std::string twin = seed;
      const size_t begin = position(twin, rng), length = static_cast<size_t>(1 + rng.below(16));
      twin.replace(begin, length, std::min(length, twin.size() - begin), trial % 2 ? '\0' : '\xff');
      CHECK_NOTHROW(reads(target, twin));
    }
  });
}

TEST_CASE("damaged twins: bytes lost, repeated or put in are an error or harmless, whatever the format") {
  for_each_seed([](const FuzzTarget& target, const std::string& seed, Rng& rng) {
    for (int64_t trial = 0; trial < kTrials; ++trial) {
      std::string twin = seed;
      const size_t begin = position(twin, rng), length = static_cast<size_t>(1 + rng.below(8));
      const std::string piece = twin.substr(begin, length);
      if (trial % 2) twin.erase(begin, length);
      else twin.insert(position(twin, rng), piece);
      CHECK_NOTHROW(reads(target, twin));
    }
  });
}

}  // namespace fewer::testing
