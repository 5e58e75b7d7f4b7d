// The verb that downloads: fetch.
#include <unistd.h>

#include <cstdio>

#include "core/error.h"
#include "datasets/fetch.h"
#include "datasets/places.h"
#include "learners/commands/commands.h"

namespace fewer {
namespace {

std::string megabytes(const FetchPlan& plan) {
  int64_t bytes = 0;
  for (const Download& download : plan.downloads) bytes += download.bytes;
  return bytes == 0 ? "" : text(", ", bytes / 1000000, " MB");
}

void list_plans() {
  std::printf("trainer fetch NAME downloads one of these into --data-dir, $FEWER_DATA or ./data:\n");
  for (const FetchPlan& plan : fetch_plans()) {
    std::printf("  %-14s%zu file%s%s from %s\n", plan.name.c_str(), plan.downloads.size(), plan.downloads.size() == 1 ? "" : "s",
                megabytes(plan).c_str(), plan.downloads.front().addresses.front().c_str());
  }
}

}  // namespace

void command_fetch(const CommandLine& line) {
  if (line.arguments.empty()) return list_plans();
  for (const std::string& name : line.arguments) {
    if (name == "glyphs") fail_config("trainer fetch glyphs: they are built in; there is nothing to download");
    FetchOptions options;
    options.progress = !line.quiet && ::isatty(STDERR_FILENO);
    if (!line.quiet) options.tell = [](const std::string& step) {
      std::printf("%s\n", step.c_str());
      std::fflush(stdout);
    };
    fetch(fetch_plan(name), data_places(line.data_dir).front(), options);
  }
}

}  // namespace fewer
