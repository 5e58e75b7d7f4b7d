// AP2, the approximate power of two of Courbariaux et al. 2016: multiplying by it is a shift of the exponent.
#pragma once

#include <bit>
#include <cstdint>
#include <type_traits>

#include "core/real.h"

namespace fewer {

// sign(x) * 2^round(log2 |x|); 0 for 0. Scaling by sqrt(2) turns the rounding of the logarithm into rounding down,
// which for a floating-point number means: keep sign and exponent, clear the fraction.
inline Real ap2(Real x) {
  using Bits = std::conditional_t<sizeof(Real) == 4, uint32_t, uint64_t>;
  constexpr int kFractionBits = sizeof(Real) == 4 ? 23 : 52;
  constexpr Bits kSignAndExponent = ~((Bits{1} << kFractionBits) - 1);
  return std::bit_cast<Real>(std::bit_cast<Bits>(x * Real(1.4142135623730951)) & kSignAndExponent);
}

}  // namespace fewer
