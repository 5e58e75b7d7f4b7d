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
  CHECK(parse_error("[-Infinity]") == "x:1:3: invalid number; expected digit after '-', found 'Infinity'");
  CHECK(parse_error("True") == "x:1:1: expected a value, found 'True'");
  CHECK(parse_error("01") == "x:1:2: expected the end of the text, found '1'");
  CHECK(parse_error("[01]") == "x:1:3: expected ',' or ']' after a value, found '1'");
  CHECK(parse_error("[truex]") == "x:1:6: expected ',' or ']' after a value, found 'x'");
  CHECK(parse_error("[,1]") == "x:1:2: expected a value, found ','");
  CHECK(parse_error("1.") == "x:1:3: invalid number; expected digit after '.', found the end of the text");
  CHECK(parse_error("1e").starts_with("x:1:3: invalid number; expected '+', '-', or digit after exponent, found the end"));
  CHECK(parse_error("+1") == "x:1:1: expected a value, found '+1'");
  CHECK(parse_error("\"a") == "x:1:3: invalid string: missing closing quote, found the end of the text");
  CHECK(parse_error("{\"\\x\": 1}") == "x:1:4: invalid string: forbidden character after backslash, found 'x'");
  CHECK(parse_error("\"\\u12g4\"") == "x:1:6: invalid string: '\\u' must be followed by 4 hex digits, found 'g4'");
  CHECK(parse_error("1 / 2") == "x:1:3: invalid comment; expecting '/' or '*' after '/', found '/'");
}

TEST_CASE("json: control characters and line ends inside a string are refused") {
  CHECK(parse_error("\"a\nb\"").starts_with("x:1:3: invalid string: control character U+000A (LF) must be escaped"));
  CHECK(parse_error("\"a\nb\"").ends_with(", found the end of the line"));
  CHECK(parse_error("\"\x01\"").ends_with(", found byte 1"));
}

TEST_CASE("json: bytes that are not UTF-8 are refused") {
  for (const char* bad : {"\x80", "\xc0\xaf", "\xe0\x80\x80", "\xed\xa0\x80", "\xf0\x80\x80\x80", "\xf4\x90\x80\x80", "\xff",
                          "\xe2\x82"})
    CHECK(parse_error(text("\"", bad, "\"")).find("invalid string: ill-formed UTF-8 byte, found") != std::string::npos);
  CHECK(parse_error("[\xff]") == "x:1:2: expected a value, found byte 255");
  CHECK(parse_error("\xef\xbb[]") == "x:1:1: invalid BOM; must be 0xEF 0xBB 0xBF if given, found byte 239");
}

TEST_CASE("json: what is not UTF-8 is written as U+FFFD") {
  CHECK(quoted("a\xff\xe2\x82z") == "\"a\uFFFD\uFFFDz\"");
}

TEST_CASE("json: half a surrogate pair is refused") {
  for (const char* bad : {"\\ud83d", "\\ud83dx", "\\ud83d\\n", "\\ud83d\\u0041", "\\ud83d\\ud83d", "\\ude00"})
    CHECK(parse_error(text("[\"", bad, "\"]")).find("invalid string: surrogate U+D") != std::string::npos);
}

TEST_CASE("json: a NUL byte is refused wherever it stands") {
  using std::string_literals::operator""s;
  CHECK(parse_error("{\"a\": 1}\n\0{}"s) == "x:2:1: expected text without NUL bytes, found byte 0");
  for (const std::string& bad : {"\0"s, "[1,\0 2]"s, "\"a\0b\""s, "1 // c\0\n"s, "1 /* c\0 */"s})
    CHECK(parse_error(bad).ends_with("expected text without NUL bytes, found byte 0"));
}

TEST_CASE("json: comments end where the parser ends them, and must end") {
  CHECK(parse_error("1 /* open") == "x:1:3: invalid comment; missing closing '*/', found '/'");
  CHECK(parse_error("[1, /*/ 2]").starts_with("x:1:5: invalid comment"));
  CHECK(compact_json(parse_json("/***/[/* * / **/1 // ]\r,2]//", "x")) == "[1, 2]");
}

TEST_CASE("json: a number too large for a double is refused, an integer beyond 64 bits is not") {
  CHECK(parse_error("[1,\n -1e999]") == "x:2:2: expected a number of at most 1.8e308, found '-1e999'");
  CHECK(parse_json("123456789012345678901234567890", "x").text == "123456789012345678901234567890");
  CHECK(parse_json("1e-999", "x").text == "1e-999");
}

TEST_CASE("json: duplicate keys are kept, in their order") {
  const Json root = parse_json("{\"a\": 1,\n\"b\": 2,\n\"a\": 3}", "x");
  CHECK(compact_json(root) == R"({"a": 1, "b": 2, "a": 3})");
  CHECK(root.find("a")->text == "1");
  CHECK(root.items[2].line == 3);
}

TEST_CASE("json: begin and end of a value cut it out of the text") {
  const std::string source = "\xef\xbb\xbf {\"k\" /*:*/ : // ,\n [1 ,-0.5e1,true,null , \"\\n\"], \"e\":{ } }  ";
  const Json root = parse_json(source, "x");
  const auto slice = [&](const Json& v) { return source.substr(v.begin, v.end - v.begin); };
  const Json& list = root.items[0];
  CHECK(slice(root) == source.substr(4, source.size() - 6));
  CHECK(slice(list) == "[1 ,-0.5e1,true,null , \"\\n\"]");
  CHECK(slice(list.items[0]) == "1");
  CHECK(slice(list.items[1]) == "-0.5e1");
  CHECK(slice(list.items[2]) == "true");
  CHECK(slice(list.items[3]) == "null");
  CHECK(slice(list.items[4]) == "\"\\n\"");
  CHECK(slice(root.items[1]) == "{ }");
  CHECK(parse_json("12", "x").end == 2);
}

TEST_CASE("json: lines count from the one given, and columns past a byte order mark") {
  CHECK(parse_json("\r\n\r\n 1", "x").line == 3);
  CHECK(parse_json("\n1", "x", ErrorKind::kConfig, 10).line == 11);
  CHECK(message_of([] { parse_json("[\r\n\r\n 1,]", "x", ErrorKind::kConfig, 10); }) ==
        "x:12:4: expected a value, found ']'");
  CHECK(parse_error("\xef\xbb\xbf") == "x:1:1: expected a value, found the end of the text");
  CHECK(parse_error("\xef\xbb\xbf[1") == "x:1:3: expected ',' or ']' after a value, found the end of the text");
}

TEST_CASE("json: deep nesting is refused") {
  CHECK(parse_error(std::string(10000, '[')) == "x:1:201: expected at most 200 levels of lists and objects, found '['");
  CHECK(parse_error(std::string(200, '[') + "1" + std::string(200, ']')) == "");
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
