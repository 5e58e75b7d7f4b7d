// A loss that is not a number stops a run, and the message names the first op that made it.
#pragma once

#include <string>

#include "core/function_ref.h"
#include "core/tensor.h"
#include "nn/module.h"

namespace fewer {

// Throws Error(kOther) when `loss` is nan or infinite. `forward` repeats the computation of the loss, so that an observer can
// find the first op whose output is not finite; `where` says which step it was ("epoch 3, step 17").
void ensure_finite(const Tensor& loss, Layer& net, const std::string& where, FunctionRef<void()> forward);

}  // namespace fewer
