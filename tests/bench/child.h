// A child process that answers lines with lines, and sides that live in one.
#pragma once

#include <sys/types.h>

#include <cstdio>
#include <string>
#include <vector>

#include "tests/bench/bench.h"

namespace fewer::bench {

using Command = std::vector<std::string>;  // program, then arguments; NAME=value before the program sets the environment

// Children may use every core this process could use before it bound its threads. Call it first of all.
void remember_affinity();

class Child {
 public:
  explicit Child(const Command& command);  // throws when no process can be made
  ~Child();                                // closes its input, which ends it, and waits
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  void tell(const std::string& line);
  std::string hear();                      // one line; "" when it has ended
  std::string ask(const std::string& line) { return tell(line), hear(); }

 private:
  pid_t pid_ = -1;
  std::FILE* to_ = nullptr;
  std::FILE* from_ = nullptr;
};

// The peers that stay alive for a whole run. Each answers
//   prepare NAME      "ready SETTING" once it has built the workload, searched its best setting and warmed up
//   run REPETITIONS   "seconds X", its own measurement per repetition after one untimed one
//   forget            "forgotten"
// and anything else with "error ...". Null when there is no such peer on this machine.
SidePtr torch_side(const std::string& name);
SidePtr libtorch_side(const std::string& name);
std::string torch_version();  // with the BLAS it loaded; "" when there is none

Command torch_command(bool tuned_malloc);  // python with the environment of section "peer's best setting", and peer.py
std::string own_program();                 // path of this executable

}  // namespace fewer::bench
