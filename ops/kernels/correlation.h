// Forward convolution and its adjoint by the input are the same sum with other sizes: a correlation.
//
//   target[n, h, w, c'] = sum over taps and c of  source[n, h * stride + tap, w * stride + tap, c] * weight[tap, c, c']
//
// Forward, the source is x. By the input, the source is g, the taps run backwards and the weights are transposed; with a stride s the
// inputs fall into s * s classes, a correlation each, that together take no more products than the forward pass.
#pragma once

#include "ops/kernels/conv_window.h"

namespace fewer::kernels {

struct Correlation {
  Axis h, w;
  int64_t images, groups;
  int64_t reads, writes;       // channels per group of the source and of the target
  int64_t target_h, target_w;  // the target is [images, target_h, target_w, groups * writes]
  bool transposed;             // weights are [kH, kW, writes, groups * reads] instead of [kH, kW, reads, groups * writes]
  int64_t kernel_w;
};

Correlation forward_correlation(const ConvSizes& s);
Correlation adjoint_correlation(const ConvSizes& s, int64_t phase_h, int64_t phase_w);  // 0 <= phase < stride

// The weights of target channels [begin, begin + columns) of a group as a strip, [taps * reads][width], taps in the order of the axes.
template <class T>
void pack_weights(const T* weights, const Correlation& c, int64_t group, int64_t begin, int64_t columns, int64_t width, T* out);

// Zeros for the target positions that c addresses.
template <class T>
void clear_target(T* target, const Correlation& c);

// The direct sum (conv_direct.cpp). Fills the target positions that c addresses; the epilogue is laid out as the target.
template <class T>
void direct_correlate(const T* source, const T* weights, T* target, const Correlation& c, const Epilogue<T>& end);
// dw [kH, kW, I/groups, O], the direct sum (conv_weight.cpp), and unless null dbias [O].
template <class T>
void direct_grad_weight(const T* x, const T* g, T* dw, const ConvSizes& s, T* dbias);

// dx of conv2d_grad_input by one product and additions (conv_scatter.cpp), and whether that is faster than the direct sum.
template <class T>
bool scatter_pays(const ConvSizes& s);
template <class T>
void scatter_grad_input(const T* g, const T* w, T* dx, const ConvSizes& s);

// Depthwise convolutions, groups = I, with their two adjoints (conv_depthwise.cpp). Contracts as in conv2d.h.
template <class T>
void depthwise_forward(const T* x, const T* w, T* y, const ConvSizes& s, const Epilogue<T>& end);
template <class T>
void depthwise_grad_input(const T* g, const T* w, T* dx, const ConvSizes& s);
template <class T>
void depthwise_grad_weight(const T* x, const T* g, T* dw, const ConvSizes& s);

// The same as direct_* by Winograd's F(m x m, 3x3) (winograd.cpp, winograd_weight.cpp), and whether it applies and pays.
bool winograd_pays(const Correlation& c);
void winograd_correlate(const float* source, const float* weights, float* target, const Correlation& c, const Epilogue<float>& end);
void winograd_grad_weight(const float* x, const float* g, float* dw, const ConvSizes& s, float* dbias);

}  // namespace fewer::kernels
