// Normalisation: what turns bytes into the numbers a network sees, x = (pixel / 255 - mean) / std, per channel.
//
// It is computed from the training split and kept with the model: a model file is of no use without it.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/describe.h"
#include "core/real.h"
#include "datasets/image_set.h"

namespace fewer {

struct Normalization {
  std::vector<double> mean;  // [C], of pixel / 255
  std::vector<double> std;   // [C]

  static Normalization none(int64_t channels);  // mean 0, std 1: x = pixel / 255
  static Normalization of(const Split& train);  // the split's mean and standard deviation. Throws when it is empty

  // out[i] = x of pixels[i]; the last axis of both is C.
  void apply(std::span<const uint8_t> pixels, Real* out) const;

  void describe(Visitor& v);
  bool operator==(const Normalization&) const = default;
};

}  // namespace fewer
