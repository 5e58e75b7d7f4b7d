// The direct convolution sums (ops/kernels/conv_direct.cpp, conv_weight.cpp, conv_depthwise.cpp). Same contracts as conv2d.h.
#pragma once

#include "ops/kernels/conv2d.h"

namespace fewer::kernels {

template <class T>
void direct_forward(const T* x, const T* w, T* y, const ConvSizes& s);
template <class T>
void direct_grad_input(const T* g, const T* w, T* dx, const ConvSizes& s);
template <class T>
void direct_grad_weight(const T* x, const T* g, T* dw, const ConvSizes& s);

}  // namespace fewer::kernels
