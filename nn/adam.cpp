// Adam (Kingma & Ba 2015, algorithm 1) at step t = 1, 2, ...:
//
//   m <- beta1 m + (1 - beta1) g
//   v <- beta2 v + (1 - beta2) g^2
//   w <- w - lr (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + epsilon)
//
// Both averages start at 0; the divisions undo what that takes off the first steps. With `decoupled` (AdamW) the
// weights also lose the share lr * weight_decay, instead of the decay passing through m and v.
#include <cmath>

#include "nn/update.h"

namespace fewer {

void AdamConfig::describe(Visitor& v) {
  v.field("lr", lr, {.help = "learning rate", .min = 0});
  v.field("beta1", beta1, {.help = "memory of the mean gradient", .min = 0, .below = 1});
  v.field("beta2", beta2, {.help = "memory of the mean square", .min = 0, .below = 1});
  v.field("epsilon", epsilon, {.help = "added to the root mean square", .min = 0});
  v.field("decoupled", decoupled, {.help = "decay the weights themselves (AdamW)"});
  update.describe(v);
}

void apply_rule(const AdamConfig& config, const Update& update, const Shape& shape, Moments& moments) {
  const double t = static_cast<double>(moments.steps);
  const Real lr = static_cast<Real>(update.lr / (1 - std::pow(config.beta1, t)));
  const Real root_scale = static_cast<Real>(1 / std::sqrt(1 - std::pow(config.beta2, t)));
  const Real beta1 = static_cast<Real>(config.beta1), rest1 = static_cast<Real>(1 - config.beta1);
  const Real beta2 = static_cast<Real>(config.beta2), rest2 = static_cast<Real>(1 - config.beta2);
  const Real epsilon = static_cast<Real>(config.epsilon);
  const Real share_lost = static_cast<Real>(config.decoupled ? update.lr * update.weight_decay : 0);
  Real* const mean = moment_data(moments.first, shape);
  Real* const square = moment_data(moments.second, shape);
  update_each(update, static_cast<Real>(config.decoupled ? 0 : update.weight_decay), [=](int64_t i, Real g, Real w) {
    mean[i] = beta1 * mean[i] + rest1 * g;
    square[i] = beta2 * square[i] + rest2 * g * g;
    return share_lost * w + lr * mean[i] / (std::sqrt(square[i]) * root_scale + epsilon);
  });
}

}  // namespace fewer
