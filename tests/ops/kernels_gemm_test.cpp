#include <doctest/doctest.h>

#include "tests/support/naive_gemm.h"

using namespace fewer;
using namespace fewer::testing;
using kernels::GemmSizes;

namespace {

// Sizes around the tile (8, 6 or 4 rows, 4 to 32 columns), around the limits of the small and the turned-round path, and long depths.
const GemmSizes kSizes[] = {
    {.m = 1, .n = 1, .k = 1},     {.m = 1, .n = 33, .k = 70},    {.m = 37, .n = 1, .k = 19},    {.m = 3, .n = 5, .k = 7},
    {.m = 16, .n = 16, .k = 16},  {.m = 10, .n = 40, .k = 40},   {.m = 17, .n = 31, .k = 129},  {.m = 49, .n = 65, .k = 50},
    {.m = 97, .n = 100, .k = 33}, {.m = 5, .n = 200, .k = 300},  {.m = 200, .n = 7, .k = 150},  {.m = 13, .n = 11, .k = 5000},
    {.m = 130, .n = 530, .k = 64}, {.m = 530, .n = 130, .k = 40}, {.m = 130, .n = 70, .k = 64}, {.m = 193, .n = 161, .k = 20}, {.m = 8, .n = 64, .k = 2500},  {.m = 100, .n = 140, .k = 2100},
    {.m = 290, .n = 30, .k = 130}, {.m = 33, .n = 290, .k = 130},
};

template <class T>
std::vector<T> run(const GemmSizes& s, const std::vector<double>& a, const std::vector<double>& b, const std::vector<double>& c) {
  const std::vector<T> ta = as<T>(a), tb = as<T>(b);
  std::vector<T> out = as<T>(c);
  kernels::gemm(ta.data(), tb.data(), out.data(), s);
  return out;
}

// All four transpositions of a size, accumulating in two of them.
template <class Check>
void for_each_case(Check check) {
  for (GemmSizes s : kSizes)
    for (int flags = 0; flags < 4; ++flags) {
      s.transpose_a = (flags & 1) != 0;
      s.transpose_b = (flags & 2) != 0;
      s.accumulate = flags == 1 || flags == 2;
      INFO("m ", s.m, " n ", s.n, " k ", s.k, " transposed ", flags);
      check(s, random_values(s.m * s.k, 1), random_values(s.k * s.n, 2), random_values(s.m * s.n, 3));
    }
}

}  // namespace

TEST_CASE("gemm: equals three loops on every instruction set, float and double") {
  const KeepSettings keep;
  for (const std::string& isa : kernels::available_isas()) {
    kernels::set_isa(isa);
    INFO("isa ", isa);
    for_each_case([](const GemmSizes& s, const auto& a, const auto& b, const auto& c) {
      const std::vector<double> expected = naive_gemm(a, b, c, s);
      CHECK(distance(run<float>(s, a, b, c), expected) < rounding_bound<float>(s.k));
      CHECK(distance(run<double>(s, a, b, c), expected) < rounding_bound<double>(s.k));
    });
  }
}

TEST_CASE("gemm: bias, addend and ReLU of an epilogue are those of passes of their own") {
  const KeepSettings keep;
  const auto check = [](const GemmSizes& s, const auto& a, const auto& b, const auto& c) {
    const std::vector<float> ta = as<float>(a), tb = as<float>(b), bias = as<float>(random_values(s.n, 4)), addend = as<float>(random_values(s.m * s.n, 5));
    std::vector<double> expected = naive_gemm(a, b, c, s);
    for (int64_t i = 0; i < s.m * s.n; ++i) expected[i] = std::max(expected[i] + bias[i % s.n] + addend[i], 0.0);
    std::vector<float> out = as<float>(c);
    kernels::gemm(ta.data(), tb.data(), out.data(), s, {.bias = bias.data(), .addend = addend.data(), .relu = true});
    CHECK(distance(out, expected) < rounding_bound<float>(s.k));
  };
  for (const std::string& isa : kernels::available_isas()) {
    kernels::set_isa(isa);
    INFO("isa ", isa);
    for_each_case(check);
    check(GemmSizes{.m = 3, .n = 5}, std::vector<double>(), std::vector<double>(), std::vector<double>(15));
  }
}

TEST_CASE("gemm: the bits do not depend on the number of threads") {
  const KeepSettings keep;
  for_each_case([](const GemmSizes& s, const auto& a, const auto& b, const auto& c) {
    set_threads(1);
    const std::vector<float> one = run<float>(s, a, b, c);
    for (const int n : {2, 3}) {
      set_threads(n);
      CHECK(run<float>(s, a, b, c) == one);
    }
  });
}

TEST_CASE("gemm: leading dimensions leave the gaps between rows alone") {
  for (const int flags : {0, 1, 2, 3})
    for (const int64_t n : {10, 60}) {
      GemmSizes s = {.m = 50, .n = n, .k = 45, .transpose_a = (flags & 1) != 0, .transpose_b = (flags & 2) != 0,
                     .lda = 53, .ldb = 67, .ldc = 71};
      const auto a = random_values(50 * 53, 1), b = random_values(67 * 67, 2), c = random_values(50 * 71, 3);
      CHECK(distance(run<float>(s, a, b, c), naive_gemm(a, b, c, s)) < rounding_bound<float>(s.k));
    }
}

TEST_CASE("gemm: no terms give zeros, or leave an accumulated result as it is") {
  std::vector<float> c = {1, 2, 3, 4};
  kernels::gemm(c.data(), c.data(), c.data(), GemmSizes{.m = 2, .n = 2, .k = 0, .accumulate = true});
  CHECK(c == std::vector<float>{1, 2, 3, 4});
  kernels::gemm(c.data(), c.data(), c.data(), GemmSizes{.m = 2, .n = 2, .k = 0});
  CHECK(c == std::vector<float>{0, 0, 0, 0});
}

TEST_CASE("gemm: a batch is its products one by one, and a stride of 0 shares a matrix") {
  const KeepSettings keep;
  set_threads(2);
  for (const GemmSizes& s : {GemmSizes{.m = 9, .n = 21, .k = 14}, GemmSizes{.m = 90, .n = 70, .k = 60}})
    for (const int64_t batch : {3, 40}) {
      const auto a = as<float>(random_values(batch * s.m * s.k, 1)), b = as<float>(random_values(s.k * s.n, 2));
      std::vector<float> c(batch * s.m * s.n), one(s.m * s.n);
      kernels::gemm_batched(a.data(), b.data(), c.data(), s, batch, s.m * s.k, 0, s.m * s.n);
      for (int64_t i = 0; i < batch; ++i) {
        kernels::gemm(a.data() + i * s.m * s.k, b.data(), one.data(), s);
        CHECK(std::equal(one.begin(), one.end(), c.begin() + i * s.m * s.n));
      }
    }
}
