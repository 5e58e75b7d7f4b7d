#include "learners/commands/commands.h"

#include <cstdio>
#include <exception>
#include <new>

#include "core/error.h"
#include "core/parallel.h"
#include "core/spelling.h"
#include "learners/stop.h"
#include "ops/kernels/isa.h"

namespace fewer {
namespace {

constexpr Command kCommands[] = {
    {"run", "CONFIG", "train what the config says; resumes an unfinished run", command_run},
    {"list", "[methods|models|datasets]", "what there is, with status", command_list},
    {"explain", "METHOD", "the paper, and every field of its config", command_explain},
    {"schema", "[METHOD]", "JSON Schema of its config, for editors", command_schema},
    {"check", "FILE...", "read configs and report every mistake", command_check},
    {"fetch", "[NAME...]", "download a data set, check and unpack it; alone: what there is", command_fetch},
    {"data", "NAME", "what is in a data set, and a contact sheet of it in --out to look at", command_data},
    {"info", "MODEL", "the layers of a model file and how it was chosen", command_info},
    {"eval", "MODEL", "its accuracy, from the file alone, on what it was trained for or --data", command_eval},
};

void dispatch(const CommandLine& line) {
  if (line.help) {
    std::fputs(usage().c_str(), stdout);
    return;
  }
  set_threads(line.threads);
  if (!line.isa.empty()) kernels::set_isa(line.isa);
  for (const Command& command : kCommands)
    if (line.verb == command.verb) return command.run(line);
}

}  // namespace

std::span<const Command> commands() { return kCommands; }

int run_trainer(int argc, const char* const* argv) {
  try {
    if (argc < 2) {
      std::fputs(usage().c_str(), stderr);
      return static_cast<int>(ErrorKind::kConfig);
    }
    dispatch(parse_command_line(argc, argv));
    if (std::fflush(stdout) != 0) fail("standard output: cannot write; is the disk full?");
    return 0;
  } catch (const Stopped& stopped) {
    std::fprintf(stderr, "stopped by signal %d; run the same command again to go on\n", stopped.signal);
    return 128 + stopped.signal;
  } catch (const Error& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return static_cast<int>(error.kind());
  } catch (const std::bad_alloc&) {
    std::fprintf(stderr, "error: out of memory; lower the batch size\n");
    return static_cast<int>(ErrorKind::kOther);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return static_cast<int>(ErrorKind::kOther);
  }
}

}  // namespace fewer
