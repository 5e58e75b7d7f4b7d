// Structs that the tests of core/config read, write and explain: one like a real config, and one with every kind of field.
#pragma once

#include <string>
#include <tuple>

#include "core/config.h"
#include "core/error.h"
#include "tests/support/messages.h"

namespace fewer::example {

enum class Mode { kBatch, kRunning };

struct Sgd {
  static constexpr const char* kName = "sgd";
  double lr = 0.1;
  double momentum = 0;
  bool nesterov = false;
  bool operator==(const Sgd&) const = default;
  void describe(Visitor& v) {
    v.field("lr", lr, {.help = "learning rate", .above = 0});
    v.field("momentum", momentum, {.help = "share of the last step kept", .min = 0, .below = 1});
    v.field("nesterov", nesterov, {.help = "look ahead first"});
    v.check(!nesterov || momentum > 0, "nesterov needs momentum above 0", {"nesterov", "momentum"});
  }
};

struct Adam {
  static constexpr const char* kName = "adam";
  double lr = 0.001;
  int steps = 1;
  bool operator==(const Adam&) const = default;
  void describe(Visitor& v) {
    v.field("lr", lr, {.help = "learning rate", .above = 0});
    v.field("steps", steps, {.help = "steps taken", .min = 1});
  }
};

struct Data {
  std::string name;
  int validation = 0;
  void describe(Visitor& v) {
    v.required("name", name, {.help = "which data set", .choices = {"mnist", "glyphs"}});
    v.field("validation", validation, {.help = "examples held out", .min = 0});
  }
};

struct Experiment {
  int epochs = 30;
  Mode mode = Mode::kBatch;
  Data data;
  std::variant<Sgd, Adam> optimizer;
  std::vector<int> hidden = {800, 800};
  std::optional<double> clip;
  RawJson teacher;
  void describe(Visitor& v) {
    v.field("epochs", epochs, {.help = "passes over the data", .min = 1, .max = 1000});
    v.choice("mode", mode, {{"batch", Mode::kBatch}, {"running", Mode::kRunning}}, {.help = "which statistics"});
    v.field("data", data, {.help = "what to learn from"});
    v.field("optimizer", optimizer, {.help = "how to step"});
    v.field("hidden", hidden, {.help = "units per layer", .min = 1, .min_size = 1, .max_size = 4});
    v.field("clip", clip, {.help = "largest gradient norm", .above = 0});
    v.field("teacher", teacher, {.help = "the config of another run"});
  }
};

struct Everything {
  bool flag = false;
  int64_t big = 0;
  int small = 0;
  uint8_t byte = 0;
  uint32_t word = 0;
  double real = 0;
  float single = 0;
  std::string text;
  Mode mode = Mode::kBatch;
  RawJson raw;
  Sgd nested;
  std::optional<int64_t> maybe;
  std::optional<Sgd> maybe_nested;
  std::optional<std::vector<double>> maybe_list;
  std::vector<double> reals;
  std::vector<int64_t> integers;
  std::vector<std::string> words;
  std::array<float, 2> pair = {};
  std::vector<Adam> structs;
  std::vector<std::vector<int>> grid;
  std::variant<Sgd, Adam> chosen;
  std::vector<std::variant<Sgd, Adam>> choices;

  auto values() const {
    return std::tie(flag, big, small, byte, word, real, single, text, mode, raw.text, nested, maybe, maybe_nested, maybe_list,
                    reals, integers, words, pair, structs, grid, chosen, choices);
  }
  void describe(Visitor& v) {
    v.field("flag", flag);
    v.field("big", big);
    v.field("small", small);
    v.field("byte", byte);
    v.field("word", word);
    v.field("real", real);
    v.field("single", single);
    v.field("text", text);
    v.choice("mode", mode, {{"batch", Mode::kBatch}, {"running", Mode::kRunning}});
    v.field("raw", raw);
    v.field("nested", nested);
    v.field("maybe", maybe);
    v.field("maybe_nested", maybe_nested);
    v.field("maybe_list", maybe_list);
    v.field("reals", reals);
    v.field("integers", integers);
    v.field("words", words);
    v.field("pair", pair);
    v.field("structs", structs);
    v.field("grid", grid);
    v.field("chosen", chosen);
    v.field("choices", choices);
  }
};

using testing::message_of;

}  // namespace fewer::example
