#include <doctest/doctest.h>

#include <cmath>

#include "core/config.h"
#include "nn/init.h"

using namespace fewer;

namespace {

struct Moments {
  double mean = 0, std = 0, largest = 0;
};

Moments moments(const Tensor& x) {
  Moments m;
  for (const Real value : x.values()) {
    m.mean += value;
    m.std += static_cast<double>(value) * value;
    m.largest = std::max(m.largest, std::abs(static_cast<double>(value)));
  }
  const double n = static_cast<double>(x.numel());
  m.mean /= n;
  m.std = std::sqrt(m.std / n - m.mean * m.mean);
  return m;
}

Moments moments(const InitConfig& init, const Shape& shape, int64_t groups = 1) {
  Rng rng(3);
  return moments(initial_values(init, shape, fans_of(shape, groups), rng));
}

// Of the matrix's rows, or of its columns: the largest difference of their products from the identity.
double distance_from_orthonormal(const Tensor& x, bool columns) {
  const int64_t rows = x.numel() / x.size(-1), cols = x.size(-1);
  const int64_t n = columns ? cols : rows, length = columns ? rows : cols;
  const auto at = [&](int64_t i, int64_t k) { return static_cast<double>(columns ? x.data()[k * cols + i] : x.data()[i * cols + k]); };
  double worst = 0;
  for (int64_t i = 0; i < n; ++i)
    for (int64_t j = 0; j < n; ++j) {
      double product = 0;
      for (int64_t k = 0; k < length; ++k) product += at(i, k) * at(j, k);
      worst = std::max(worst, std::abs(product - (i == j)));
    }
  return worst;
}

}  // namespace

TEST_CASE("init: fans count the receptive field and the groups") {
  CHECK(fans_of({784, 100}).in == 784);
  CHECK(fans_of({784, 100}).out == 100);
  CHECK(fans_of({3, 5, 8, 32}, 2).in == 3 * 5 * 8);
  CHECK(fans_of({3, 5, 8, 32}, 2).out == 3 * 5 * 16);
}

TEST_CASE("init: scaled initialisations have the spread of their formula") {
  const Shape conv{3, 3, 64, 128};  // fans 576 and 1152
  const struct {
    InitConfig init;
    double std;
  } rows[] = {{HeNormalInit{}, std::sqrt(2.0 / 576)},      {HeUniformInit{}, std::sqrt(2.0 / 576)},
              {GlorotNormalInit{}, std::sqrt(2.0 / 1728)}, {GlorotUniformInit{}, std::sqrt(2.0 / 1728)},
              {LecunNormalInit{}, std::sqrt(1.0 / 576)},   {LecunUniformInit{}, std::sqrt(1.0 / 576)},
              {FanInUniformInit{}, std::sqrt(1.0 / 576 / 3)}, {OrthogonalInit{}, std::sqrt(1.0 / 576)}};
  for (const auto& row : rows) {
    CAPTURE(row.init.index());
    const Moments m = moments(row.init, conv);
    CHECK(m.std == doctest::Approx(row.std).epsilon(0.02));
    CHECK(std::abs(m.mean) < 0.02 * row.std);
  }
}

TEST_CASE("init: the papers' odd ones keep to their bounds and means") {
  CHECK(moments(UniformInit{.low = -0.005, .high = 0.005}, {100, 100}).largest <= 0.005);
  CHECK(moments(NormalInit{.mean = 0.5, .std = 0.01}, {100, 100}).mean == doctest::Approx(0.5).epsilon(0.001));
  const Moments cut = moments(TruncatedNormalInit{.std = 0.01}, {100, 100});
  CHECK(cut.largest <= 0.02);
  CHECK(cut.std == doctest::Approx(0.0088).epsilon(0.03));  // of a normal cut at two deviations
  CHECK(moments(ConstantInit{.value = 2}, {3, 3}).mean == 2);
}

TEST_CASE("init: an orthogonal weight has rows or columns at right angles, of length gain") {
  Rng rng(5);
  const auto draw = [&](const Shape& shape) { return initial_values(OrthogonalInit{}, shape, fans_of(shape), rng); };
  CHECK(distance_from_orthonormal(draw({20, 7}), true) < 1e-5);
  CHECK(distance_from_orthonormal(draw({7, 20}), false) < 1e-5);
  CHECK(distance_from_orthonormal(draw({3, 3, 4, 10}), true) < 1e-5);
  CHECK_THROWS_WITH_AS(initial_values(OrthogonalInit{}, {5}, {}, rng), doctest::Contains("the shape is [5]"), Error);
}

TEST_CASE("init: a config names it, with or without its numbers") {
  LayerInit init;
  read_json(init, R"({"weight": "orthogonal", "bias": {"name": "normal", "mean": 0.5, "std": 0.01}})", "test");
  CHECK(std::holds_alternative<OrthogonalInit>(init.weight));
  CHECK(std::get<NormalInit>(init.bias).mean == 0.5);
}
