// The supervised learner, called as a library.
#include <doctest/doctest.h>

#include <algorithm>

#include "core/config.h"
#include "datasets/registry.h"
#include "learners/run_context.h"
#include "learners/supervised.h"
#include "tests/support/op_coverage.h"
#include "tests/support/temp_folder.h"

using namespace fewer;
using namespace fewer::testing;

namespace {

Outcome run(Supervised& learner, const std::string& json) {
  const TempFolder folder;
  read_json(learner.config, json, "test");
  RunFolder run_folder(folder.file("run"), json);
  RunContext context(&run_folder, learner.config.header.seed, "", true);
  return learner.run(context);
}

}  // namespace

TEST_CASE("supervised: every op of its smoke runs has a row in the gradient table") {
  OpNames seen;
  for (const char* network : {R"({"name": "mlp", "hidden": [16], "dropout": 0.5, "norm": {}})", R"("lenet_5")",
                              R"({"name": "resnet", "depth": 8})", R"({"name": "wrn", "depth": 10, "width": 1})"}) {
    const ObserverScope scope(seen);
    Supervised learner;
    run(learner, text(R"({"method": "supervised", "network": )", network, R"(, "epochs": 1, "batch": 20,
        "data": {"name": "glyphs", "glyphs": {"classes": 2, "train_per_class": 20, "test_per_class": 5}}})"));
  }
  CHECK(seen.names.size() > 10);
  check_ops_covered(seen.names);
}

#ifndef FEWER_DOUBLE

TEST_CASE("supervised: LeNet-5 on 500 images of 10 glyphs is right on 85 to 97 % of others") {
  Supervised learner;
  const Outcome outcome = run(learner, R"({"method": "supervised", "epochs": 30, "batch": 50, "choose": "last",
      "data": {"name": "glyphs", "validation": 0, "glyphs": {"classes": 10, "train_per_class": 50, "test_per_class": 100}},
      "network": {"name": "lenet_5", "init": {"weight": "glorot_uniform"}},
      "optimizer": {"name": "sgd", "lr": 0.02, "momentum": 0.9, "weight_decay": 5e-4}})");
  const auto accuracy = std::find_if(outcome.metrics.begin(), outcome.metrics.end(),
                                     [](const auto& metric) { return metric.first == "test_accuracy"; });
  REQUIRE(accuracy != outcome.metrics.end());
  CHECK(accuracy->second >= 0.85);
  CHECK(accuracy->second <= 0.97);
}

#endif
