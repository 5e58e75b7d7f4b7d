// What the update rules of the optimisers share. Internal to nn/.
#pragma once

#include <algorithm>
#include <cstdint>

#include "core/parallel.h"
#include "core/tensor.h"
#include "nn/optimizer.h"

namespace fewer {

// One step of one parameter, with everything that groups, schedule and clipping have to say already worked out.
struct Update {
  int64_t size = 0;
  Real* weights = nullptr;         // [size], changed
  const Real* gradient = nullptr;  // [size]
  double lr = 0;
  double weight_decay = 0;
  Real gradient_scale = 1;  // times the gradient
  Real gradient_bound = 0;  // of each element after that; infinite for none
  Real weight_bound = 0;    // of each weight after the step; infinite for none
};

// The loop of every rule: weight -= step(i, g, weight), where g is the gradient scaled, clipped and with
// `decay * weight` added. One pass over weights, gradient and whatever moments `step` touches at i.
template <class Step>
void update_each(const Update& u, Real decay, Step step) {
  parallel_for(u.size, kGrain, [&u, decay, step](int64_t begin, int64_t end) {
    Step update = step;  // a local copy, whose pointers the compiler knows to survive the stores below
    Real* const w = u.weights;
    const Real* const gradient = u.gradient;
    const Real scale = u.gradient_scale, bound = u.gradient_bound, weight_bound = u.weight_bound;
#pragma GCC ivdep  // weights, gradient and moments never overlap
    for (int64_t i = begin; i < end; ++i) {
      const Real g = std::clamp(scale * gradient[i], -bound, bound) + decay * w[i];
      w[i] = std::clamp(w[i] - update(i, g, w[i]), -weight_bound, weight_bound);
    }
  });
}

// The values of a moment for writing; zeros at the first step.
inline Real* moment_data(Tensor& moment, const Shape& shape) {
  if (!moment.defined()) moment = Tensor::zeros(shape);
  return moment.mutable_data();
}

// The rules. `moments.steps` counts this step already.
void apply_rule(const SgdConfig& config, const Update& update, const Shape& shape, Moments& moments);
void apply_rule(const AdamConfig& config, const Update& update, const Shape& shape, Moments& moments);
void apply_rule(const AdaMaxConfig& config, const Update& update, const Shape& shape, Moments& moments);
void apply_rule(const RmsPropConfig& config, const Update& update, const Shape& shape, Moments& moments);

// Scales each unit's incoming weights down to the norm `max_norm`. w [..., units]; below rank 2 nothing happens.
void bound_incoming_norms(Real* weights, const Shape& shape, double max_norm);

}  // namespace fewer
