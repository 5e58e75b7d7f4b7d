#include "tests/support/run_trainer.h"

#include <sys/wait.h>

#include <cstdio>
#include <cstdlib>

#include "core/error.h"

namespace fewer::testing {

ProcessResult run_shell(const std::string& command) {
  std::FILE* const pipe = popen(("(" + command + ") 2>&1").c_str(), "r");
  ENSURE(pipe != nullptr, "run_shell: cannot start a shell");
  ProcessResult result;
  char buffer[4096];
  for (size_t n; (n = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) result.output.append(buffer, n);
  const int status = pclose(pipe);
  result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return result;
}

ProcessResult run_trainer(const std::string& arguments) {
  const char* const build = std::getenv("FEWER_BUILD");
  return run_shell(std::string(build ? build : "build/release") + "/trainer " + arguments);
}

}  // namespace fewer::testing
