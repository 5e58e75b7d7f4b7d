#include "core/rng.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <set>
#include <string>

#include "core/error.h"

using namespace fewer;

namespace {

using Words = std::array<uint32_t, 4>;

// Philox4x32-10 as the paper states it, word by word.
Words reference_philox(Words c, std::array<uint32_t, 2> k) {
  for (int round = 0; round < 10; ++round) {
    const uint64_t a = uint64_t{0xD2511F53} * c[0], b = uint64_t{0xCD9E8D57} * c[2];
    c = {static_cast<uint32_t>(b >> 32) ^ c[1] ^ k[0], static_cast<uint32_t>(b),
         static_cast<uint32_t>(a >> 32) ^ c[3] ^ k[1], static_cast<uint32_t>(a)};
    k = {k[0] + 0x9E3779B9u, k[1] + 0xBB67AE85u};
  }
  return c;
}

struct Moments {
  double mean = 0, variance = 0, skewness = 0, kurtosis = 0;
};
template <class Draw>
Moments moments(int n, Draw draw) {
  double s1 = 0, s2 = 0, s3 = 0, s4 = 0;
  for (int i = 0; i < n; ++i) {
    const double x = draw();
    s1 += x, s2 += x * x, s3 += x * x * x, s4 += x * x * x * x;
  }
  return {s1 / n, s2 / n, s3 / n, s4 / n};
}

// Chi-square of counts that should all be equal, standardised: about normal(0, 1) for many bins.
double uniformity(const std::vector<int>& counts) {
  double total = 0, chi = 0;
  for (const int c : counts) total += c;
  const double expected = total / static_cast<double>(counts.size());
  for (const int c : counts) chi += (c - expected) * (c - expected) / expected;
  const double freedom = static_cast<double>(counts.size()) - 1;
  return (chi - freedom) / std::sqrt(2 * freedom);
}

}  // namespace

TEST_CASE("rng: the reference Philox reproduces the published test vectors") {
  CHECK(reference_philox({0, 0, 0, 0}, {0, 0}) == Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  const uint32_t ones = 0xffffffff;
  CHECK(reference_philox({ones, ones, ones, ones}, {ones, ones}) ==
        Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  CHECK(reference_philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}) ==
        Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEST_CASE("rng: the n-th number is Philox of (counter, key), low words first") {
  CHECK(Rng(Rng::State{0, 0}).next_u64() == 0xe169c58d6627e8d5);
  for (const uint64_t key : {uint64_t{1}, uint64_t{0x0123456789abcdef}, ~uint64_t{0}}) {
    for (const uint64_t counter : {uint64_t{0}, uint64_t{7}, uint64_t{0xfedcba9876543210}}) {
      const Words w = reference_philox({static_cast<uint32_t>(counter), static_cast<uint32_t>(counter >> 32), 0, 0},
                                       {static_cast<uint32_t>(key), static_cast<uint32_t>(key >> 32)});
      CHECK(Rng(Rng::State{key, counter}).next_u64() == (uint64_t{w[1]} << 32 | w[0]));
    }
  }
}

TEST_CASE("rng: equal seeds give equal numbers, other seeds others") {
  Rng a(1), b(1), c(2);
  CHECK(a.next_u64() == b.next_u64());
  CHECK(a.next_u64() != c.next_u64());
}

TEST_CASE("rng: a saved state continues exactly") {
  Rng a(3);
  a.normal();
  Rng b(a.state());
  CHECK(a.uniform() == b.uniform());
  CHECK(a.permutation(10) == b.permutation(10));
}

TEST_CASE("rng: a stream depends on its parent's seed and its name, not on what was drawn") {
  Rng a(4);
  const uint64_t before = a.stream("loader").next_u64();
  a.next_u64();
  CHECK(a.stream("loader").next_u64() == before);
  CHECK(a.stream("augment").next_u64() != before);
  CHECK(Rng(5).stream("loader").next_u64() != before);
}

TEST_CASE("rng: streams have keys of their own") {
  std::set<uint64_t> keys;
  const Rng root(6);
  for (uint64_t i = 0; i < 10000; ++i) keys.insert(root.stream(i).state().key);
  for (int i = 0; i < 10000; ++i) keys.insert(root.stream("stream" + std::to_string(i)).state().key);
  for (uint64_t seed = 0; seed < 10000; ++seed) keys.insert(Rng(seed).state().key);
  CHECK(keys.size() == 30000);
}

TEST_CASE("rng: neighbouring streams are uncorrelated") {
  const Rng root(7);
  for (int pair = 0; pair < 4; ++pair) {
    Rng a = root.stream(static_cast<uint64_t>(pair)), b = root.stream(static_cast<uint64_t>(pair + 1));
    const double correlation = moments(20000, [&] { return a.normal() * b.normal(); }).mean;
    CHECK(std::abs(correlation) < 4 / std::sqrt(20000.0));
  }
}

TEST_CASE("rng: uniforms fill [0, 1) evenly") {
  Rng rng(8);
  std::vector<int> counts(1000);
  for (int i = 0; i < 200000; ++i) {
    const double u = rng.uniform();
    ++counts.at(static_cast<size_t>(u * 1000));  // throws outside [0, 1)
  }
  CHECK(std::abs(uniformity(counts)) < 4);
}

TEST_CASE("rng: consecutive uniforms fill the square evenly") {
  Rng rng(9);
  std::vector<int> counts(1024);
  for (int i = 0; i < 100000; ++i) {
    const int row = static_cast<int>(rng.uniform() * 32), column = static_cast<int>(rng.uniform() * 32);
    ++counts[static_cast<size_t>(row * 32 + column)];
  }
  CHECK(std::abs(uniformity(counts)) < 4);
}

TEST_CASE("rng: normals have the moments of a normal and its tail") {
  Rng rng(10);
  const int n = 200000;
  int beyond_two = 0;
  const Moments m = moments(n, [&] {
    const double x = rng.normal();
    beyond_two += std::abs(x) > 2;
    return x;
  });
  CHECK(std::abs(m.mean) < 4 / std::sqrt(n));
  CHECK(std::abs(m.variance - 1) < 4 * std::sqrt(2.0 / n));
  CHECK(std::abs(m.skewness) < 4 * std::sqrt(15.0 / n));
  CHECK(std::abs(m.kurtosis - 3) < 4 * std::sqrt(96.0 / n));
  CHECK(std::abs(beyond_two / double(n) - 0.0455) < 0.002);
}

TEST_CASE("rng: a normal is Box-Muller of the two halves of its block") {
  const double unit = static_cast<double>(0xe169c58d6627e8d5 >> 11) * 0x1p-53,
               angle = static_cast<double>(0x9b00dbd8bc57ac4c >> 11) * 0x1p-53;
  CHECK(Rng(Rng::State{0, 0}).normal() ==
        doctest::Approx(std::sqrt(-2 * std::log(1 - unit)) * std::cos(2 * std::numbers::pi * angle)));
}

TEST_CASE("rng: below is even for bounds that divide nothing, and refuses 0") {
  Rng rng(11);
  for (const int64_t bound : {7, 1000}) {
    std::vector<int> counts(static_cast<size_t>(bound));
    for (int i = 0; i < 100000; ++i) ++counts[static_cast<size_t>(rng.below(bound))];
    CHECK(std::abs(uniformity(counts)) < 4);
  }
  CHECK(rng.below(1) == 0);
  CHECK_THROWS_AS(rng.below(0), Error);
}

TEST_CASE("rng: permutations hold every index once, and every order is as likely") {
  Rng rng(12);
  std::vector<int64_t> order = rng.permutation(100);
  std::sort(order.begin(), order.end());
  for (int64_t i = 0; i < 100; ++i) CHECK(order[static_cast<size_t>(i)] == i);
  std::vector<int> counts(64);
  for (int i = 0; i < 24000; ++i) {
    const std::vector<int64_t> p = rng.permutation(4);
    ++counts[static_cast<size_t>(p[0] * 16 + p[1] * 4 + p[2])];
  }
  std::erase(counts, 0);
  CHECK(counts.size() == 24);
  CHECK(std::abs(uniformity(counts)) < 4);
}

TEST_CASE("rng: samples are distinct, and every item is as likely in every place") {
  Rng rng(13);
  std::vector<int> first(10), last(10);
  for (int i = 0; i < 20000; ++i) {
    const std::vector<int64_t> s = rng.sample(10, 3);
    REQUIRE(std::set<int64_t>(s.begin(), s.end()).size() == 3);
    ++first[static_cast<size_t>(s[0])];
    ++last[static_cast<size_t>(s[2])];
  }
  CHECK(std::abs(uniformity(first)) < 4);
  CHECK(std::abs(uniformity(last)) < 4);
  CHECK(rng.sample(5, 0).empty());
  CHECK_THROWS_WITH(rng.sample(3, 4), "Rng::sample: cannot draw 4 distinct items from 3");
}

TEST_CASE("rng: filling an array is drawing its elements one by one") {
  Rng a(14), b(14);
  std::vector<Real> filled(50000);
  a.fill_uniform(filled.data(), 50000, -1, 3);
  for (const Real x : filled) REQUIRE(x == static_cast<Real>(-1 + 4 * b.uniform()));
  a.fill_normal(filled.data(), 50000, 2, 5);
  for (const Real x : filled) REQUIRE(x == static_cast<Real>(2 + 5 * b.normal()));
  a.fill_bernoulli(filled.data(), 50000, Real(0.3));
  for (const Real x : filled) REQUIRE(x == (b.uniform() < static_cast<double>(Real(0.3)) ? 1 : 0));
  CHECK(a.state() == b.state());
}
