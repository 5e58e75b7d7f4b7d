// libFuzzer's side: it calls the first function once and the second for every input it makes up.
//
//   run --target=csv FOLDER [libFuzzer's flags]    FOLDER keeps the inputs worth mutating; the seeds are put there first
//   run --list                                     the names of the targets
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>

#include "core/files.h"
#include "tests/fuzz/target.h"

namespace fewer::testing {
namespace {

const FuzzTarget* chosen = nullptr;

void choose(const std::string& name) {
  for (const FuzzTarget& target : fuzz_targets())
    if (target.name == name) chosen = &target;
}

void list_targets() {
  for (const FuzzTarget& target : fuzz_targets()) std::printf("%s\n", target.name);
  std::exit(0);
}

void write_seeds(const std::string& folder) {
  int count = 0;
  for (const std::string& seed : chosen->seeds()) write_file_atomically(text(folder, "/seed-", count++), seed);
}

}  // namespace
}  // namespace fewer::testing

using namespace fewer::testing;

extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv) {
  constexpr std::string_view kTarget = "--target=";
  for (int i = 1; i < *argc; ++i) {
    const std::string argument = (*argv)[i];
    if (argument == "--list") list_targets();
    if (argument.starts_with(kTarget)) choose(argument.substr(kTarget.size()));
    if (chosen && std::filesystem::is_directory(argument)) write_seeds(argument);
  }
  if (chosen) return 0;
  std::fprintf(stderr, "fuzz: expected --target=NAME, a name that --list prints\n");
  std::exit(2);
}

// An exception that leaves it, as one for damaged input does not, ends the fuzzer with a finding.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  reads(*chosen, {reinterpret_cast<const char*>(data), size});
  return 0;
}
