#include "datasets/tasks/sinusoids.h"

#include <cmath>

#include "core/error.h"

namespace fewer {
namespace {

// `count` points of the curve.
void draw_points(const SinusoidTask& task, const SinusoidConfig& config, int64_t count, Rng& rng, Tensor& x,
                 Tensor& y) {
  x = Tensor::uninitialized({count, 1});
  y = Tensor::uninitialized({count, 1});
  Real *xs = x.mutable_data(), *ys = y.mutable_data();
  for (int64_t i = 0; i < count; ++i) {
    xs[i] = static_cast<Real>(rng.uniform(config.x[0], config.x[1]));
    ys[i] = static_cast<Real>(task.amplitude * std::sin(static_cast<double>(xs[i]) - task.phase));
  }
}

bool in_order(const std::array<double, 2>& range) { return range[0] <= range[1]; }

}  // namespace

void SinusoidConfig::describe(Visitor& v) {
  v.field("amplitude", amplitude, {.help = "lowest and highest", .min = -1e6, .max = 1e6});
  v.field("phase", phase, {.help = "lowest and highest, in radians", .min = -1e6, .max = 1e6});
  v.field("x", x, {.help = "where points lie", .min = -1e6, .max = 1e6});
  v.field("shots", shots, {.help = "points to adapt to", .min = 1, .max = 1e6});
  v.field("queries", queries, {.help = "points to be judged on", .min = 1, .max = 1e6});
  v.check(in_order(amplitude) && in_order(phase) && in_order(x), "a range is [lowest, highest]",
          {"amplitude", "phase", "x"});
}

void SinusoidSampler::State::describe(Visitor& v) {
  v.field("index", index, {.help = "the next task to deliver", .min = 0});
}

SinusoidSampler::SinusoidSampler(const SinusoidConfig& config, Rng rng) : config_(config), rng_(rng) {
  if (!in_order(config.amplitude) || !in_order(config.phase) || !in_order(config.x))
    fail_config("sinusoids: a range is [lowest, highest], but one of amplitude, phase and x is the wrong way round");
  if (config.shots < 1 || config.queries < 1)
    fail_config("sinusoids: expected at least 1 shot and 1 query, got ", config.shots, " and ", config.queries);
}

void SinusoidSampler::set_state(State state) {
  ENSURE(state.index >= 0, "sinusoids: expected an index from 0, got ", state.index);
  state_ = state;
}

SinusoidTask SinusoidSampler::next() { return task(state_.index++); }

std::vector<SinusoidTask> SinusoidSampler::next(int64_t count) {
  std::vector<SinusoidTask> tasks;
  for (int64_t i = 0; i < count; ++i) tasks.push_back(next());
  return tasks;
}

SinusoidTask SinusoidSampler::task(int64_t index) const {
  Rng rng = rng_.stream(static_cast<uint64_t>(index));
  SinusoidTask task;
  task.amplitude = rng.uniform(config_.amplitude[0], config_.amplitude[1]);
  task.phase = rng.uniform(config_.phase[0], config_.phase[1]);
  draw_points(task, config_, config_.shots, rng, task.support_x, task.support_y);
  draw_points(task, config_, config_.queries, rng, task.query_x, task.query_y);
  return task;
}

}  // namespace fewer
