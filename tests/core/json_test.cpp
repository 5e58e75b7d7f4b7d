#include "core/json.h"

#include <doctest/doctest.h>

#include <cmath>

#include "core/rng.h"
#include "tests/core/config_example.h"

using namespace fewer;
using example::message_of;

namespace {

std::string parse_error(const std::string& text) {
  return message_of([&] { parse_json(text, "x"); });
}

}  // namespace

TEST_CASE("json: a value keeps its kind, text, order of keys and line") {
  const Json root = parse_json("{\"b\": [1, -2.50e+3, true, null],\n \"a\": \"x\"}", "x");
  CHECK(root.keys == std::vector<std::string>{"b", "a"});
  CHECK(root.items[0].items[1].text == "-2.50e+3");
  CHECK(root.items[0].items[2].is(Json::Kind::kBool));
  CHECK(root.items[0].items[3].is(Json::Kind::kNull));
  CHECK(root.find("a")->text == "x");
  CHECK(root.find("a")->line == 2);
  CHECK(root.find("c") == nullptr);
  CHECK(compact_json(root) == R"({"b": [1, -2.50e+3, true, null], "a": "x"})");
}

TEST_CASE("json: comments, a byte order mark and Windows line ends are skipped") {
  const Json root = parse_json("\xef\xbb\xbf// one\r\n{ /* two\n */ \"a\" : /**/ 1 // \"b\": 2\r\n}// three", "x");
  CHECK(compact_json(root) == R"({"a": 1})");
  CHECK(root.find("a")->line == 3);
}

TEST_CASE("json: escapes and UTF-8 are read and written back") {
  const Json value = parse_json(R"("\"\\\/\b\f\n\r\t\u00e9\u20ac\ud83d\ude00é")", "x");
  CHECK(value.text == "\"\\/\b\f\n\r\té€😀é");
  CHECK(parse_json(quoted(value.text), "x").text == value.text);
  CHECK(quoted(std::string_view("\x01\n\0", 3)) == "\"\\u0001\\n\\u0000\"");
}

TEST_CASE("json: a syntax error names line, column, what was expected and what came") {
  CHECK(parse_error("") == "x:1:1: expected a value, found the end of the text");
  CHECK(parse_error("{\"a\": 1,\n \"b\" 2}") == "x:2:6: expected ':' after a key, found '2'");
  CHECK(parse_error("{\"a\": 1,}") == "x:1:9: expected a key in double quotes, found '}'");
  CHECK(parse_error("{a: 1}") == "x:1:2: expected a key in double quotes, found 'a'");
  CHECK(parse_error("[1 2]") == "x:1:4: expected ',' or ']' after a value, found '2'");
  CHECK(parse_error("{\"a\": 1 \"b\": 2}") == "x:1:9: expected ',' or '}' after a value, found '\"'");
  CHECK(parse_error("[1]]") == "x:1:4: expected the end of the text, found ']'");
  CHECK(parse_error("nan") == "x:1:1: expected a value, found 'nan'");
  CHECK(parse_error("[-Infinity]") == "x:1:3: expected a digit, found 'Infinity'");
  CHECK(parse_error("True") == "x:1:1: expected a value, found 'True'");
  CHECK(parse_error("01") == "x:1:2: expected no digit after a leading 0, found '1'");
  CHECK(parse_error("1.") == "x:1:3: expected a digit, found the end of the text");
  CHECK(parse_error("1e") == "x:1:3: expected a digit, found the end of the text");
  CHECK(parse_error("+1") == "x:1:1: expected a value, found '+'");
  CHECK(parse_error("\"a\nb\"") == "x:1:3: expected '\"' at the end of a string, found the end of the line");
  CHECK(parse_error("\"a") == "x:1:3: expected '\"' at the end of a string, found the end of the text");
  CHECK(parse_error("\"\x01\"") == "x:1:2: expected no control character in a string, found byte 1");
  CHECK(parse_error("\"\\x\"").starts_with("x:1:3: expected one of \\\" \\\\"));
  CHECK(parse_error("\"\\u12g4\"").find("four hexadecimal digits") != std::string::npos);
  CHECK(parse_error("\"\\ud83d\"").find("a low surrogate") != std::string::npos);
  CHECK(parse_error("\"\\ude00\"").find("a low surrogate") != std::string::npos);
  CHECK(parse_error("1 /* open") == "x:1:3: expected '*/' at the end of a comment, found '/'");
  CHECK(parse_error("1 / 2") == "x:1:3: expected a comment, // or /* */, found '/'");
}

TEST_CASE("json: bytes that are not UTF-8 are refused") {
  for (const char* bad : {"\x80", "\xc0\xaf", "\xe0\x80\x80", "\xed\xa0\x80", "\xf0\x80\x80\x80", "\xf4\x90\x80\x80", "\xff",
                          "\xe2\x82"})
    CHECK(parse_error(text("\"", bad, "\"")).find("expected text in UTF-8, found byte") != std::string::npos);
}

TEST_CASE("json: deep nesting is refused before the stack runs out") {
  CHECK(parse_error(std::string(100000, '[')) == "x:1:202: expected at most 200 levels of lists and objects, found '['");
  CHECK(parse_error(std::string(200, '[') + std::string(200, ']')) == "");
}

TEST_CASE("json: a text of more than 64 MiB is refused") {
  CHECK(parse_error(std::string(kMaxJsonBytes + 1, ' ')) == "x: expected at most 67108864 bytes of JSON, got 67108865");
}

TEST_CASE("json: whole numbers keep 64 bits, and may be written with an exponent or a point") {
  const auto integer = [](const char* text) {
    int64_t value = -1;
    const bool ok = to_integer(parse_json(text, "x"), value);
    return ok ? std::to_string(value) : "no";
  };
  CHECK(integer("9223372036854775807") == "9223372036854775807");
  CHECK(integer("-9223372036854775808") == "-9223372036854775808");
  CHECK(integer("9223372036854775808") == "no");
  CHECK(integer("1e3") == "1000");
  CHECK(integer("12.0") == "12");
  CHECK(integer("12.5") == "no");
  CHECK(integer("1e300") == "no");
}

TEST_CASE("json: the shortest decimal of a number reads back to the same bits") {
  Rng rng(3);
  for (int i = 0; i < 2000; ++i) {
    const double value = rng.normal() * std::pow(10.0, static_cast<double>(rng.below(600)) - 300);
    double read = 0;
    REQUIRE(to_real(parse_json(shortest(value), "x"), read));
    CHECK(read == value);
  }
  CHECK(shortest(0.1) == "0.1");
}

TEST_CASE("json: pretty text keeps short plain lists on one line") {
  const Json value = parse_json(R"({"a":[1,2],"b":{"c":{}},"d":[{"e":[]}]})", "x");
  CHECK(pretty_json(value) == R"({
  "a": [1, 2],
  "b": {
    "c": {}
  },
  "d": [
    {
      "e": []
    }
  ]
})");
}

TEST_CASE("json: damaged text is read or refused, never worse") {
  const std::string good = R"({"a": [1, 2.5e-3, "x\u00e9\n", {"b": null}], /* c */ "d": true, "é": -0.0})";
  Rng rng(7);
  for (int i = 0; i < 20000; ++i) {
    std::string bad = good;
    for (int64_t flips = 1 + rng.below(3); flips > 0; --flips)
      bad[static_cast<size_t>(rng.below(std::ssize(bad)))] ^= static_cast<char>(1 << rng.below(8));
    bad.resize(bad.size() - static_cast<size_t>(rng.below(4) == 0 ? rng.below(std::ssize(bad)) : 0));
    const std::string error = parse_error(bad);
    if (error.empty()) parse_json(pretty_json(parse_json(bad, "x")), "again");
    else CHECK(error.starts_with("x:1:"));
  }
}
