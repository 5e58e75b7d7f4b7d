#include "datasets/normalization.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "core/blas.h"
#include "core/error.h"
#include "core/linalg.h"
#include "core/parallel.h"

namespace fewer {
namespace {

using Histogram = std::array<int64_t, 256>;  // how often each byte value occurs: sums over it are exact

std::vector<Histogram> count_values(const Split& split) {
  const int64_t channels = split.images().channels;
  std::vector<Histogram> counts(static_cast<size_t>(channels), Histogram{});
  for (int64_t i = 0; i < split.size(); ++i) {
    const std::span<const uint8_t> image = split.image(i);
    for (size_t p = 0; p < image.size();)
      for (Histogram& count : counts) ++count[image[p++]];
  }
  return counts;
}

// The mean of f(pixel / 255) over everything counted.
template <class F>
double expectation(const Histogram& counts, F f) {
  double sum = 0;
  int64_t n = 0;
  for (size_t v = 0; v < counts.size(); ++v) {
    sum += static_cast<double>(counts[v]) * f(static_cast<double>(v) / 255);
    n += counts[v];
  }
  return sum / static_cast<double>(n);
}

// A serial OpenBLAS takes one call at a time.
struct SerialUnlessConcurrent {
  std::optional<SerialScope> serial;
  SerialUnlessConcurrent() {
    if (!blas::concurrent()) serial.emplace();
  }
};

// One image to mean 0 and standard deviation 1; a constant one becomes 0.
void normalize_contrast(std::span<Real> x) {
  double sum = 0, squares = 0;
  for (const Real value : x) sum += value;
  const double mean = sum / static_cast<double>(x.size());
  for (const Real value : x) squares += (value - mean) * (value - mean);
  const double deviation = std::sqrt(squares / static_cast<double>(x.size()));
  const double scale = deviation > 1e-8 ? 1 / deviation : 0;
  for (Real& value : x) value = static_cast<Real>((value - mean) * scale);
}

constexpr int64_t kRows = 1000;  // images whose covariance is summed at a time

struct Moments {
  linalg::Matrix covariance;  // [D, D]
  std::vector<double> mean;   // [D]
};

// In two passes over the images: the mean, then the covariance around it, a block of its columns per task.
Moments moments(const Split& train, const Normalization& normalization) {
  const int64_t d = train.images().image_bytes(), n = train.size();
  Moments m{linalg::Matrix(d, d), std::vector<double>(static_cast<size_t>(d))};
  std::vector<Real> x(static_cast<size_t>(d));
  for (int64_t i = 0; i < n; ++i) {
    normalization.apply(train.image(i), x.data());
    for (size_t j = 0; j < x.size(); ++j) m.mean[j] += x[j];
  }
  for (double& value : m.mean) value /= static_cast<double>(n);
  std::vector<double> rows(static_cast<size_t>(std::min(kRows, n) * d));
  for (int64_t begin = 0; begin < n; begin += kRows) {
    const int64_t count = std::min(kRows, n - begin);
    for (int64_t i = 0; i < count; ++i) {
      normalization.apply(train.image(begin + i), x.data());
      for (int64_t j = 0; j < d; ++j) rows[static_cast<size_t>(i * d + j)] = x[static_cast<size_t>(j)] - m.mean[static_cast<size_t>(j)];
    }
    constexpr int64_t kColumns = 256;
    const SerialUnlessConcurrent blas_rule;
    parallel_for(d, kColumns, [&](int64_t first, int64_t last) {
      blas::gemm(rows.data() + first, rows.data(), m.covariance.data() + first * d,
                 {.m = last - first, .n = d, .k = count, .transpose_a = true, .transpose_b = false, .accumulate = true, .lda = d, .ldb = d, .ldc = d});
    });
  }
  for (int64_t i = 0; i < d * d; ++i) m.covariance.data()[i] /= static_cast<double>(n);
  return m;
}

// V diag(1 / sqrt(l + epsilon)) V'.
linalg::Matrix inverse_square_root(const linalg::Matrix& covariance, double epsilon) {
  const linalg::SymmetricEigen eigen = linalg::symmetric_eigen(covariance);
  linalg::Matrix scaled = eigen.vectors;
  for (int64_t i = 0; i < scaled.rows(); ++i)
    for (int64_t j = 0; j < scaled.cols(); ++j)
      scaled(i, j) /= std::sqrt(std::max(0.0, eigen.values[static_cast<size_t>(j)]) + epsilon);
  return linalg::multiply(scaled, eigen.vectors, {.transpose_b = true});
}

}  // namespace

Normalization Normalization::none(int64_t channels) {
  const size_t n = static_cast<size_t>(channels);
  return {.mean = std::vector<double>(n, 0.0), .std = std::vector<double>(n, 1.0)};
}

Normalization Normalization::with_contrast(int64_t channels) {
  Normalization result = none(channels);
  result.contrast = true;
  return result;
}

Normalization Normalization::zca(const Split& train, double epsilon) {
  ENSURE(!train.empty(), "normalisation: expected training images to compute it from, got none");
  const int64_t d = train.images().image_bytes();
  ENSURE(d <= kMostWhitened, "zca: expected images of at most ", kMostWhitened, " numbers, as whitening is a square matrix of them; got ",
         train.images().image_shape());
  Normalization result = with_contrast(train.images().channels);
  const Moments m = moments(train, result);
  result.whitening = inverse_square_root(m.covariance, epsilon).tensor();
  result.whitening_mean = Tensor::uninitialized({d});
  std::copy(m.mean.begin(), m.mean.end(), result.whitening_mean.mutable_data());
  return result;
}

Normalization Normalization::of(const Split& train) {
  ENSURE(!train.empty(), "normalisation: expected training images to compute it from, got none");
  Normalization result;
  for (const Histogram& counts : count_values(train)) {
    const double mean = expectation(counts, [](double value) { return value; });
    const double variance = expectation(counts, [&](double value) { return (value - mean) * (value - mean); });
    result.mean.push_back(mean);
    result.std.push_back(variance > 0 ? std::sqrt(variance) : 1.0);  // a constant channel becomes 0, not infinite
  }
  return result;
}

void Normalization::describe(Visitor& v) {
  v.field("contrast", contrast, {.help = "each image to mean 0 and std 1 first"});
  v.field("mean", mean, {.help = "of pixel / 255, per channel", .min = 0, .max = 1});
  v.field("std", std, {.help = "of pixel / 255, per channel", .above = 0, .max = 1});
  v.check(mean.size() == std.size(), "mean and std need one number per channel each", {"mean", "std"});
}

namespace {
bool same_values(const Tensor& a, const Tensor& b) {
  return a.defined() == b.defined() && (!a.defined() || std::ranges::equal(a.values(), b.values()));
}
}  // namespace

bool operator==(const Normalization& a, const Normalization& b) {
  return a.contrast == b.contrast && a.mean == b.mean && a.std == b.std && same_values(a.whitening_mean, b.whitening_mean) &&
         same_values(a.whitening, b.whitening);
}

void Normalization::apply(std::span<const uint8_t> pixels, Real* out) const {
  if (contrast) {
    for (size_t i = 0; i < pixels.size(); ++i) out[i] = static_cast<Real>(pixels[i]) / 255;
    return normalize_contrast({out, pixels.size()});
  }
  const size_t channels = mean.size();
  for (size_t c = 0; c < channels; ++c) {
    const Real scale = static_cast<Real>(1 / (255 * std[c]));
    const Real offset = static_cast<Real>(-mean[c] / std[c]);
    for (size_t i = c; i < pixels.size(); i += channels) out[i] = static_cast<Real>(pixels[i]) * scale + offset;
  }
}

void Normalization::whiten(Real* x, int64_t n) const {
  if (!whitening.defined()) return;
  const int64_t d = whitening.size(0);
  const Real *const matrix = whitening.data(), *const centre = whitening_mean.data();
  const SerialUnlessConcurrent blas_rule;
  constexpr int64_t kImages = 16;  // per product: the matrix is read once for all of them
  parallel_for(n, kImages, [&](int64_t begin, int64_t end) {
    std::vector<Real> centred(static_cast<size_t>((end - begin) * d));
    for (int64_t i = 0; i < static_cast<int64_t>(centred.size()); ++i) centred[static_cast<size_t>(i)] = x[begin * d + i] - centre[i % d];
    blas::gemm(centred.data(), matrix, x + begin * d,
               {.m = end - begin, .n = d, .k = d, .transpose_a = false, .transpose_b = false, .accumulate = false, .lda = d, .ldb = d, .ldc = d});
  });
}

}  // namespace fewer
