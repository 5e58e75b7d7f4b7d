#include "nn/state.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <optional>

#include "core/error.h"
#include "nn/activation.h"
#include "nn/linear.h"
#include "nn/optimizer.h"
#include "nn/sequential.h"

namespace fewer {
namespace {

Layer small_net(uint64_t seed, int64_t width = 3) {
  Rng rng(seed);
  return Sequential{{"fc", Linear({.in = 2, .out = width}, rng)}, {"act", relu()}};
}

// Everything a method may have to remember.
struct ExampleState {
  int64_t epoch = 0;
  std::optional<double> best;
  Rng noise{1};
  Layer net, spare;
  Optimizer optimizer{AdamConfig{}};
  Tensor importance, unused;
  IntTensor order;
  void describe(StateVisitor& v) {
    v.field("epoch", epoch);
    v.field("best", best);
    v.stream("noise", noise);
    v.network("net", net);
    v.network("spare", spare);
    v.scope("optimizer", optimizer);
    v.tensor("importance", importance);
    v.tensor("unused", unused);
    v.tensor("order", order);
  }
};

ExampleState trained_for_a_step() {
  ExampleState state;
  state.epoch = 4;
  state.best = 0.5;
  state.noise.next_u64();
  state.net = small_net(1);
  state.optimizer.step(state.net, std::vector{Tensor::ones({2, 3}), Tensor::ones({3})});
  state.importance = Tensor({2}, {0.25, -1});
  state.order = IntTensor({3}, {2, 0, 1});
  return state;
}

Safetensors to_file(ExampleState& state) {
  return state_to_file([&](StateVisitor& v) { state.describe(v); });
}
void from_file(ExampleState& state, const Safetensors& file) {
  state_from_file([&](StateVisitor& v) { state.describe(v); }, parse_safetensors(to_bytes(file), "c"), "c");
}

}  // namespace

TEST_CASE("state: fields, streams, networks, tensors and moments come back") {
  ExampleState saved = trained_for_a_step(), loaded;
  loaded.unused = Tensor::ones({2});  // what was undefined becomes so again
  from_file(loaded, to_file(saved));
  CHECK(loaded.epoch == 4);
  CHECK(loaded.best == 0.5);
  CHECK(loaded.noise.state() == saved.noise.state());
  CHECK(loaded.spare.empty());
  CHECK_FALSE(loaded.unused.defined());
  CHECK(loaded.importance.at({1}) == -1);
  CHECK(loaded.order[0] == 2);
  CHECK(loaded.optimizer.moments().at("fc.bias").steps == 1);
  CHECK(to_bytes(to_file(loaded)) == to_bytes(to_file(saved)));
}

TEST_CASE("state: a resumed optimiser goes on with the same bits") {
  ExampleState saved = trained_for_a_step(), loaded;
  from_file(loaded, to_file(saved));
  const std::vector<Tensor> grads = {Tensor::full({2, 3}, Real(0.3)), Tensor::full({3}, Real(-2))};
  saved.optimizer.step(saved.net, grads);
  loaded.optimizer.step(loaded.net, grads);
  CHECK(to_bytes(to_file(loaded)) == to_bytes(to_file(saved)));
}

TEST_CASE("state: a network comes back in the structure it was saved with, frozen parameters included") {
  ExampleState saved = trained_for_a_step(), loaded;
  named_parameters(saved.net)[1].parameter->set_trainable(false);
  loaded.net = small_net(5, 8);
  freeze(loaded.net);  // of which nothing remains
  from_file(loaded, to_file(saved));
  REQUIRE(parameters(loaded.net).size() == 1);
  CHECK(parameters(loaded.net)[0].shape() == Shape{2, 3});
}

TEST_CASE("state: moments that a checkpoint does not have are forgotten") {
  ExampleState saved = trained_for_a_step(), loaded = trained_for_a_step();
  loaded.optimizer.moments()["old"].steps = 9;
  from_file(loaded, to_file(saved));
  CHECK(loaded.optimizer.moments().count("old") == 0);
}

TEST_CASE("state: files that do not fit what is described are refused") {
  ExampleState saved = trained_for_a_step(), loaded;
  Safetensors file = to_file(saved);
  std::erase_if(file.entries, [](const auto& entry) { return entry.name == "optimizer.fc.bias.first"; });
  CHECK_THROWS_WITH_AS(from_file(loaded, file), doctest::Contains("\"optimizer.fc.bias.first\" is missing"), Error);
  file = to_file(saved);
  file.metadata["state"] = "{}";
  CHECK_THROWS_WITH_AS(from_file(loaded, file), doctest::Contains("optimizer"), Error);
  file.metadata["format"] = "other";
  CHECK_THROWS_WITH_AS(from_file(loaded, file), doctest::Contains("no checkpoint"), Error);
}

TEST_CASE("state: through the disk") {
  const std::string path = (std::filesystem::temp_directory_path() / "fewer_state_test.safetensors").string();
  ExampleState saved = trained_for_a_step(), loaded;
  save_state(path, saved);
  load_state(path, loaded);
  std::filesystem::remove(path);
  CHECK(to_bytes(to_file(loaded)) == to_bytes(to_file(saved)));
}

}  // namespace fewer
