// Chooses how a convolution is computed.
#include "ops/kernels/conv2d.h"

#include "ops/kernels/correlation.h"
#include "ops/kernels/gemm.h"

namespace fewer::kernels {
namespace {

ConvAlgorithm process_algorithm = ConvAlgorithm::kAuto;

// A 1x1 convolution that reads every pixel once is a matrix product over all pixels.
bool is_product(const ConvSizes& s) {
  return s.kernel_h == 1 && s.kernel_w == 1 && s.stride_h == 1 && s.stride_w == 1 && s.groups == 1 && s.out_height == s.height &&
         s.out_width == s.width;
}
bool is_depthwise(const ConvSizes& s) { return s.groups > 1 && s.groups == s.in; }
int64_t pixels(const ConvSizes& s) { return s.batch * s.height * s.width; }

template <class T>
void correlate(const T* source, const T* weights, T* target, const Correlation& c, const Epilogue<T>& end = {}) {
  if constexpr (std::is_same_v<T, float>)
    if (process_algorithm == ConvAlgorithm::kAuto && winograd_pays(c)) return winograd_correlate(source, weights, target, c, end);
  direct_correlate(source, weights, target, c, end);
}

template <class T>
void forward(const T* x, const T* w, T* y, const ConvSizes& s, const Epilogue<T>& end) {
  if (is_product(s)) return gemm(x, w, y, {.m = pixels(s), .n = s.out, .k = s.in}, end);
  if (is_depthwise(s)) return depthwise_forward(x, w, y, s, end);
  correlate(x, w, y, forward_correlation(s), end);
}

template <class T>
void grad_input(const T* g, const T* w, T* dx, const ConvSizes& s) {
  if (is_product(s)) return gemm(g, w, dx, {.m = pixels(s), .n = s.in, .k = s.out, .transpose_b = true});
  if (is_depthwise(s)) return depthwise_grad_input(g, w, dx, s);
  if (scatter_pays<T>(s)) return scatter_grad_input(g, w, dx, s);
  for (int64_t phase_h = 0; phase_h < s.stride_h; ++phase_h)
    for (int64_t phase_w = 0; phase_w < s.stride_w; ++phase_w) correlate(g, w, dx, adjoint_correlation(s, phase_h, phase_w));
}

template <class T>
void grad_weight(const T* x, const T* g, T* dw, const ConvSizes& s, T* dbias) {
  if constexpr (std::is_same_v<T, float>)
    if (process_algorithm == ConvAlgorithm::kAuto && winograd_pays(forward_correlation(s))) return winograd_grad_weight(x, g, dw, s, dbias);
  if (!is_product(s) && !is_depthwise(s)) return direct_grad_weight(x, g, dw, s, dbias);
  if (dbias) sum_rows(g, s.batch * s.out_height * s.out_width, s.out, dbias);
  if (is_depthwise(s)) return depthwise_grad_weight(x, g, dw, s);
  gemm(x, g, dw, {.m = s.in, .n = s.out, .k = pixels(s), .transpose_a = true});
}

}  // namespace

void set_conv_algorithm(ConvAlgorithm algorithm) { process_algorithm = algorithm; }
ConvAlgorithm conv_algorithm() { return process_algorithm; }

void conv2d(const float* x, const float* w, float* y, const ConvSizes& s, const Epilogue<float>& end) { forward(x, w, y, s, end); }
void conv2d(const double* x, const double* w, double* y, const ConvSizes& s, const Epilogue<double>& end) { forward(x, w, y, s, end); }
void conv2d_grad_input(const float* g, const float* w, float* dx, const ConvSizes& s) { grad_input(g, w, dx, s); }
void conv2d_grad_input(const double* g, const double* w, double* dx, const ConvSizes& s) { grad_input(g, w, dx, s); }
void conv2d_grad_weight(const float* x, const float* g, float* dw, const ConvSizes& s, float* dbias) { grad_weight(x, g, dw, s, dbias); }
void conv2d_grad_weight(const double* x, const double* g, double* dw, const ConvSizes& s, double* dbias) { grad_weight(x, g, dw, s, dbias); }

}  // namespace fewer::kernels
