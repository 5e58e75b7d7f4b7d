// `trainer run CONFIG`: one run, or one per seed.
#include <cmath>
#include <cstdio>
#include <filesystem>

#include "core/config.h"
#include "core/error.h"
#include "core/files.h"
#include "core/parallel.h"
#include "core/record.h"
#include "core/rng.h"
#include "learners/commands/commands.h"
#include "learners/commands/config_file.h"
#include "learners/run_context.h"
#include "learners/stop.h"
#include "learners/version.h"
#include "nn/profile.h"
#include "ops/kernels/isa.h"

namespace fewer {
namespace {

using Metrics = std::vector<std::pair<std::string, double>>;

Record summary_of(Learner& learner, const Outcome& outcome, double seconds) {
  Record metrics, chosen, summary;
  for (const auto& [name, value] : outcome.metrics) metrics.set(name, value);
  chosen.set("by", outcome.model.info.chosen_by).set("epoch", outcome.model.info.chosen_epoch);
  summary.set("method", learner.header().method)
      .set("name", learner.header().name)
      .set("seed", learner.header().seed)
      .set("threads", threads())
      .set("isa", kernels::isa_name())
      .set("seconds", seconds)
      .set("git", git_version())
      .set("metrics", metrics)
      .set("chosen", chosen);
  return summary;
}

// Runs the learner; with --profile also says where the time went, whether it came to its end or was stopped.
Outcome run_learner(Learner& learner, RunContext& context, const RunFolder& folder, bool profiled) {
  if (!profiled) return learner.run(context);
  Profile profile;
  const auto report = [&] {
    write_file_atomically(folder.file("profile.json"), profile_json(profile));
    context.print(format_profile(profile));
  };
  try {
    const ObserverScope scope(profile);
    Outcome outcome = learner.run(context);
    report();
    return outcome;
  } catch (const Stopped&) {
    report();
    throw;
  }
}

// Trains what `learner` is configured for in `folder`, or prints the summary when that is done already.
Metrics run_in(const std::string& path, Learner& learner, const CommandLine& line) {
  const std::string resolved = write_json([&](Visitor& v) { learner.describe(v); });
  RunFolder folder(path, resolved);
  if (folder.finished()) {
    std::printf("%s is finished; --fresh trains anew\n%s", path.c_str(), folder.read_summary().c_str());
    return folder.summary_metrics();
  }
  RunContext context(&folder, learner.header().seed, line.data_dir, line.quiet);
  context.print(text(path, ": ", learner.header().method, ", seed ", learner.header().seed, ", ", threads(), " threads, ",
                     kernels::isa_name()));
  Outcome outcome = run_learner(learner, context, folder, line.profile);
  outcome.model.info.config.text = resolved;
  save_model(folder.file("model.safetensors"), outcome.model);
  const Record summary = summary_of(learner, outcome, context.seconds());
  folder.write_summary(summary);
  context.clear_progress();
  std::printf("%s", summary.pretty().c_str());
  return outcome.metrics;
}

double mean_of(const std::vector<double>& values) {
  double sum = 0;
  for (const double v : values) sum += v;
  return sum / static_cast<double>(values.size());
}

double deviation_of(const std::vector<double>& values) {  // of a sample: divides by n - 1
  if (values.size() < 2) return 0;
  const double mean = mean_of(values);
  double sum = 0;
  for (const double v : values) sum += (v - mean) * (v - mean);
  return std::sqrt(sum / static_cast<double>(values.size() - 1));
}

void print_spread(const std::string& path, const std::vector<uint64_t>& seeds, const std::vector<Metrics>& runs) {
  Record metrics;
  for (size_t m = 0; m < runs.front().size(); ++m) {
    std::vector<double> values;
    for (const Metrics& run : runs) values.push_back(run.at(m).second);
    Record spread;
    spread.set("mean", mean_of(values)).set("std", deviation_of(values)).set("values", std::span<const double>(values));
    metrics.set(runs.front()[m].first, spread);
  }
  const std::vector<int64_t> numbers(seeds.begin(), seeds.end());
  Record summary;
  summary.set("seeds", std::span<const int64_t>(numbers)).set("metrics", metrics);
  write_file_atomically(path + "/summary.json", summary.pretty());
  std::printf("%s", summary.pretty().c_str());
}

}  // namespace

void command_run(const CommandLine& line) {
  if (line.arguments.size() != 1) fail_config("trainer run: expected one config file, got ", line.arguments.size());
  if (!line.seeds.empty() && line.seed) fail_config("--seed and --seeds exclude each other");
  if (line.profile && line.dry_run) fail_config("--profile and --dry-run exclude each other: a dry run trains nothing");
  const std::string& file = line.arguments[0];
  const std::string text = read_config_text(file, line.overrides);
  const std::unique_ptr<Learner> learner = learner_from_text(text, file);
  if (line.seed) learner->header().seed = *line.seed;
  if (learner->header().name.empty()) learner->header().name = std::filesystem::path(file).stem().string();
  bind_threads();
  if (line.dry_run) {
    RunContext context(nullptr, learner->header().seed, line.data_dir, line.quiet);
    learner->run(context);
    return;
  }
  catch_stop_signals();
  const std::string path = choose_run_folder(line.out, learner->header().name, line.fresh);
  if (line.seeds.empty()) {
    run_in(path, *learner, line);
    return;
  }
  std::vector<Metrics> runs;
  for (const uint64_t seed : line.seeds) {
    learner->header().seed = seed;
    runs.push_back(run_in(path + "/seed-" + std::to_string(seed), *learner, line));
  }
  print_spread(path, line.seeds, runs);
}

}  // namespace fewer
