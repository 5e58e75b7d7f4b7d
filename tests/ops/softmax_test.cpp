// Values and corner cases of softmax and the losses over classes. Their gradients are rows of the gradient table.
#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "core/parallel.h"
#include "core/rng.h"
#include "ops/kernels/isa.h"
#include "ops/ops.h"

namespace fewer {
namespace {

using Values = std::vector<Real>;
constexpr Real kInfinity = std::numeric_limits<Real>::infinity();

Values list(const Tensor& x) { return {x.values().begin(), x.values().end()}; }

// log softmax(x)[r, c] in long double; x [N, K]
long double naive_log_softmax(const Tensor& x, int64_t r, int64_t c) {
  long double sum = 0, largest = -std::numeric_limits<long double>::infinity();
  for (int64_t k = 0; k < x.size(1); ++k) largest = std::max<long double>(largest, x.at({r, k}));
  for (int64_t k = 0; k < x.size(1); ++k) sum += std::exp(x.at({r, k}) - largest);
  return x.at({r, c}) - largest - std::log(sum);
}

double largest_difference(const Tensor& a, const Tensor& b) {
  REQUIRE(a.shape() == b.shape());
  double worst = 0;
  for (int64_t i = 0; i < a.numel(); ++i) worst = std::max(worst, std::abs(double{a.data()[i]} - double{b.data()[i]}));
  return worst;
}

TEST_CASE("softmax and log_softmax: equal the sum over classes, at any width, on every instruction set") {
  Rng rng(1);
  for (const std::string& isa : kernels::available_isas()) {
    kernels::set_isa(isa);
    for (const int64_t classes : {1, 2, 3, 10, 16, 17, 100, 1000}) {
      const Tensor x = Tensor::normal({5, classes}, 3, 4, rng);
      const Tensor p = softmax(x), l = log_softmax(x);
      double worst = 0, worst_log = 0;
      for (int64_t r = 0; r < 5; ++r)
        for (int64_t c = 0; c < classes; ++c) {
          const long double exact = naive_log_softmax(x, r, c);
          worst = std::max(worst, static_cast<double>(std::abs(p.at({r, c}) / std::exp(exact) - 1)));
          worst_log = std::max(worst_log, static_cast<double>(std::abs(l.at({r, c}) - exact)));
        }
      CHECK_MESSAGE(worst < 5e-6, classes << " classes on " << isa);
      CHECK_MESSAGE(worst_log < 5e-6, classes << " classes on " << isa);
    }
  }
}

TEST_CASE("softmax and log_softmax: along another axis as along the last, transposed") {
  Rng rng(2);
  const Tensor x = Tensor::normal({3, 4, 5}, 0, 2, rng);
  CHECK(largest_difference(softmax(x, 1), transpose(softmax(transpose(x)))) < 1e-6);
  CHECK(largest_difference(log_softmax(x, 1), transpose(log_softmax(transpose(x)))) < 1e-6);
  CHECK(largest_difference(softmax(x, 0), transpose(softmax(transpose(x, 0, 2), 2), 0, 2)) < 1e-6);
  CHECK_THROWS_AS(softmax(Tensor::scalar(1)), Error);
  CHECK_THROWS_AS(softmax(Tensor::zeros({2, 0})), Error);
  CHECK(softmax(Tensor::zeros({0, 4})).numel() == 0);
}

TEST_CASE("softmax: large and infinite arguments") {
  CHECK(list(softmax(Tensor({1, 3}, {1000, 1000, -1000}))) == Values{Real(0.5), Real(0.5), 0});
  CHECK(list(softmax(Tensor({1, 3}, {0, -kInfinity, 0}))) == Values{Real(0.5), 0, Real(0.5)});
  CHECK(log_softmax(Tensor({1, 2}, {-2000, 0})).at({0, 0}) == -2000);
}

TEST_CASE("classes: the same bits with 1, 2 and 3 threads") {
  Rng rng(3);
  const Tensor x = variable(Tensor::normal({1000, 37}, 0, 2, rng));
  IntTensor labels = IntTensor::full({1000}, 5);
  std::vector<Values> expected;
  for (const int n : {1, 2, 3}) {
    set_threads(n);
    const std::vector<Values> got = {list(softmax(x)), list(log_softmax(x)), list(grad(cross_entropy(x, labels), x)),
                                     list(grad(sum(square(softmax(x))), x)),
                                     list(grad(sum(square(log_softmax(x))), x))};
    if (n == 1) expected = got;
    CHECK(got == expected);
  }
}

TEST_CASE("cross_entropy: is minus the log softmax of the label, reduced as asked") {
  Rng rng(4);
  const Tensor x = Tensor::normal({3, 19}, 0, 3, rng);
  const IntTensor labels({3}, {0, 18, 7});
  const Tensor each = cross_entropy(x, labels, Reduction::kNone);
  REQUIRE(each.shape() == Shape({3}));
  for (int64_t r = 0; r < 3; ++r)
    CHECK(each.at({r}) == doctest::Approx(static_cast<double>(-naive_log_softmax(x, r, labels[r]))).epsilon(1e-5));
  CHECK(cross_entropy(x, labels, Reduction::kSum).item() == doctest::Approx(sum(each).item()));
  CHECK(cross_entropy(x, labels).item() == doctest::Approx(mean(each).item()));
}

TEST_CASE("cross_entropy: digits survive a large common offset") {
  const Tensor x({1, 2}, {4096, 4097});
  CHECK(cross_entropy(x, IntTensor({1}, {1})).item() == doctest::Approx(std::log1p(std::exp(-1.0))).epsilon(1e-6));
}

TEST_CASE("cross_entropy: a label out of range is named with its place") {
  const Tensor x = Tensor::zeros({3, 10});
  CHECK_THROWS_WITH_AS(cross_entropy(x, IntTensor({3}, {0, 10, 1})), doctest::Contains("label 1 is 10"), Error);
  CHECK_THROWS_WITH_AS(cross_entropy(x, IntTensor({3}, {0, 1, -1})), doctest::Contains("label 2 is -1"), Error);
  CHECK_THROWS_WITH_AS(cross_entropy(x, IntTensor({2}, {0, 1})), doctest::Contains("[3, 10]"), Error);
}

TEST_CASE("cross entropies: fused first-order gradients equal the composed ones") {
  Rng rng(5);
  const Tensor x = variable(Tensor::normal({6, 21}, 0, 2, rng)), targets = softmax(Tensor::normal({6, 21}, 0, 2, rng));
  const Tensor seed = Tensor::normal({6}, 0, 1, rng), wide = Tensor::normal({6, 21}, 0, 1, rng);
  const IntTensor labels({6}, {0, 20, 3, 4, 16, 9});
  const auto difference = [&](auto f, const Tensor& v) {
    return largest_difference(grad(f(), x, {.seed = v}), grad(f(), x, {.create_graph = true, .seed = v}));
  };
  CHECK(difference([&] { return cross_entropy(x, labels, Reduction::kNone); }, seed) < 1e-6);
  CHECK(difference([&] { return soft_cross_entropy(x, targets, Reduction::kNone); }, seed) < 1e-6);
  CHECK(difference([&] { return softmax(x); }, wide) < 1e-6);
  CHECK(difference([&] { return log_softmax(x); }, wide) < 1e-5);
}

TEST_CASE("soft_cross_entropy: one-hot targets give cross_entropy; a zero target meets -inf quietly") {
  Rng rng(6);
  const Tensor x = Tensor::normal({4, 7}, 0, 2, rng);
  const IntTensor labels({4}, {6, 0, 3, 3});
  CHECK(soft_cross_entropy(x, one_hot(labels, 7)).item() == doctest::Approx(cross_entropy(x, labels).item()));
  CHECK(soft_cross_entropy(Tensor({1, 3}, {-kInfinity, 0, 0}), Tensor({1, 3}, {0, 1, 0})).item() ==
        doctest::Approx(std::log(2.0)));
  CHECK_THROWS_AS(soft_cross_entropy(x, Tensor::zeros({4, 6})), Error);
}

TEST_CASE("binary_cross_entropy_with_logits: equals its definition, and is finite for large logits") {
  const Tensor x({4}, {-2, 0, 3, 1}), t({4}, {0, 1, Real(0.25), 1});
  const Tensor y = binary_cross_entropy_with_logits(x, t, Reduction::kNone);
  for (int64_t i = 0; i < 4; ++i) {
    const double p = 1 / (1 + std::exp(-double{x.at({i})})), target = t.at({i});
    CHECK(y.at({i}) == doctest::Approx(-target * std::log(p) - (1 - target) * std::log(1 - p)));
  }
  CHECK(binary_cross_entropy_with_logits(Tensor({2}, {500, -500}), Tensor({2}, {1, 0})).item() == doctest::Approx(0));
  CHECK(binary_cross_entropy_with_logits(Tensor({2}, {500, -500}), Tensor({2}, {0, 1})).item() == doctest::Approx(500));
  CHECK_THROWS_AS(binary_cross_entropy_with_logits(x, Tensor::zeros({3})), Error);
}

}  // namespace
}  // namespace fewer
