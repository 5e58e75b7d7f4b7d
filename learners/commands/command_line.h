// The command line of `trainer`: verbs, arguments and options.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace fewer {

struct CommandLine {
  std::string verb = "run";
  std::vector<std::string> arguments;       // what follows the verb: a config, names, files
  std::vector<std::string> overrides;       // --set a.b=c, in order
  std::optional<uint64_t> seed;             // --seed N
  std::vector<uint64_t> seeds;              // --seeds 1..5 or 1,3,7
  int threads = 0;                          // 0: one per core
  std::string isa;                          // empty: the best this machine has
  std::string out = "runs";
  std::string data_dir;
  std::string data;                         // --data NAME, for eval; empty: what the model was trained on
  std::string split = "test";               // --split NAME, for eval
  bool dry_run = false;
  bool fresh = false;
  bool profile = false;
  bool quiet = false;
  bool help = false;
};

// Throws Error(kConfig), naming the nearest known word, for an unknown option or verb, a missing or malformed value.
CommandLine parse_command_line(int argc, const char* const* argv);

std::string usage();  // verbs and options, for `trainer --help`

}  // namespace fewer
