// Runs the real trainer binary, as a user would, and keeps what it printed.
#pragma once

#include <string>

namespace fewer::testing {

struct ProcessResult {
  int exit_code = 0;   // 128 + n when signal n ended it
  std::string output;  // standard output and error, as they came
};

// `trainer ARGUMENTS` through the shell. The binary is $FEWER_BUILD/trainer (the Makefile sets it), else build/release/trainer.
ProcessResult run_trainer(const std::string& arguments);
ProcessResult run_shell(const std::string& command);

}  // namespace fewer::testing
