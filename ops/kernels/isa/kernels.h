// The kernels of one instruction set, as its table.cpp collects them.
#pragma once

#include "ops/kernels/isa/table.h"

namespace fewer::kernels::FEWER_ISA {

// Rows of C, and vectors per row, that a tile of the strip product keeps in registers: as many accumulators as leave room for one
// row of B and a broadcast. AVX-512 and NEON have 32 registers, AVX2 and SSE2 have 16.
#if defined(__AVX512F__) || defined(__aarch64__)
constexpr int64_t kTileRows = 8, kTileVectors = 2;
#elif defined(__AVX2__)
constexpr int64_t kTileRows = 6, kTileVectors = 2;
#else
constexpr int64_t kTileRows = 4, kTileVectors = 3;
#endif

void strip_product(const StripProduct<float>& p);
void strip_product(const StripProduct<double>& p);

void add_to(const float* from, float* to, int64_t n);
void add_to(const double* from, double* to, int64_t n);
void add_rows(const float* x, int64_t row_step, int64_t rows, int64_t columns, float* sums);
void add_rows(const double* x, int64_t row_step, int64_t rows, int64_t columns, double* sums);

void depthwise(const DepthwiseProduct<float>& p);
void depthwise(const DepthwiseProduct<double>& p);
void depthwise_weight(const DepthwiseWeight<float>& p);
void depthwise_weight(const DepthwiseWeight<double>& p);

void winograd_input(const WinogradTiles& t);
void winograd_output(const WinogradTiles& t);
void winograd_output_adjoint(const WinogradTiles& t);
void winograd_filter(const WinogradFilters& f);
void winograd_filter_adjoint(const WinogradFilters& f);

}  // namespace fewer::kernels::FEWER_ISA
