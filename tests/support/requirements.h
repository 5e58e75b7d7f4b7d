// What some tests need and a machine may lack: real data, PyTorch.
//
//   if (!have_data("mnist")) return;
//
// When it is missing the test says "SKIPPED: ..." and passes; when $FEWER_REQUIRE (a list such as "torch,data") names
// the need, the test fails.
#pragma once

#include <string>

namespace fewer::testing {

bool have_data(const std::string& name);   // a data set of datasets/registry.h can be found
bool have_file(const std::string& name);   // a file in one of the places for data: "uci/adult.data"
bool have_torch();                         // kTorchPython can import torch

inline constexpr const char* kTorchPython = "/usr/bin/python3";  // Debian's, which python3-torch belongs to

}  // namespace fewer::testing
