#include "learners/commands/command_line.h"

#include <charconv>
#include <sstream>

#include "core/error.h"
#include "core/spelling.h"
#include "learners/commands/commands.h"

namespace fewer {
namespace {

template <class Int>
Int parse_integer(std::string_view text, std::string_view option, Int lowest) {
  Int value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < lowest)
    fail_config(option, ": expected a whole number of at least ", lowest, ", got \"", text, "\"");
  return value;
}

// "1..5" or "1,3,7" or "4".
std::vector<uint64_t> parse_seeds(std::string_view text) {
  std::vector<uint64_t> seeds;
  if (const size_t dots = text.find(".."); dots != std::string_view::npos) {
    const uint64_t first = parse_integer<uint64_t>(text.substr(0, dots), "--seeds", 0);
    const uint64_t last = parse_integer<uint64_t>(text.substr(dots + 2), "--seeds", first);
    if (last - first >= 1000) fail_config("--seeds: ", text, " is more than 1000 runs; give a shorter range");
    for (uint64_t seed = first; seed <= last; ++seed) seeds.push_back(seed);
    return seeds;
  }
  while (true) {
    const size_t comma = text.find(',');
    seeds.push_back(parse_integer<uint64_t>(text.substr(0, comma), "--seeds", 0));
    if (comma == std::string_view::npos) return seeds;
    text.remove_prefix(comma + 1);
  }
}

struct Option {
  const char* name;
  const char* value;  // what stands for its value in the usage; nullptr: it takes none
  const char* help;
  void (*apply)(CommandLine&, const std::string& value);
};

constexpr Option kOptions[] = {
    {"--set", "KEY=VALUE", "change one value of the config: --set optimizer.lr=0.05; may be repeated",
     [](CommandLine& c, const std::string& v) { c.overrides.push_back(v); }},
    {"--seed", "N", "seed of the run", [](CommandLine& c, const std::string& v) { c.seed = parse_integer<uint64_t>(v, "--seed", 0); }},
    {"--seeds", "1..5", "one run per seed, in seed-N/, and their mean and spread",
     [](CommandLine& c, const std::string& v) { c.seeds = parse_seeds(v); }},
    {"--threads", "N", "threads to use (one per core); results do not depend on it",
     [](CommandLine& c, const std::string& v) { c.threads = parse_integer<int>(v, "--threads", 1); }},
    {"--isa", "NAME", "instruction set of the kernels (the best there is)", [](CommandLine& c, const std::string& v) { c.isa = v; }},
    {"--out", "DIR", "folder of run folders (runs)", [](CommandLine& c, const std::string& v) { c.out = v; }},
    {"--data-dir", "DIR", "look for data here first; then $FEWER_DATA, ./data, /usr/share/datasets",
     [](CommandLine& c, const std::string& v) { c.data_dir = v; }},
    {"--data", "NAME", "eval: this data set instead of the one trained on", [](CommandLine& c, const std::string& v) { c.data = v; }},
    {"--split", "NAME", "eval: train, validation or test (test)", [](CommandLine& c, const std::string& v) { c.split = v; }},
    {"--dry-run", nullptr, "show the layer table, memory and time of a run; train nothing",
     [](CommandLine& c, const std::string&) { c.dry_run = true; }},
    {"--profile", nullptr, "show where the time of training went, also after Ctrl-C, and write profile.json",
     [](CommandLine& c, const std::string&) { c.profile = true; }},
    {"--fresh", nullptr, "start anew in a numbered folder instead of resuming",
     [](CommandLine& c, const std::string&) { c.fresh = true; }},
    {"--quiet", nullptr, "print errors and the final summary only", [](CommandLine& c, const std::string&) { c.quiet = true; }},
    {"--help", nullptr, "this text", [](CommandLine& c, const std::string&) { c.help = true; }},
};

[[noreturn]] void unknown_option(const std::string& word) {
  std::vector<std::string> names;
  for (const Option& option : kOptions) names.push_back(option.name);
  fail_config("unknown option ", word, did_you_mean(word, names), "; `trainer --help` lists them");
}

const Option& find_option(const std::string& name) {
  for (const Option& option : kOptions)
    if (name == option.name) return option;
  unknown_option(name);
}

bool is_verb(const std::string& word) {
  for (const Command& command : commands())
    if (word == command.verb) return true;
  return false;
}

}  // namespace

CommandLine parse_command_line(int argc, const char* const* argv) {
  CommandLine line;
  bool verb_given = false;
  for (int i = 1; i < argc; ++i) {
    std::string word = argv[i];
    if (word == "-h") word = "--help";
    if (!word.starts_with("-") || word == "-") {
      if (!verb_given && line.arguments.empty() && is_verb(word)) {
        line.verb = word;
        verb_given = true;
      } else {
        line.arguments.push_back(word);
      }
      continue;
    }
    const size_t equals = word.find('=');
    const Option& option = find_option(word.substr(0, equals));
    if (!option.value && equals != std::string::npos) fail_config(option.name, " takes no value");
    std::string value;
    if (option.value && equals != std::string::npos) value = word.substr(equals + 1);
    if (option.value && equals == std::string::npos) {
      if (i + 1 >= argc) fail_config(option.name, ": expected ", option.value, " after it");
      value = argv[++i];
    }
    option.apply(line, value);
  }
  return line;
}

std::string usage() {
  std::ostringstream out;
  out << "usage: trainer [VERB] [ARGUMENTS] [OPTIONS]        `trainer CONFIG` is short for `trainer run CONFIG`\n\nverbs\n";
  for (const Command& command : commands()) {
    const std::string call = text(command.verb, " ", command.arguments);
    out << "  " << call << std::string(call.size() < 26 ? 26 - call.size() : 1, ' ') << command.help << '\n';
  }
  out << "\noptions\n";
  for (const Option& option : kOptions) {
    const std::string call = option.value ? text(option.name, " ", option.value) : option.name;
    out << "  " << call << std::string(call.size() < 26 ? 26 - call.size() : 1, ' ') << option.help << '\n';
  }
  out << "\nexit codes: 0 done; 2 bad config or command line; 3 bad data or file; 130/143 stopped by a signal; 1 anything else\n";
  return std::move(out).str();
}

}  // namespace fewer
