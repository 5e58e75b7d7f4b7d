// The definition of convolution, as nested loops in double: what the kernels must match.
#pragma once

#include <vector>

#include "ops/kernels/conv2d.h"

namespace fewer::testing {

using kernels::ConvSizes;

// Fills out_height and out_width from the other sizes.
ConvSizes with_outputs(ConvSizes s);
int64_t input_size(const ConvSizes& s);   // elements of x
int64_t weight_size(const ConvSizes& s);  // elements of w
int64_t output_size(const ConvSizes& s);  // elements of y

std::vector<double> naive_conv2d(const std::vector<double>& x, const std::vector<double>& w, const ConvSizes& s);
std::vector<double> naive_conv2d_grad_input(const std::vector<double>& g, const std::vector<double>& w, const ConvSizes& s);
std::vector<double> naive_conv2d_grad_weight(const std::vector<double>& x, const std::vector<double>& g, const ConvSizes& s);

}  // namespace fewer::testing
