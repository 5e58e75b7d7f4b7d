// RMSProp (Tieleman & Hinton 2012): each weight's step is divided by a running root mean square of its gradient.
//
//   r <- alpha r + (1 - alpha) g^2
//   s  = g / (sqrt(r) + epsilon)             or, with a floor:  g / max(sqrt(r), floor)
//   u <- momentum u + s,   w <- w - lr u     without momentum: u = s
//
// The floored form is pylearn2's, whose `max_scaling` is 1 / floor; FitNets was trained with floor = 1e-5. The two
// differ where gradients are tiny: a root mean square of 1e-4 is left alone by the floor.
#include <algorithm>
#include <cmath>

#include "nn/update.h"

namespace fewer {

void RmsPropConfig::describe(Visitor& v) {
  v.field("lr", lr, {.help = "learning rate", .min = 0});
  v.field("alpha", alpha, {.help = "memory of the mean square", .min = 0, .below = 1});
  v.field("epsilon", epsilon, {.help = "added to the root mean square, unless there is a floor", .min = 0});
  v.field("floor", floor, {.help = "least root mean square; 0: none, add epsilon", .min = 0});
  v.field("momentum", momentum, {.help = "share of the last step kept", .min = 0, .below = 1});
  update.describe(v);
}

void apply_rule(const RmsPropConfig& config, const Update& update, const Shape& shape, Moments& moments) {
  const Real lr = static_cast<Real>(update.lr), momentum = static_cast<Real>(config.momentum);
  const Real alpha = static_cast<Real>(config.alpha), rest = static_cast<Real>(1 - config.alpha);
  const Real decay = static_cast<Real>(update.weight_decay);
  const Real floor = static_cast<Real>(config.floor);
  const Real epsilon = static_cast<Real>(config.floor > 0 ? 0 : config.epsilon);
  Real* const square = moment_data(moments.second, shape);
  const auto scaled = [=](int64_t i, Real g) {
    square[i] = alpha * square[i] + rest * g * g;
    return g / (std::max(std::sqrt(square[i]), floor) + epsilon);
  };
  if (momentum == 0) return update_each(update, decay, [=](int64_t i, Real g, Real) { return lr * scaled(i, g); });

  Real* const velocity = moment_data(moments.first, shape);
  update_each(update, decay, [=](int64_t i, Real g, Real) {
    velocity[i] = momentum * velocity[i] + scaled(i, g);
    return lr * velocity[i];
  });
}

}  // namespace fewer
