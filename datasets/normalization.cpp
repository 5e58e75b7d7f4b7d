#include "datasets/normalization.h"

#include <array>
#include <cmath>

#include "core/error.h"

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

}  // namespace

Normalization Normalization::none(int64_t channels) {
  const size_t n = static_cast<size_t>(channels);
  return {std::vector<double>(n, 0.0), std::vector<double>(n, 1.0)};
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
  v.field("mean", mean, {.help = "of pixel / 255, per channel", .min = 0, .max = 1});
  v.field("std", std, {.help = "of pixel / 255, per channel", .above = 0, .max = 1});
  v.check(mean.size() == std.size(), "mean and std need one number per channel each", {"mean", "std"});
}

void Normalization::apply(std::span<const uint8_t> pixels, Real* out) const {
  const size_t channels = mean.size();
  for (size_t c = 0; c < channels; ++c) {
    const Real scale = static_cast<Real>(1 / (255 * std[c]));
    const Real offset = static_cast<Real>(-mean[c] / std[c]);
    for (size_t i = c; i < pixels.size(); i += channels) out[i] = static_cast<Real>(pixels[i]) * scale + offset;
  }
}

}  // namespace fewer
