// Running another program and waiting for it.
#pragma once

#include <string>
#include <vector>

namespace fewer {

// Runs `command` (a program looked up in $PATH, and its arguments; no shell) with our standard streams, and waits. Returns its exit code, or
// 128 + signal when a signal ended it. Throws an Error when there is no such program, naming it.
int run_process(const std::vector<std::string>& command);

}  // namespace fewer
