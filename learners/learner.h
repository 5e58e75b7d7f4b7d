// What a method is to the trainer: a config that describes itself and one function that does it.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "core/describe.h"
#include "nn/model_file.h"

namespace fewer {

class RunContext;

// What a run yields. The model says itself how it was chosen (nn/model_file.h).
struct Outcome {
  Model model;
  std::vector<std::pair<std::string, double>> metrics;  // in the order to show, e.g. {"test_errors", 131}
};

// The fields every config has, whatever its method. A method's config describes them first.
struct RunHeader {
  std::string method;
  std::string name;   // of the run folder; empty: the config file's stem
  uint64_t seed = 1;
  void describe(Visitor& v) {
    v.required("method", method, {.help = "what to do: `trainer list methods`"});
    v.field("name", name, {.help = "name of the run folder; empty: the config file's"});
    v.field("seed", seed, {.help = "of everything random in the run"});
  }
};

class Learner {
 public:
  virtual ~Learner() = default;
  virtual RunHeader& header() = 0;
  virtual void describe(Visitor& v) = 0;         // the whole config, header included
  virtual Outcome run(RunContext& context) = 0;  // REQUIRES: the config was read
};

}  // namespace fewer
