// AdaMax (Kingma & Ba 2015, algorithm 2), Adam with the infinity norm, at step t = 1, 2, ...:
//
//   m <- beta1 m + (1 - beta1) g
//   v <- max(beta2 v, |g| + epsilon)
//   w <- w - lr / (1 - beta1^t) * m / v
//
// With `shift` (Courbariaux et al. 2016, algorithm 4) the factors of m are powers of two, so that hardware only shifts:
//
//   w <- w - AP2(lr / (1 - beta1^t)) * m * AP2(1 / v)
//
// v itself is kept as it is: stored rounded, as in the authors' code, the decay by beta2 = 0.999 would round away.
#include <algorithm>
#include <cmath>

#include "core/power_of_two.h"
#include "nn/update.h"

namespace fewer {

void AdaMaxConfig::describe(Visitor& v) {
  v.field("lr", lr, {.help = "learning rate", .min = 0});
  v.field("beta1", beta1, {.help = "memory of the mean gradient", .min = 0, .below = 1});
  v.field("beta2", beta2, {.help = "memory of the largest magnitude", .min = 0, .below = 1});
  v.field("epsilon", epsilon, {.help = "added to the magnitude, so that it is never 0", .above = 0});
  v.field("shift", shift, {.help = "round both factors to powers of two (BNN)"});
  update.describe(v);
}

void apply_rule(const AdaMaxConfig& config, const Update& update, const Shape& shape, Moments& moments) {
  const double t = static_cast<double>(moments.steps);
  const Real lr = static_cast<Real>(update.lr / (1 - std::pow(config.beta1, t)));
  const Real beta1 = static_cast<Real>(config.beta1), rest1 = static_cast<Real>(1 - config.beta1);
  const Real beta2 = static_cast<Real>(config.beta2), epsilon = static_cast<Real>(config.epsilon);
  const Real decay = static_cast<Real>(update.weight_decay);
  Real* const mean = moment_data(moments.first, shape);
  Real* const largest = moment_data(moments.second, shape);
  const auto average = [=](int64_t i, Real g) {
    mean[i] = beta1 * mean[i] + rest1 * g;
    largest[i] = std::max(beta2 * largest[i], std::abs(g) + epsilon);
  };
  if (config.shift) {
    return update_each(update, decay, [=, rounded_lr = ap2(lr)](int64_t i, Real g, Real) {
      average(i, g);
      return rounded_lr * mean[i] * ap2(1 / largest[i]);
    });
  }
  update_each(update, decay, [=](int64_t i, Real g, Real) {
    average(i, g);
    return lr * mean[i] / largest[i];
  });
}

}  // namespace fewer
