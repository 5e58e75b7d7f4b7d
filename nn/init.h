// Initialisations: where training starts.
//
// In a config: "init": {"weight": "he_normal", "bias": {"name": "uniform", "low": -0.005, "high": 0.005}}.
// Fans count how many values meet in one output (in) and how many outputs one value reaches (out): for a linear weight
// [I, O] they are I and O, for a convolution [kH, kW, I, O] kH*kW times as many. With variance 2/fan_in the scale of the
// activations stays the same through layers of ReLU (He et al. 2015), with 2/(fan_in + fan_out) through tanh, forward and
// backward (Glorot & Bengio 2010).
#pragma once

#include <variant>

#include "core/describe.h"
#include "core/rng.h"
#include "core/tensor.h"

namespace fewer {

struct HeNormalInit {  // N(0, 2/fan_in)
  static constexpr const char* kName = "he_normal";
  void describe(Visitor&) {}
};
struct HeUniformInit {  // U(-a, a), a = sqrt(6/fan_in)
  static constexpr const char* kName = "he_uniform";
  void describe(Visitor&) {}
};
struct GlorotNormalInit {  // N(0, 2/(fan_in + fan_out)); also called Xavier
  static constexpr const char* kName = "glorot_normal";
  void describe(Visitor&) {}
};
struct GlorotUniformInit {  // U(-a, a), a = sqrt(6/(fan_in + fan_out))
  static constexpr const char* kName = "glorot_uniform";
  void describe(Visitor&) {}
};
struct LecunNormalInit {  // N(0, 1/fan_in)
  static constexpr const char* kName = "lecun_normal";
  void describe(Visitor&) {}
};
struct LecunUniformInit {  // U(-a, a), a = sqrt(3/fan_in)
  static constexpr const char* kName = "lecun_uniform";
  void describe(Visitor&) {}
};
struct FanInUniformInit {  // U(-a, a), a = scale/sqrt(fan_in): what PyTorch and Torch7 start weights and biases with
  static constexpr const char* kName = "fan_in_uniform";
  double scale = 1;
  void describe(Visitor& v) { v.field("scale", scale, {.help = "bound times sqrt(fan_in)", .above = 0}); }
};
struct OrthogonalInit {  // columns (or rows, whichever are fewer) of length `gain` at right angles (Saxe et al. 2014)
  static constexpr const char* kName = "orthogonal";
  double gain = 1;
  void describe(Visitor& v) { v.field("gain", gain, {.help = "length of each column", .above = 0}); }
};
struct UniformInit {
  static constexpr const char* kName = "uniform";
  double low = -0.05, high = 0.05;
  void describe(Visitor& v) {
    v.field("low", low, {.help = "lower bound"});
    v.field("high", high, {.help = "upper bound"});
    v.check(low <= high, "low lies above high", {"low", "high"});
  }
};
struct NormalInit {
  static constexpr const char* kName = "normal";
  double mean = 0, std = 0.01;
  void describe(Visitor& v) {
    v.field("mean", mean, {.help = "mean"});
    v.field("std", std, {.help = "standard deviation", .min = 0});
  }
};
struct TruncatedNormalInit {  // draws beyond two standard deviations are drawn again
  static constexpr const char* kName = "truncated_normal";
  double mean = 0, std = 0.01;
  void describe(Visitor& v) {
    v.field("mean", mean, {.help = "mean"});
    v.field("std", std, {.help = "standard deviation before the cut", .min = 0});
  }
};
struct ConstantInit {
  static constexpr const char* kName = "constant";
  double value = 0;
  void describe(Visitor& v) { v.field("value", value, {.help = "every element"}); }
};

using InitConfig = std::variant<HeNormalInit, HeUniformInit, GlorotNormalInit, GlorotUniformInit, LecunNormalInit,
                                LecunUniformInit, FanInUniformInit, OrthogonalInit, UniformInit, NormalInit,
                                TruncatedNormalInit, ConstantInit>;

// How a layer with weights and biases starts.
struct LayerInit {
  InitConfig weight = HeNormalInit{};
  InitConfig bias = ConstantInit{0};
  void describe(Visitor& v) {
    v.field("weight", weight, {.help = "of weights"});
    v.field("bias", bias, {.help = "of biases"});
  }
};

struct Fans {
  int64_t in = 1, out = 1;
};
// Of a weight [..., I/groups, O]: leading axes are a receptive field. REQUIRES: rank >= 2.
Fans fans_of(const Shape& weight, int64_t groups = 1);

// A tensor to start from. `fans` are those of the layer's weight, for its bias too.
// Throws when an orthogonal tensor has less than two axes.
Tensor initial_values(const InitConfig& init, const Shape& shape, Fans fans, Rng& rng);

}  // namespace fewer
