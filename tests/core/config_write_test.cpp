#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "core/json.h"
#include "core/rng.h"
#include "tests/core/config_example.h"

using namespace fewer;
using example::message_of;

namespace {

double any_real(Rng& rng) { return rng.normal() * std::pow(10.0, static_cast<double>(rng.below(40)) - 20); }

int64_t any_integer(Rng& rng) { return static_cast<int64_t>(rng.next_u64()) >> rng.below(64); }

std::string any_text(Rng& rng) {
  static const std::string kPieces[] = {"a", "\"", "\\", "\n", "\t", "\x01", "é", "😀", "//", "/*", "{", "]", ","};
  std::string out;
  for (int64_t n = rng.below(6); n > 0; --n) out += kPieces[rng.below(std::ssize(kPieces))];
  return out;
}

example::Sgd any_sgd(Rng& rng) {
  return {.lr = std::abs(any_real(rng)) + 1e-300, .momentum = rng.uniform() * 0.9 + 0.01, .nesterov = rng.bernoulli(0.5)};
}

example::Adam any_adam(Rng& rng) { return {.lr = rng.uniform() + 0.1, .steps = static_cast<int>(1 + rng.below(1000000))}; }

std::variant<example::Sgd, example::Adam> any_optimizer(Rng& rng) {
  if (rng.bernoulli(0.5)) return any_sgd(rng);
  return any_adam(rng);
}

template <class Make>
auto list_of(Rng& rng, Make make) {
  std::vector<decltype(make())> items;
  for (int64_t n = rng.below(5); n > 0; --n) items.push_back(make());
  return items;
}

example::Everything any_values(Rng& rng) {
  example::Everything e;
  e.flag = rng.bernoulli(0.5);
  e.big = any_integer(rng);
  e.small = static_cast<int>(any_integer(rng));
  e.byte = static_cast<uint8_t>(any_integer(rng));
  e.word = static_cast<uint32_t>(any_integer(rng));
  e.real = any_real(rng);
  e.single = static_cast<float>(any_real(rng));
  e.text = any_text(rng);
  e.mode = rng.bernoulli(0.5) ? example::Mode::kBatch : example::Mode::kRunning;
  e.raw.text = rng.bernoulli(0.5) ? "[1, 2.50, \"x\"]" : quoted(any_text(rng));
  e.nested = any_sgd(rng);
  if (rng.bernoulli(0.5)) e.maybe = any_integer(rng);
  if (rng.bernoulli(0.5)) e.maybe_nested = any_sgd(rng);
  if (rng.bernoulli(0.5)) e.maybe_list = list_of(rng, [&] { return any_real(rng); });
  e.reals = list_of(rng, [&] { return any_real(rng); });
  e.integers = list_of(rng, [&] { return any_integer(rng); });
  e.words = list_of(rng, [&] { return any_text(rng); });
  e.pair = {static_cast<float>(any_real(rng)), static_cast<float>(any_real(rng))};
  e.structs = list_of(rng, [&] { return any_adam(rng); });
  e.grid = list_of(rng, [&] { return list_of(rng, [&] { return static_cast<int>(any_integer(rng)); }); });
  e.chosen = any_optimizer(rng);
  e.choices = list_of(rng, [&] { return any_optimizer(rng); });
  return e;
}

}  // namespace

TEST_CASE("config: any values of every kind of field read back equal after writing") {
  Rng rng(11);
  for (int i = 0; i < 300; ++i) {
    const example::Everything written = any_values(rng);
    const std::string text = write_json(written);
    example::Everything read = any_values(rng);  // whatever was there before is replaced
    read_json(read, text, "written");
    REQUIRE(read.values() == written.values());
    REQUIRE(write_json(read) == text);
  }
}

TEST_CASE("config: the resolved config has every field, in the order described") {
  example::Experiment e;
  e.data.name = "mnist";
  e.teacher.text = "{\"a\": /* why */ [1,\n2]}";
  CHECK(write_json(e) == R"({
  "epochs": 30,
  "mode": "batch",
  "data": {
    "name": "mnist",
    "validation": 0
  },
  "optimizer": {
    "name": "sgd",
    "lr": 0.1,
    "momentum": 0,
    "nesterov": false
  },
  "hidden": [800, 800],
  "clip": null,
  "teacher": {
    "a": [1, 2]
  }
}
)");
}

TEST_CASE("config: a float is written in its own digits, not in those of a double") {
  example::Everything e;
  e.single = 0.1f;
  CHECK(write_json(e).find("\"single\": 0.1,") != std::string::npos);
}

TEST_CASE("config: a value JSON cannot hold is refused when writing") {
  example::Sgd sgd{.lr = std::numeric_limits<double>::infinity()};
  CHECK(message_of([&] { (void)write_json(sgd); }) ==
        "write_json: field \"lr\" is inf, which JSON cannot hold; use a std::optional");
}
