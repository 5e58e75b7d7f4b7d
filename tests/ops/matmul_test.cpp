#include <doctest/doctest.h>

#include "core/rng.h"
#include "ops/ops.h"
#include "tests/support/naive_gemm.h"

namespace fewer {
namespace {

using testing::distance, testing::naive_gemm, testing::rounding_bound;

Tensor random_tensor(const Shape& shape, uint64_t seed) {
  Rng rng(seed);
  return Tensor::uniform(shape, -1, 1, rng);
}

// Matrix i of a batch (of the only matrix, when x is one), as doubles.
std::vector<double> matrix(const Tensor& x, int64_t i) {
  const int64_t size = x.size(-1) * x.size(-2);
  const Real* const first = x.data() + (x.rank() == 2 ? 0 : i * size);
  return {first, first + size};
}

// matmul(a, b) against the definition, matrix by matrix.
void check_product(const Shape& a_shape, const Shape& b_shape, MatmulOptions o) {
  const Tensor a = random_tensor(a_shape, 1), b = random_tensor(b_shape, 2), y = matmul(a, b, o);
  const kernels::GemmSizes s{.m = a.size(o.transpose_a ? -1 : -2),
                             .n = b.size(o.transpose_b ? -2 : -1),
                             .k = a.size(o.transpose_a ? -2 : -1),
                             .transpose_a = o.transpose_a,
                             .transpose_b = o.transpose_b};
  REQUIRE(y.size(-2) == s.m);
  REQUIRE(y.size(-1) == s.n);
  const int64_t batch = s.m * s.n == 0 ? 0 : y.numel() / (s.m * s.n);
  for (int64_t i = 0; i < batch; ++i)
    CHECK(distance(matrix(y, i), naive_gemm(matrix(a, i), matrix(b, i), matrix(y, i), s)) < rounding_bound<Real>(s.k));
}

bool same_bits(const Tensor& a, const Tensor& b) {
  return a.shape() == b.shape() && std::equal(a.values().begin(), a.values().end(), b.values().begin());
}

double relative_difference(const Tensor& a, const Tensor& b) {
  REQUIRE(a.shape() == b.shape());
  return distance(std::vector<Real>(a.values().begin(), a.values().end()), {b.values().begin(), b.values().end()});
}

}  // namespace

TEST_CASE("matmul: every combination of transpose flags and batched or shared operands") {
  for (const bool ta : {false, true})
    for (const bool tb : {false, true})
      for (const int batched : {0, 1, 2, 3}) {  // bit 0: a is batched, bit 1: b is
        Shape a = ta ? Shape{7, 5} : Shape{5, 7}, b = tb ? Shape{3, 7} : Shape{7, 3};
        if (batched & 1) a = a.inserted(0, 2).inserted(0, 4);
        if (batched & 2) b = b.inserted(0, 2).inserted(0, 4);
        check_product(a, b, {ta, tb});
      }
}

TEST_CASE("matmul: sizes of zero") {
  check_product({3, 0}, {0, 2}, {});
  CHECK(same_bits(matmul(Tensor::zeros({2, 0}), Tensor::zeros({0, 2})), Tensor::zeros({2, 2})));
  CHECK(matmul(Tensor::zeros({0, 3}), Tensor::zeros({3, 2})).shape() == Shape{0, 2});
  CHECK(matmul(Tensor::zeros({0, 4, 3}), Tensor::zeros({3, 2})).shape() == Shape{0, 4, 2});
  CHECK(matmul(Tensor::zeros({0, 4, 3}), Tensor::zeros({0, 3, 2})).shape() == Shape{0, 4, 2});
}

TEST_CASE("matmul: gradients equal the textbook products, shared operands add over the batch") {
  for (const int batched : {0, 1, 2, 3})
    for (const bool ta : {false, true})
      for (const bool tb : {false, true}) {
        Shape as = ta ? Shape{4, 3} : Shape{3, 4}, bs = tb ? Shape{2, 4} : Shape{4, 2};
        if (batched & 1) as = as.inserted(0, 5);
        if (batched & 2) bs = bs.inserted(0, 5);
        const Tensor a = variable(random_tensor(as, 1)), b = variable(random_tensor(bs, 2));
        const Tensor y = matmul(a, b, {ta, tb});
        const Tensor g = random_tensor(y.shape(), 3);
        const std::vector<Tensor> d = grad(y, std::vector<Tensor>{a, b}, {.seed = g});
        const Tensor pa = ta ? transpose(a.detach()) : a.detach(), pb = tb ? transpose(b.detach()) : b.detach();
        Tensor da = matmul(g, transpose(pb)), db = matmul(transpose(pa), g);
        if (ta) da = transpose(da);
        if (tb) db = transpose(db);
        CHECK(relative_difference(d[0], sum_to(da, as)) < 1e-5);
        CHECK(relative_difference(d[1], sum_to(db, bs)) < 1e-5);
      }
}

TEST_CASE("matmul: errors name both shapes") {
  CHECK_THROWS_WITH_AS(matmul(Tensor::zeros({2, 3}), Tensor::zeros({4, 5})), doctest::Contains("[2, 3] and [4, 5]"),
                       Error);
  CHECK_THROWS_WITH_AS(matmul(Tensor::zeros({2, 3}), Tensor::zeros({3, 5}), {.transpose_b = true}),
                       doctest::Contains("[3, 5] transposed"), Error);
  CHECK_THROWS_WITH_AS(matmul(Tensor::zeros({2, 2, 3}), Tensor::zeros({4, 3, 5})), doctest::Contains("leading axes"),
                       Error);
  CHECK_THROWS_WITH_AS(matmul(Tensor::zeros({3}), Tensor::zeros({3, 5})), doctest::Contains("[3] and [3, 5]"), Error);
}

TEST_CASE("matmul: the same bits at any number of threads") {
  const Tensor a = random_tensor({6, 90, 70}, 1), b = random_tensor({70, 50}, 2), c = random_tensor({6, 50, 33}, 3);
  set_threads(1);
  const Tensor serial = matmul(matmul(a, b), c);
  for (const int n : {2, 3}) {
    set_threads(n);
    CHECK(same_bits(matmul(matmul(a, b), c), serial));
  }
}

TEST_CASE("linear: x w + bias over any leading axes, with its gradients") {
  const Tensor w = variable(random_tensor({3, 2}, 2)), bias = variable(random_tensor({2}, 3));
  for (const Shape& shape : {Shape{3}, Shape{5, 3}, Shape{2, 4, 3}, Shape{0, 3}}) {
    const Tensor x = variable(random_tensor(shape, 1));
    const Tensor y = linear(x, w, bias);
    const int64_t rows = shape.without(-1).numel();
    REQUIRE(y.shape() == shape.with(-1, 2));
    const Tensor flat = reshape(x.detach(), {rows, 3});
    CHECK(relative_difference(reshape(y.detach(), {rows, 2}), matmul(flat, w.detach()) + bias.detach()) < 1e-6);
    const Tensor g = random_tensor(y.shape(), 4), g_flat = reshape(g, {rows, 2});
    const std::vector<Tensor> d = grad(y, std::vector<Tensor>{x, w, bias}, {.seed = g});
    CHECK(relative_difference(reshape(d[0], {rows, 3}), matmul(g_flat, w.detach(), {false, true})) < 1e-6);
    CHECK(relative_difference(d[1], matmul(flat, g_flat, {true, false})) < 1e-6);
    CHECK(relative_difference(d[2], sum_to(g_flat, {2})) < 1e-6);
  }
  CHECK(linear(Tensor::ones({1, 3}), Tensor::ones({3, 2}), {}).at({0, 1}) == 3);
  CHECK_THROWS_WITH_AS(linear(Tensor::zeros({5, 4}), w, bias),
                       doctest::Contains("[3, 2] expects inputs [..., 3], but x is [5, 4]"), Error);
  CHECK_THROWS_WITH_AS(linear(Tensor::zeros({5, 3}), w, Tensor::zeros({3})), doctest::Contains("bias [2]"), Error);
}

TEST_CASE("cosine_similarity: a zero row has similarity 0, no NaN and no gradient") {
  const Tensor a = variable(Tensor({2, 2}, {3, 4, 0, 0})), b = variable(Tensor({3, 2}, {6, 8, -4, 3, 0, 0}));
  const Tensor y = cosine_similarity(a, b);
  REQUIRE(y.shape() == Shape{2, 3});
  CHECK(y.at({0, 0}) == doctest::Approx(1));
  CHECK(y.at({0, 1}) == doctest::Approx(0));
  for (const auto& [i, j] : {std::pair{0, 2}, {1, 0}, {1, 1}, {1, 2}}) CHECK(y.at({i, j}) == 0);
  const std::vector<Tensor> d =
      grad(y, std::vector<Tensor>{a, b}, {.create_graph = true, .seed = Tensor::ones({2, 3})});
  CHECK(d[0].at({1, 0}) == 0);
  CHECK(d[1].at({2, 1}) == 0);
  const Tensor second = grad(sum(square(d[0])), a);
  for (const Real value : second.values()) CHECK(std::isfinite(value));
  CHECK_THROWS_WITH_AS(cosine_similarity(a, Tensor::zeros({2, 3})), doctest::Contains("[2, 3]"), Error);
}

TEST_CASE("l2_normalize: rows of length 1, a zero row stays zero") {
  const Tensor y = l2_normalize(Tensor({2, 2}, {3, 4, 0, 0}));
  CHECK(y.at({0, 0}) == doctest::Approx(0.6));
  CHECK(y.at({0, 1}) == doctest::Approx(0.8));
  CHECK(y.at({1, 0}) == 0);
  CHECK(dot(y, y).item() == doctest::Approx(1));
}

}  // namespace fewer
