// The benchmarks: run [FILTER] [--json FILE]. FILTER is a group ("conv") or a part of a workload's name ("resnet20").
//
//   run --first-step      one training step of ResNet-20 and nothing else; what the process workloads start
#include "tests/bench/bench.h"

#include <csignal>
#include <cstdio>
#include <fstream>

#include "core/error.h"
#include "core/parallel.h"
#include "tests/bench/child.h"
#include "tests/bench/limits.h"
#include "tests/bench/report.h"
#include "tests/bench/training_step.h"

namespace fewer::bench {
namespace {

struct Options {
  std::string filter, json_path;
  bool first_step = false;
};

Options parse(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--first-step") {
      options.first_step = true;
    } else if (word == "--json" && i + 1 < argc) {
      options.json_path = argv[++i];
    } else if (options.filter.empty() && !word.starts_with("--")) {
      options.filter = word;
    } else {
      fail_config("bench: unexpected \"", word, "\"; usage: run [FILTER] [--json FILE]");
    }
  }
  return options;
}

std::vector<Workload> all_workloads() {
  std::vector<Workload> all;
  for (const auto& list : {training_workloads(), recurrent_workloads(), small_workloads(), conv_workloads(),
                           gemm_workloads(), process_workloads()})
    all.insert(all.end(), list.begin(), list.end());
  return all;
}

// The name of a group selects that group alone: "conv" does not select "train/conv4_b128".
std::vector<Workload> selected(const std::string& filter) {
  const std::vector<Workload> all = all_workloads();
  std::vector<Workload> group, matching;
  for (const Workload& w : all) {
    if (w.name.starts_with(filter + "/")) group.push_back(w);
    if (w.name.find(filter) != std::string::npos) matching.push_back(w);
  }
  if (matching.empty()) {
    std::string names;
    for (const Workload& w : all) names += "\n  " + w.name;
    fail_config("bench: no workload is called like \"", filter, "\"; there are", names);
  }
  return group.empty() ? matching : group;
}

void first_step() {
  TrainingStep(network_named("resnet20"), 128)();
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmHWM:")) std::printf("VmHWM %s\n", line.substr(6).c_str());
}

void run_all(const Options& options) {
  const std::vector<Workload> workloads = selected(options.filter);
  const Limits limits = measure_limits();
  Report report(limits, options.json_path);
  for (const Workload& w : workloads) report.add(run(w, limits.flops));
  report.summarize("conv", 1.9);
  report.summarize("gemm", 1.2);
  report.finish();
}

}  // namespace
}  // namespace fewer::bench

int main(int argc, char** argv) {
  using namespace fewer;
  try {
    const bench::Options options = bench::parse(argc, argv);
    std::signal(SIGPIPE, SIG_IGN);  // a peer that has died is noticed by its missing answer
    bench::remember_affinity();
    bind_threads();
    if (options.first_step)
      bench::first_step();
    else
      bench::run_all(options);
    return 0;
  } catch (const Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return static_cast<int>(error.kind());
  }
}
