// The registry of methods: one explicit table, which is also the table of contents of this project.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "learners/learner.h"

namespace fewer {

enum class MethodStatus {
  kPlanned,     // not there yet: running it is refused
  kWorks,       // runs and is tested; its paper's figure is not reached or not measured yet
  kReproduced,  // configs/README.md shows the paper's figure beside ours
};
const char* to_string(MethodStatus status);

struct MethodEntry {
  const char* name;    // what a config says under "method"
  const char* source;  // its file under learners/, without the ending
  MethodStatus status;
  const char* paper;   // authors, year, title
  std::unique_ptr<Learner> (*make)();  // nullptr while planned
};

std::span<const MethodEntry> method_registry();
// Throws Error(kConfig), naming the nearest methods there are, when `name` is none of them.
const MethodEntry& method_entry(const std::string& name);
// Throws Error(kConfig) when the method is only planned.
std::unique_ptr<Learner> make_learner(const std::string& name);

}  // namespace fewer
