// Stochastic gradient descent with momentum (Polyak 1964) and Nesterov's variant in the form of Sutskever et al. 2013:
//
//   v <- momentum v + g
//   w <- w - lr v                      plain
//   w <- w - lr (g + momentum v)       nesterov: the gradient where the momentum is about to lead
//
// The learning rate multiplies the velocity when it is used, not when it is stored: a change of the rate acts at once.
#include "nn/update.h"

namespace fewer {

void SgdConfig::describe(Visitor& v) {
  v.field("lr", lr, {.help = "learning rate", .min = 0});
  v.field("momentum", momentum, {.help = "share of the last step kept", .min = 0, .below = 1});
  v.field("nesterov", nesterov, {.help = "look ahead along the momentum"});
  v.check(!nesterov || momentum > 0, "nesterov needs momentum above 0", {"nesterov", "momentum"});
  update.describe(v);
}

void apply_rule(const SgdConfig& config, const Update& update, const Shape& shape, Moments& moments) {
  const Real lr = static_cast<Real>(update.lr), decay = static_cast<Real>(update.weight_decay);
  const Real momentum = static_cast<Real>(config.momentum);
  if (momentum == 0) return update_each(update, decay, [lr](int64_t, Real g, Real) { return lr * g; });

  Real* const velocity = moment_data(moments.first, shape);
  if (config.nesterov) {
    return update_each(update, decay, [=](int64_t i, Real g, Real) {
      velocity[i] = momentum * velocity[i] + g;
      return lr * (g + momentum * velocity[i]);
    });
  }
  update_each(update, decay, [=](int64_t i, Real g, Real) {
    velocity[i] = momentum * velocity[i] + g;
    return lr * velocity[i];
  });
}

}  // namespace fewer
