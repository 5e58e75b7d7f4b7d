// Normalisation: what turns bytes into the numbers a network sees. In this order, each step where it is asked for:
//
//   x = pixel / 255
//   x = (x - mean) / std                                    per channel, or
//   x = (x - mean of the image) / its standard deviation    contrast: global contrast normalisation
//   x = (x - whitening_mean) whitening                      ZCA, over all numbers of an image
//
// It is computed from the training split and kept with the model: a model file is of no use without it.
//
// ZCA (Bell, Sejnowski 1997; Krizhevsky 2009, appendix A) takes away the correlations between pixels and changes the image least: with
// the covariance C = V diag(l) V' of the training images, whitening = V diag(1 / sqrt(l + epsilon)) V'. Epsilon keeps directions in which
// images hardly differ from being blown up.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/describe.h"
#include "core/real.h"
#include "core/tensor.h"
#include "datasets/image_set.h"

namespace fewer {

struct Normalization {
  bool contrast = false;
  std::vector<double> mean;  // [C]
  std::vector<double> std;   // [C]
  Tensor whitening_mean = {}, whitening = {};  // [D], [D, D] with D = H W C; undefined: no whitening

  static Normalization none(int64_t channels);       // x = pixel / 255
  static Normalization of(const Split& train);       // per channel: mean 0 and standard deviation 1. Throws when the split is empty
  static Normalization with_contrast(int64_t channels);
  // Contrast, then ZCA. Takes some D^3 and N D^2 operations: half a minute for 50,000 images of CIFAR's size. Throws when the split is
  // empty or an image has more than kMostWhitened numbers.
  static Normalization zca(const Split& train, double epsilon);
  static constexpr int64_t kMostWhitened = 6144;

  // out [D] = x of one image, all but whitened. Sizes are those of the images it was made for. With contrast, mean is 0 and std is 1.
  void apply(std::span<const uint8_t> pixels, Real* out) const;
  // The last step, in place, for x [n, D]; nothing without whitening. Parallel over images.
  void whiten(Real* x, int64_t n) const;

  void describe(Visitor& v);  // all but the tensors
  friend bool operator==(const Normalization& a, const Normalization& b);
};

}  // namespace fewer
