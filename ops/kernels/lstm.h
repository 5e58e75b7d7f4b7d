// A whole-sequence LSTM on pointers: T steps, N sequences, D units; gates in the order i, f, g, o.
#pragma once

#include <cstdint>

#include "core/real.h"

namespace fewer::kernels {

struct LstmSizes {
  int64_t steps = 0, batch = 0, units = 0;  // T N D
};

// On entry `gates` [T, N, 4D] holds x W_x + bias of every step; on return what the gates let through. Fills c and h [T,
// N, D].
void lstm(const Real* h0, const Real* c0, const Real* w_h, Real* gates, Real* c, Real* h, const LstmSizes& s);

// Back through time. g_h [T, N, D] is the gradient of h as the caller uses it. On entry dh and dc [N, D] hold the
// gradients of the last h and c used as such; on return those of h0 and c0. d_gates [T, N, 4D]: the gradient of x W_x +
// bias.
void lstm_gradient(const Real* g_h, const Real* gates, const Real* c0, const Real* c, const Real* w_h, Real* d_gates,
                   Real* dh, Real* dc, const LstmSizes& s);

}  // namespace fewer::kernels
