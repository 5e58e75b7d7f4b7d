// The verbs of `trainer`, one function each. They print to standard output and throw on bad input; only main catches.
#pragma once

#include <span>

#include "learners/commands/command_line.h"

namespace fewer {

void command_run(const CommandLine& line);      // run_command.cpp
void command_list(const CommandLine& line);     // info_commands.cpp, likewise below
void command_explain(const CommandLine& line);
void command_schema(const CommandLine& line);
void command_check(const CommandLine& line);
void command_fetch(const CommandLine& line);    // fetch_command.cpp
void command_data(const CommandLine& line);     // data_command.cpp
void command_info(const CommandLine& line);     // model_commands.cpp, likewise below
void command_eval(const CommandLine& line);

struct Command {
  const char* verb;
  const char* arguments;  // as the usage shows them
  const char* help;
  void (*run)(const CommandLine&);
};

std::span<const Command> commands();
int run_trainer(int argc, const char* const* argv);  // the whole program, with its exit code

}  // namespace fewer
