// Finds a member that describe() forgot: the leaves a recorded forward pass reaches must be exactly parameters(net).
#pragma once

#include <string>
#include <vector>

#include "nn/module.h"

namespace fewer::testing {

// What is wrong, one sentence each; empty when all is well. `output` is the result of a forward pass of `net` on a constant.
std::vector<std::string> forgotten_members(const Layer& net, const Tensor& output);

}  // namespace fewer::testing
