#include "nn/schedule.h"

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <numbers>
#include <utility>

#include "core/error.h"

namespace fewer {
namespace {

void describe_unit(Visitor& v, LengthUnit& unit) {
  v.choice("unit", unit, {{"epochs", LengthUnit::kEpochs}, {"steps", LengthUnit::kSteps}},
           {.help = "of the lengths here"});
}

double to_steps(double length, LengthUnit unit, const RunLength& run) {
  return unit == LengthUnit::kSteps ? length : length * static_cast<double>(run.steps_per_epoch);
}

// Half a cosine from `from` at share 0 to `to` at share 1.
double cosine_between(double from, double to, double share) {
  return to + (from - to) * 0.5 * (1 + std::cos(std::numbers::pi * share));
}

double share_of(int64_t step, const RunLength& run) {
  return std::min(1.0, static_cast<double>(step) / static_cast<double>(run.total_steps));
}

// Rises in equal steps and reaches 1 right after `warmup` steps, then follows decay(share of the rest of the run). The
// first step is above 0, so that it is not wasted.
template <class Config, class Decay>
double warm_up_then(const Config& config, int64_t step, const RunLength& run, Decay decay) {
  const double warmup = to_steps(config.warmup, config.unit, run), t = static_cast<double>(step);
  if (t < warmup) return (t + 1) / (warmup + 1);
  return decay(std::min(1.0, (t - warmup) / (static_cast<double>(run.total_steps) - warmup)));
}

double factor_of(const ConstantConfig&, int64_t, const RunLength&) { return 1; }

double factor_of(const StepConfig& c, int64_t step, const RunLength& run) {
  const double t = static_cast<double>(step);
  if (c.every > 0) return std::pow(c.gamma, std::floor(t / to_steps(c.every, c.unit, run)));
  const auto passed = std::count_if(c.milestones.begin(), c.milestones.end(),
                                    [&](double milestone) { return t >= to_steps(milestone, c.unit, run); });
  return std::pow(c.gamma, static_cast<double>(passed));
}

double factor_of(const CosineConfig& c, int64_t step, const RunLength& run) {
  return warm_up_then(c, step, run, [&](double share) { return cosine_between(1, c.final, share); });
}

double factor_of(const LinearConfig& c, int64_t step, const RunLength& run) {
  return warm_up_then(c, step, run, [&](double share) { return 1 + (c.final - 1) * share; });
}

double factor_of(const OneCycleConfig& c, int64_t step, const RunLength& run) {
  const double share = share_of(step, run);
  if (share < c.peak) return cosine_between(c.start, 1, share / c.peak);
  return cosine_between(1, c.final, (share - c.peak) / (1 - c.peak));
}

double factor_of(const InverseConfig& c, int64_t step, const RunLength&) {
  return std::pow(1 + c.gamma * static_cast<double>(step), -c.power);
}

double factor_of(const ExponentialConfig& c, int64_t step, const RunLength& run) {
  if (c.gamma) return std::pow(*c.gamma, static_cast<double>(step / run.steps_per_epoch));
  return std::pow(c.final, share_of(step, run));
}

double warmup_steps(const ScheduleConfig& config, const RunLength& run) {
  if (const auto* c = std::get_if<CosineConfig>(&config)) return to_steps(c->warmup, c->unit, run);
  if (const auto* c = std::get_if<LinearConfig>(&config)) return to_steps(c->warmup, c->unit, run);
  return 0;
}

}  // namespace

Schedule::Schedule(const ScheduleConfig& config, RunLength length) : config_(config), length_(length) {
  ENSURE(length.steps_per_epoch >= 1 && length.total_steps >= 1, "schedule: a run has at least one step, got ",
         length.total_steps, " with ", length.steps_per_epoch, " per epoch");
  const double warmup = warmup_steps(config, length);
  if (warmup > 0 && warmup >= static_cast<double>(length.total_steps))
    fail_config("schedule: a warm-up of ", warmup, " steps does not fit a run of ", length.total_steps, "; shorten it");
}

double Schedule::factor(int64_t step) const {
  if (wants_metric()) return plateau_.factor;
  const auto factor = [&](const auto& config) {
    if constexpr (std::is_same_v<decltype(config), const PlateauConfig&>) return 1.0;
    else return factor_of(config, step, length_);
  };
  return std::visit(factor, config_);
}

bool Schedule::wants_metric() const { return std::holds_alternative<PlateauConfig>(config_); }

void Schedule::observe(double metric) {
  if (!wants_metric()) return;
  const auto& c = std::get<PlateauConfig>(config_);
  const double margin = plateau_.best ? c.threshold * std::abs(*plateau_.best) : 0;
  const bool improved = std::isfinite(metric) && (!plateau_.best || (c.maximize ? metric > *plateau_.best + margin
                                                                                : metric < *plateau_.best - margin));
  if (improved) plateau_.best = metric;
  plateau_.without_improvement = improved ? 0 : plateau_.without_improvement + 1;
  if (plateau_.without_improvement <= c.patience) return;
  plateau_.factor = std::max(c.minimum, plateau_.factor * c.gamma);
  plateau_.without_improvement = 0;
}

void Schedule::describe(Visitor& v) {
  v.field("factor", plateau_.factor);
  v.field("best", plateau_.best);
  v.field("without_improvement", plateau_.without_improvement);
}

void StepConfig::describe(Visitor& v) {
  v.field("milestones", milestones, {.help = "where the rate drops, rising", .min = 0});
  v.field("every", every, {.help = "drop after every so many instead; 0: at the milestones", .min = 0});
  v.field("gamma", gamma, {.help = "factor of each drop", .above = 0});
  describe_unit(v, unit);
  v.check(milestones.empty() || every == 0, "give milestones or every, not both", {"milestones", "every"});
  v.check(!milestones.empty() || every > 0, "needs milestones, or every above 0", {"milestones", "every"});
  v.check(std::is_sorted(milestones.begin(), milestones.end()), "milestones must rise", {"milestones"});
}

void CosineConfig::describe(Visitor& v) {
  v.field("warmup", warmup, {.help = "length of the rise from 0", .min = 0});
  v.field("final", final, {.help = "factor at the end", .min = 0});
  describe_unit(v, unit);
}

void LinearConfig::describe(Visitor& v) {
  v.field("warmup", warmup, {.help = "length of the rise from 0", .min = 0});
  v.field("final", final, {.help = "factor at the end", .min = 0});
  describe_unit(v, unit);
}

void OneCycleConfig::describe(Visitor& v) {
  v.field("peak", peak, {.help = "share of the run that goes up", .above = 0, .below = 1});
  v.field("start", start, {.help = "factor at the start", .min = 0});
  v.field("final", final, {.help = "factor at the end", .min = 0});
}

void InverseConfig::describe(Visitor& v) {
  v.field("gamma", gamma, {.help = "how fast, per step", .min = 0});
  v.field("power", power, {.help = "exponent of the decay", .min = 0});
}

void ExponentialConfig::describe(Visitor& v) {
  v.field("gamma", gamma, {.help = "factor per epoch; null: from 1 to final over the run", .above = 0});
  v.field("final", final, {.help = "factor at the end, without gamma", .above = 0});
}

void PlateauConfig::describe(Visitor& v) {
  v.field("gamma", gamma, {.help = "factor of each drop", .above = 0, .below = 1});
  v.field("patience", patience, {.help = "observations without improvement that are tolerated", .min = 0});
  v.field("threshold", threshold, {.help = "least improvement that counts, as a share of the best", .min = 0});
  v.field("maximize", maximize, {.help = "larger is better"});
  v.field("minimum", minimum, {.help = "the factor goes no lower", .min = 0});
}

}  // namespace fewer
