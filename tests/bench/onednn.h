// oneDNN's convolutions, called directly.
#pragma once

#include "ops/kernels/conv2d.h"
#include "tests/bench/bench.h"

namespace fewer::bench {

enum class ConvPass { kForward, kGradInput, kGradWeight };

// The direct algorithm in the layouts oneDNN itself prefers; bringing data into them is not timed. Null without oneDNN.
SidePtr onednn_side(const kernels::ConvSizes& sizes, ConvPass pass);
bool have_onednn();

}  // namespace fewer::bench
