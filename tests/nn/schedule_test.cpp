#include "nn/schedule.h"

#include <doctest/doctest.h>

#include <cmath>

#include "core/config.h"
#include "core/error.h"

namespace fewer {
namespace {

constexpr RunLength kTenEpochs{.steps_per_epoch = 10, .total_steps = 100};

double factor(const ScheduleConfig& config, int64_t step) { return Schedule(config, kTenEpochs).factor(step); }

}  // namespace

TEST_CASE("schedule: constant is 1 throughout") { CHECK(factor(ConstantConfig{}, 99) == 1); }

TEST_CASE("schedule: step drops at its milestones, in epochs or in steps") {
  const StepConfig epochs{.milestones = {3, 6}, .gamma = 0.1};
  CHECK(factor(epochs, 29) == 1);
  CHECK(factor(epochs, 30) == doctest::Approx(0.1));
  CHECK(factor(epochs, 60) == doctest::Approx(0.01));
  CHECK(factor(StepConfig{.milestones = {3}, .unit = LengthUnit::kSteps}, 3) == doctest::Approx(0.1));
}

TEST_CASE("schedule: step drops after every so many epochs") {
  const StepConfig halved{.every = 2, .gamma = 0.5};
  CHECK(factor(halved, 19) == 1);
  CHECK(factor(halved, 20) == 0.5);
  CHECK(factor(halved, 99) == doctest::Approx(1.0 / 16));
}

TEST_CASE("schedule: cosine is 1 at the start, half way down in the middle and final at the end") {
  const CosineConfig cosine{.final = 0.2};
  CHECK(factor(cosine, 0) == 1);
  CHECK(factor(cosine, 50) == doctest::Approx(0.6));
  CHECK(factor(cosine, 100) == doctest::Approx(0.2));
  CHECK(factor(cosine, 1000) == doctest::Approx(0.2));
}

TEST_CASE("schedule: a warm-up rises in equal steps and hands over at 1") {
  const CosineConfig warm{.warmup = 1};
  CHECK(factor(warm, 0) == doctest::Approx(1.0 / 11));
  CHECK(factor(warm, 9) == doctest::Approx(10.0 / 11));
  CHECK(factor(warm, 10) == 1);
  CHECK(factor(warm, 55) == doctest::Approx(0.5));
}

TEST_CASE("schedule: linear goes straight to final") {
  CHECK(factor(LinearConfig{}, 25) == doctest::Approx(0.75));
  CHECK(factor(LinearConfig{.warmup = 20, .final = 0.5, .unit = LengthUnit::kSteps}, 60) == doctest::Approx(0.75));
}

TEST_CASE("schedule: one cycle rises to 1 at its peak and falls to final") {
  const OneCycleConfig cycle{.peak = 0.4, .start = 0.1, .final = 0.01};
  CHECK(factor(cycle, 0) == doctest::Approx(0.1));
  CHECK(factor(cycle, 20) == doctest::Approx(0.55));
  CHECK(factor(cycle, 40) == doctest::Approx(1));
  CHECK(factor(cycle, 100) == doctest::Approx(0.01));
}

TEST_CASE("schedule: inverse decay is Caffe's, by step") {
  CHECK(factor(InverseConfig{.gamma = 1e-4, .power = 0.75}, 10000) == doctest::Approx(std::pow(2, -0.75)));
}

TEST_CASE("schedule: exponential falls by gamma per epoch, or to final over the run") {
  CHECK(factor(ExponentialConfig{.gamma = 0.9}, 29) == doctest::Approx(0.81));
  CHECK(factor(ExponentialConfig{.final = 1e-4}, 50) == doctest::Approx(0.01));
}

TEST_CASE("schedule: plateau drops when the metric has not improved for longer than its patience") {
  Schedule schedule(PlateauConfig{.gamma = 0.5, .patience = 1, .threshold = 0.1}, kTenEpochs);
  schedule.observe(10);
  schedule.observe(9.5);  // better, but by less than a tenth
  CHECK(schedule.factor(0) == 1);
  schedule.observe(std::nan(""));
  CHECK(schedule.factor(0) == 0.5);
  schedule.observe(8);
  schedule.observe(8);
  CHECK(schedule.factor(0) == 0.5);
  schedule.observe(8);
  CHECK(schedule.factor(0) == 0.25);
}

TEST_CASE("schedule: plateau takes nothing that is no number for the best so far") {
  Schedule schedule(PlateauConfig{.gamma = 0.5, .patience = 1}, kTenEpochs);
  for (const double metric : {std::nan(""), 3.0, 2.0, 1.0}) schedule.observe(metric);
  CHECK(schedule.factor(0) == 1);
}

TEST_CASE("schedule: plateau of a metric to maximise, with a least factor") {
  Schedule schedule(PlateauConfig{.gamma = 0.1, .patience = 0, .maximize = true, .minimum = 0.05}, kTenEpochs);
  for (const double accuracy : {0.5, 0.6, 0.6, 0.6}) schedule.observe(accuracy);
  CHECK(schedule.factor(0) == 0.05);
}

TEST_CASE("schedule: plateau continues from its description as if never stopped") {
  Schedule whole(PlateauConfig{.patience = 1}, kTenEpochs);
  whole.observe(1);
  whole.observe(1);
  const std::string saved = write_json([&](Visitor& v) { whole.describe(v); });
  Schedule resumed(PlateauConfig{.patience = 1}, kTenEpochs);
  read_json([&](Visitor& v) { resumed.describe(v); }, saved, "test");
  resumed.observe(1);
  CHECK(resumed.factor(0) == doctest::Approx(0.1));
}

TEST_CASE("schedule: a warm-up as long as the run is refused") {
  CHECK_THROWS_WITH_AS(Schedule(CosineConfig{.warmup = 10}, kTenEpochs), doctest::Contains("does not fit a run of 100"),
                       Error);
}

TEST_CASE("schedule: configs that contradict themselves are refused") {
  StepConfig both, none, falling;
  CHECK_THROWS_AS(read_json(both, R"({"milestones": [1], "every": 2})", "test"), Error);
  CHECK_THROWS_AS(read_json(none, "{}", "test"), Error);
  CHECK_THROWS_AS(read_json(falling, R"({"milestones": [2, 1]})", "test"), Error);
}

}  // namespace fewer
