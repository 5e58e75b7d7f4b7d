// Which ops run, and whether the gradient table knows them.
//
//   OpNames seen;
//   { const ObserverScope scope(seen); run_the_learner(); }
//   check_ops_covered(seen.names);
#pragma once

#include <set>
#include <string>

#include "core/observer.h"

namespace fewer::testing {

class OpNames : public Observer {
 public:
  void on_op(const OpEvent& event) override { names.insert(event.op); }
  std::set<std::string> names;
};

// The names recorded while the rows of the table run, first and second derivatives included.
const std::set<std::string>& ops_in_gradient_table();

// The functions ops/ops.h declares that return tensors; reads the header, relative to this file.
std::set<std::string> menu_ops();

// Fails the running test case with every name the gradient table lacks.
void check_ops_covered(const std::set<std::string>& names);

}  // namespace fewer::testing
