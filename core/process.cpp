#include "core/process.h"

#include <spawn.h>
#include <sys/wait.h>

#include <cerrno>
#include <cstring>

#include "core/error.h"

extern char** environ;

namespace fewer {

int run_process(const std::vector<std::string>& command) {
  ENSURE(!command.empty(), "run_process: expected a program and its arguments, got nothing");
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  pid_t child = 0;
  if (const int error = ::posix_spawnp(&child, arguments[0], nullptr, nullptr, arguments.data(), environ))
    fail(command[0], ": cannot run it: ", std::strerror(error), "; is it installed?");
  int status = 0;
  while (::waitpid(child, &status, 0) < 0)
    if (errno != EINTR) fail(command[0], ": lost sight of it: ", std::strerror(errno));
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace fewer
