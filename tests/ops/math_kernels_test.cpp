// The vector functions against libm in long double, on every instruction set this processor has: random arguments
// over the whole range, and the extremes. Errors are in units in the last place of the correctly rounded float (or
// double).
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "core/rng.h"
#include "ops/kernels/elementwise.h"
#include "ops/kernels/isa.h"

namespace fewer {
namespace {

using kernels::Unary;
using Reference = long double (*)(long double);
using Limits = std::numeric_limits<Real>;

constexpr Real kInfinity = Limits::infinity();

struct Function {
  std::string name;
  Unary op;
  Reference reference;
  Real low, high;   // the range of random arguments
  double max_ulps;  // in float; libm keeps the double build within 2.5
};

long double sigmoid_reference(long double x) {
  return x < 0 ? std::exp(x) / (1 + std::exp(x)) : 1 / (1 + std::exp(-x));
}
long double softplus_reference(long double x) { return std::max(x, 0.0L) + std::log1p(std::exp(-std::abs(x))); }

const Function kFunctions[] = {
    {"exp", Unary::kExp, std::exp, -110, 90, 1},
    {"exp, near 0", Unary::kExp, std::exp, Real(-0.5), Real(0.5), 1},
    {"log", Unary::kLog, std::log, 0, 1e30f, 1},
    {"log, of middling numbers", Unary::kLog, std::log, 0, 1000, 1},
    {"log, near 1", Unary::kLog, std::log, Real(0.5), 2, 1},
    {"log, below the normal range", Unary::kLog, std::log, 0, 1e-38f, 1},
    {"log1p", Unary::kLog1p, std::log1p, -1, 100, 1.5},
    {"log1p, near 0", Unary::kLog1p, std::log1p, -1e-3f, 1e-3f, 1.5},
    {"sqrt", Unary::kSqrt, std::sqrt, 0, 1e30f, 0.5},
    {"tanh", Unary::kTanh, std::tanh, -12, 12, 1.5},
    {"tanh, near 0", Unary::kTanh, std::tanh, -1, 1, 1.5},
    {"sigmoid", Unary::kSigmoid, sigmoid_reference, -110, 30, 2.5},
    {"sigmoid, near 0", Unary::kSigmoid, sigmoid_reference, -2, 2, 2.5},
    {"softplus", Unary::kSoftplus, softplus_reference, -110, 110, 2.5},
    {"softplus, near 0", Unary::kSoftplus, softplus_reference, -3, 3, 2.5},
    {"sin", Unary::kSin, std::sin, -20, 20, 1},
    {"sin, far out", Unary::kSin, std::sin, -1e7f, 1e7f, 1},
    {"cos", Unary::kCos, std::cos, -20, 20, 1},
    {"cos, far out", Unary::kCos, std::cos, -1e7f, 1e7f, 1},
};

std::vector<Real> apply(Unary op, const std::vector<Real>& x) {
  std::vector<Real> y(x.size());
  kernels::unary(op, x.data(), y.data(), static_cast<int64_t>(x.size()));
  return y;
}

// |y - exact| in units of the spacing of Real around the exact value.
double ulps(Real y, long double exact) {
  const Real rounded = static_cast<Real>(exact);
  if (y == rounded || (std::isnan(y) && std::isnan(rounded))) return 0;
  if (!std::isfinite(y) || !std::isfinite(rounded)) return std::numeric_limits<double>::infinity();
  const Real size = std::max(std::abs(rounded), Limits::min());
  return static_cast<double>(std::abs(y - exact) / (std::nextafter(size, kInfinity) - size));
}

TEST_CASE("vector math: as accurate as stated over random arguments, on every instruction set") {
  for (const std::string& isa : kernels::available_isas()) {
    kernels::set_isa(isa);
    for (const Function& f : kFunctions) {
      std::vector<Real> x(50001);  // whole vectors and a rest
      Rng(7).stream(f.name).fill_uniform(x.data(), static_cast<int64_t>(x.size()), f.low, f.high);
      const std::vector<Real> y = apply(f.op, x);
      double worst = 0;
      Real where = 0;
      for (size_t i = 0; i < x.size(); ++i) {
        const double error = ulps(y[i], f.reference(x[i]));
        if (!(error <= worst)) worst = error, where = x[i];
      }
      CHECK_MESSAGE(worst <= (sizeof(Real) == 4 ? f.max_ulps : 2.5),
                    f.name << " on " << isa << ": " << worst << " ulp at " << where);
    }
  }
}

TEST_CASE("vector math: infinities, NaN, zeros and the ends of the range come out as from libm") {
  const Real nan = Limits::quiet_NaN();
  const std::vector<Real> extremes = {
      0, Real(-0.0), kInfinity, -kInfinity, nan, Limits::max(), -Limits::max(), Limits::min(), -Limits::min(),
      Limits::denorm_min(), 1, -1, -2, 100, -100, 1e-20f, -1e-20f, 3e38f, 1e6f, 1048577.0f, 3e7f};
  for (const std::string& isa : kernels::available_isas()) {
    kernels::set_isa(isa);
    for (const Function& f : kFunctions) {
      const std::vector<Real> y = apply(f.op, extremes);
      for (size_t i = 0; i < y.size(); ++i) {
        const double error = ulps(y[i], f.reference(extremes[i]));
        CHECK_MESSAGE(error <= std::max(f.max_ulps, 1.0),
                      f.name << "(" << extremes[i] << ") = " << y[i] << " on " << isa);
      }
    }
  }
}

TEST_CASE("vector math: an element's value does not depend on its place") {
  for (const std::string& isa : kernels::available_isas()) {
    kernels::set_isa(isa);
    for (const Function& f : kFunctions) {
      const std::vector<Real> y = apply(f.op, std::vector<Real>(67, Real(0.7)));
      CHECK_MESSAGE(std::all_of(y.begin(), y.end(), [&](Real v) { return v == y[0]; }), f.name << " on " << isa);
    }
  }
}

TEST_CASE("vector math: powers come from libm") {
  const std::vector<Real> x = {0, 1, 2, Real(0.3), -2, kInfinity};
  for (const Real p : {Real(0), Real(0.5), Real(2), Real(-1), Real(3), Real(1.7)}) {
    std::vector<Real> y(x.size());
    kernels::unary(Unary::kPow, x.data(), y.data(), static_cast<int64_t>(x.size()), p);
    for (size_t i = 0; i < x.size(); ++i)
      CHECK(ulps(y[i], std::pow(static_cast<long double>(x[i]), static_cast<long double>(p))) <= 1);
  }
}

}  // namespace
}  // namespace fewer
