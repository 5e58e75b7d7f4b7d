#include <doctest/doctest.h>

#include "tests/core/config_example.h"

using namespace fewer;
using example::message_of;

namespace {

std::string overridden(const std::string& text, const std::string& assignment) {
  return apply_override(text, assignment, "f.json");
}

std::string refusal(const std::string& text, const std::string& assignment) {
  return message_of([&] { overridden(text, assignment); });
}

}  // namespace

TEST_CASE("override: a value is replaced where it stands; comments and lines stay") {
  CHECK(overridden("{\n// why\n\"a\": {\"b\": 1}, \"c\": 2}", "a.b=0.5") == "{\n// why\n\"a\": {\"b\": 0.5}, \"c\": 2}");
}

TEST_CASE("override: the value is JSON or else a bare string") {
  CHECK(overridden(R"({"a": 1})", "a=[1,2]") == R"({"a": [1, 2]})");
  CHECK(overridden(R"({"a": 1})", "a=true") == R"({"a": true})");
  CHECK(overridden(R"({"a": 1})", "a=adam") == R"({"a": "adam"})");
  CHECK(overridden(R"({"a": 1})", "a=\"1\"") == R"({"a": "1"})");
  CHECK(overridden(R"({"a": 1})", "a=x=y") == R"({"a": "x=y"})");
  CHECK(overridden(R"({"a": 1})", "a=") == R"({"a": ""})");
}

TEST_CASE("override: what is missing is added, with the objects on the way") {
  CHECK(overridden("{}", "a=1") == R"({"a": 1})");
  CHECK(overridden(R"({"x": 1 // last
})", "a.b.c=1") == R"({"a": {"b": {"c": 1}}, "x": 1 // last
})");
}

TEST_CASE("override: elements of a list go by position") {
  CHECK(overridden(R"({"a": [{"b": 1}, 2]})", "a.0.b=3") == R"({"a": [{"b": 3}, 2]})");
  CHECK(overridden(R"({"a": [1, 2]})", "a.1=3") == R"({"a": [1, 3]})");
  CHECK(refusal(R"({"a": [1, 2]})", "a.2=3") == "--set a.2=3: expected the position of an element of a, got \"2\"");
  CHECK(refusal(R"({"a": [1, 2]})", "a.-1=3") == "--set a.-1=3: expected the position of an element of a, got \"-1\"");
}

TEST_CASE("override: a bare name on the way becomes the object it is short for") {
  CHECK(overridden(R"({"optimizer": "sgd"})", "optimizer.lr=1") == R"({"optimizer": {"name": "sgd", "lr": 1}})");
  CHECK(overridden(R"({"optimizer": "sgd"})", "optimizer.name=adam") == R"({"optimizer": {"name": "adam"}})");
}

TEST_CASE("override: a path that no struct has is reported as an unknown key by the reader") {
  example::Experiment e;
  const std::string text = overridden(R"({"data": {"name": "mnist"}})", "optimizer.lrr=1");
  CHECK(message_of([&] { read_json(e, text, "f.json"); }) ==
        "f.json:1: optimizer: unknown key \"lrr\" of sgd; did you mean \"lr\"?");
}

TEST_CASE("override: what makes no sense is refused as a bad config") {
  ErrorKind kind = ErrorKind::kOther;
  CHECK(message_of([] { apply_override("{}", "a", "f.json"); }, &kind) == "--set a: expected key=value or key.key=value");
  CHECK(kind == ErrorKind::kConfig);
  CHECK(refusal("{}", "=1") == "--set =1: expected key=value or key.key=value");
  CHECK(refusal("{}", "a..b=1") == "--set a..b=1: expected key=value or key.key=value");
  CHECK(refusal(R"({"a": 3})", "a.b=1") == "--set a.b=1: expected a to be an object, but it is 3");
  CHECK(refusal("[]", "a=1") == "--set a=1: expected the position of an element of f.json, got \"a\"");
  CHECK(refusal("{", "a=1").starts_with("f.json:1:2: expected"));
}
