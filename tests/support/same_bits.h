// The promise on determinism, as a check.
#pragma once

#include <doctest/doctest.h>

#include "core/parallel.h"
#include "ops/kernels/isa.h"
#include "tests/support/naive_gemm.h"

namespace fewer::testing {

// values(), anything that compares, must be the same with 1, 2 and 3 threads, on every instruction set of this machine.
template <class Values>
void check_same_bits(Values values) {
  const KeepSettings keep;
  for (const std::string& isa : kernels::available_isas()) {
    kernels::set_isa(isa);
    set_threads(1);
    const auto serial = values();
    for (const int n : {2, 3}) {
      set_threads(n);
      CHECK(values() == serial);
    }
  }
}

}  // namespace fewer::testing
