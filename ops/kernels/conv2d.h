// Two-dimensional convolution (cross-correlation, as every framework has it) and its two adjoints, on pointers.
//
//   x [N, H, W, I]   w [kH, kW, I/groups, O]   y, g [N, H', W', O]
//
// Group j reads input channels [j I/groups, (j+1) I/groups) and writes output channels [j O/groups, (j+1) O/groups).
// groups = I is a depthwise convolution with channel multiplier O/I.
// The bits of a result depend on the sizes, the instruction set and the algorithm alone, never on the number of threads.
#pragma once

#include <cstdint>

#include "ops/kernels/epilogue.h"

namespace fewer::kernels {

struct ConvSizes {
  int64_t batch = 0, height = 0, width = 0, in = 0;  // N H W I
  int64_t kernel_h = 0, kernel_w = 0, out = 0;       // kH kW O
  int64_t out_height = 0, out_width = 0;             // H' W'
  int64_t stride_h = 1, stride_w = 1;
  int64_t pad_top = 0, pad_bottom = 0, pad_left = 0, pad_right = 0;  // zeros added on each side
  int64_t dilation_h = 1, dilation_w = 1;
  int64_t groups = 1;
};

// All three fill their output (nothing is accumulated) and need no output to be initialised.
// REQUIRES: groups divides in and out;
//   out_height = (height + pad_top + pad_bottom - dilation_h (kernel_h - 1) - 1) / stride_h + 1, rounded down, and >= 0; so for width.
// A batch of 0 is fine.
void conv2d(const float* x, const float* w, float* y, const ConvSizes& s, const Epilogue<float>& end = {});
void conv2d(const double* x, const double* w, double* y, const ConvSizes& s, const Epilogue<double>& end = {});
// dx = the gradient of sum(y g) by x.
void conv2d_grad_input(const float* g, const float* w, float* dx, const ConvSizes& s);
void conv2d_grad_input(const double* g, const double* w, double* dx, const ConvSizes& s);
// dw = the gradient of sum(y g) by w, and unless null dbias [O] = the gradient by a bias, the sum of g over all pixels, on the way.
void conv2d_grad_weight(const float* x, const float* g, float* dw, const ConvSizes& s, float* dbias = nullptr);
void conv2d_grad_weight(const double* x, const double* g, double* dw, const ConvSizes& s, double* dbias = nullptr);

// kAuto: Winograd F(m x m, 3x3) where it is faster (3x3, stride 1, enough channels), the direct sum elsewhere. Winograd does 3 to 5 times
// fewer products and loses two to three bits of accuracy (ops/kernels/winograd.cpp).
// kDirect: always the direct sum. For exact comparisons and finite differences.
// doubles always use the direct sum.
enum class ConvAlgorithm { kAuto, kDirect };
void set_conv_algorithm(ConvAlgorithm algorithm);  // for the whole process; call it outside parallel work
ConvAlgorithm conv_algorithm();

}  // namespace fewer::kernels
