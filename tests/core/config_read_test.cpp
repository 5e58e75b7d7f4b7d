#include <doctest/doctest.h>

#include "core/json.h"
#include "core/spelling.h"
#include "tests/core/config_example.h"

using namespace fewer;
using example::message_of;

namespace {

example::Experiment read(const std::string& text) {
  example::Experiment experiment;
  read_json(experiment, text, "f.json");
  return experiment;
}

std::string mistakes(const std::string& text) {
  return message_of([&] { read(text); });
}

// The mistakes of a config that has the required data and `fields` on line 2.
std::string mistakes_of(const std::string& fields) { return mistakes("{\"data\": {\"name\": \"mnist\"},\n" + fields + "}"); }

}  // namespace

TEST_CASE("config: what the text leaves out keeps its default, what it has is read") {
  const example::Experiment e = read(R"({
    // a comment
    "data": {"name": "glyphs"}, "epochs": 1e1, "mode": "running", "hidden": [3],
    "optimizer": {"name": "adam", "lr": 1}, "clip": 5
  })");
  CHECK(e.epochs == 10);
  CHECK(e.mode == example::Mode::kRunning);
  CHECK(e.data.name == "glyphs");
  CHECK(e.data.validation == 0);
  CHECK(e.hidden == std::vector<int>{3});
  CHECK(std::get<example::Adam>(e.optimizer).lr == 1);
  CHECK(std::get<example::Adam>(e.optimizer).steps == 1);
  CHECK(e.clip == 5);
}

TEST_CASE("config: a variant is chosen by its bare name, by an object, or keeps its default kind") {
  const std::string data = R"("data": {"name": "mnist"}, )";
  CHECK(std::holds_alternative<example::Adam>(read("{" + data + R"("optimizer": "adam"})").optimizer));
  CHECK(std::get<example::Sgd>(read("{" + data + R"("optimizer": {"lr": 3}})").optimizer).lr == 3);
}

TEST_CASE("config: one mistake, one message with path, line, expectation and value") {
  struct Case {
    const char* fields;
    const char* message;
  };
  const Case cases[] = {
      {R"("epochs": "ten")", "epochs: expected a whole number from 1 to 1000, got \"ten\""},
      {R"("epochs": 0)", "epochs: expected a whole number from 1 to 1000, got 0"},
      {R"("epochs": 2.5)", "epochs: expected a whole number from 1 to 1000, got 2.5"},
      {R"("epochs": 1e99)", "epochs: expected a whole number from 1 to 1000, got 1e99"},
      {R"("epochs": true)", "epochs: expected a whole number from 1 to 1000, got true"},
      {R"("epochs": null)", "epochs: expected a whole number from 1 to 1000, got null"},
      {R"("epohcs": 3)", "unknown key \"epohcs\"; did you mean \"epochs\"?"},
      {R"("zzz": 3)", "unknown key \"zzz\"; known here: epochs, mode, data, optimizer, hidden, clip, teacher"},
      {R"("epochs": 3, "epochs": 4)", "duplicate key \"epochs\", already on line 2"},
      {R"("mode": "bach")", "mode: expected one of batch, running, got \"bach\"; did you mean \"batch\"?"},
      {R"("mode": 3)", "mode: expected one of batch, running, got 3"},
      {R"("optimizer": {"lr": "fast"})", "optimizer.lr: expected a number above 0, got \"fast\""},
      {R"("optimizer": {"lr": 0})", "optimizer.lr: expected a number above 0, got 0"},
      {R"("optimizer": {"momentum": 1})", "optimizer.momentum: expected a number at least 0 and below 1, got 1"},
      {R"("optimizer": {"nesterov": 1})", "optimizer.nesterov: expected true or false, got 1"},
      {R"("optimizer": "adm")", "optimizer: expected one of sgd, adam, got \"adm\"; did you mean \"adam\"?"},
      {R"("optimizer": {"name": "adm"})", "optimizer.name: expected one of sgd, adam, got \"adm\"; did you mean \"adam\"?"},
      {R"("optimizer": {"name": 3})", "optimizer.name: expected one of sgd, adam, got 3"},
      {R"("optimizer": 3)", "optimizer: expected one of sgd, adam, or an object with \"name\", got 3"},
      {R"("optimizer": {"name": "adam", "momentum": 0.9})",
       "optimizer: unknown key \"momentum\" of adam; known here: name, lr, steps"},
      {R"("optimizer": {"nesterov": true})",
       "optimizer: nesterov needs momentum above 0 (nesterov is true, momentum is 0 by default)"},
      {R"("optimizer": {"name": "adam", "steps": 3000000000})",
       "optimizer.steps: expected a whole number from 1 to 2147483647, got 3000000000"},
      {R"("hidden": 3)", "hidden: expected a list of 1 to 4, got 3"},
      {R"("hidden": [])", "hidden: expected a list of 1 to 4, got a list of 0"},
      {R"("hidden": [1, 2, 3, 4, 5])", "hidden: expected a list of 1 to 4, got a list of 5"},
      {R"("hidden": [1, -2])", "hidden[1]: expected a whole number at least 1, got -2"},
      {R"("hidden": [1, {}])", "hidden[1]: expected a whole number at least 1, got an object"},
      {R"("clip": 0)", "clip: expected a number above 0, got 0"},
      {R"("mode": "0123456789012345678901234567890123456789012345678901234567890123456789")",
       "mode: expected one of batch, running, got \"01234567890123456789012345678901234567890123456789012345678..."},
  };
  for (const Case& c : cases) {
    INFO(c.fields);
    CHECK(mistakes_of(c.fields) == std::string("f.json:2: ") + c.message);
  }
}

TEST_CASE("config: a number that a float cannot hold is out of range") {
  example::Everything e;
  read_json(e, R"({"single": 3e38})", "f.json");
  CHECK(e.single == 3e38f);
  CHECK(message_of([&] { read_json(e, R"({"single": 1e39})", "f.json"); }).find("single: expected a number") !=
        std::string::npos);
}

TEST_CASE("config: a missing required field is a mistake even when its whole struct is left out") {
  CHECK(mistakes("{}") == "f.json:1: data.name: missing: expected one of mnist, glyphs");
  CHECK(mistakes("{\n\"data\": {}}") == "f.json:2: data.name: missing: expected one of mnist, glyphs");
}

TEST_CASE("config: all mistakes are reported together, in the order of the text") {
  CHECK(mistakes(R"({
    "epohcs": 3,
    "data": {"name": "minst"},
    "hidden": ["a", 2, "b"],
    "optimizer": {"lr": -1, "nesterov": true}
  })") == R"(f.json:2: unknown key "epohcs"; did you mean "epochs"?
f.json:3: data.name: expected one of mnist, glyphs, got "minst"; did you mean "mnist"?
f.json:4: hidden[0]: expected a whole number at least 1, got "a"
f.json:4: hidden[2]: expected a whole number at least 1, got "b"
f.json:5: optimizer.lr: expected a number above 0, got -1
f.json:5: optimizer: nesterov needs momentum above 0 (nesterov is true, momentum is 0 by default))");
}

TEST_CASE("config: fields that disagree are not reported when one of them is wrong already") {
  CHECK(mistakes_of(R"("optimizer": {"momentum": 2, "nesterov": true})") ==
        "f.json:2: optimizer.momentum: expected a number at least 0 and below 1, got 2");
}

TEST_CASE("config: errors have the kind the caller asked for, kConfig unless told") {
  for (const char* bad : {"{", "[]", "{\"x\": 1}"}) {
    ErrorKind kind = ErrorKind::kOther;
    example::Experiment e;
    message_of([&] { read_json(e, bad, "f"); }, &kind);
    CHECK(kind == ErrorKind::kConfig);
    message_of([&] { read_json(e, bad, "f", ErrorKind::kData); }, &kind);
    CHECK(kind == ErrorKind::kData);
  }
  CHECK(mistakes("[]") == "f.json:1: expected an object, got a list");
}

TEST_CASE("config: a raw subtree is kept as written, and read later with the lines and path of its file") {
  const example::Experiment e = read(
      "{\"data\": {\"name\": \"mnist\"},\n\"teacher\":\n {\"epochs\": 3, // few\n  \"epohcs\": 4}}");
  CHECK(e.teacher.text == "{\"epochs\": 3, // few\n  \"epohcs\": 4}");
  example::Experiment teacher;
  CHECK(message_of([&] { read_json(teacher, e.teacher, "f.json"); }) ==
        "f.json:3: teacher.data.name: missing: expected one of mnist, glyphs\n"
        "f.json:4: teacher: unknown key \"epohcs\"; did you mean \"epochs\"?");
}

TEST_CASE("config: fields may depend on those read before them") {
  std::string kind = "flat";
  int depth = 0;
  const auto describe = [&](Visitor& v) {
    v.field("kind", kind, {.choices = {"flat", "deep"}});
    if (kind == "deep") v.field("depth", depth);
  };
  read_json(describe, R"({"depth": 3, "kind": "deep"})", "f");
  CHECK(depth == 3);
  CHECK(message_of([&] { read_json(describe, R"({"depth": 3, "kind": "flat"})", "f"); }) ==
        "f:1: unknown key \"depth\"; known here: kind");
}

TEST_CASE("config: a forwarding visitor passes plain fields to the reader") {
  struct Layer : ForwardingVisitor {
    using ForwardingVisitor::ForwardingVisitor;
    void child(std::string_view name, example::Sgd& inner) {
      object(name, [&](Visitor& v) { inner.describe(v); }, {});
    }
  };
  example::Sgd inner;
  double rate = 0;
  const auto describe = [&](Visitor& v) {
    Layer layer(v);
    layer.field("rate", rate, {.max = 1});
    layer.child("body", inner);
  };
  read_json(describe, R"({"rate": 0.5, "body": {"lr": 7}})", "f");
  CHECK(rate == 0.5);
  CHECK(inner.lr == 7);
}

TEST_CASE("spelling: one letter dropped, added, changed, swapped or in the other case is near") {
  const std::vector<std::string> words = {"epochs", "momentum", "lr"};
  for (const char* word : {"epoch", "epochss", "epocks", "epcohs", "EPOCHS"}) CHECK(nearest(word, words) == "epochs");
  CHECK(nearest("lrr", words) == "lr");
  CHECK(nearest("batch", words) == "");
  CHECK(nearest("", words) == "");
  CHECK(edit_distance("abcd", "acbd") == 1);
  CHECK(edit_distance("", "abc") == 3);
}
