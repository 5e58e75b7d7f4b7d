#include "datasets/tables/csv.h"

#include <doctest/doctest.h>

#include "core/error.h"
#include "tests/support/messages.h"

namespace fewer::testing {
namespace {

using Rows = std::vector<std::vector<std::string>>;

Rows parse(std::string_view text, CsvFormat format = {}) {
  CsvReader reader(text, "file.csv", format);
  Rows rows;
  for (std::vector<std::string> fields; reader.next(fields);) rows.push_back(fields);
  return rows;
}

std::string complaint(std::string_view text) {
  return message_of(ErrorKind::kData, [&] { parse(text); });
}

}  // namespace

TEST_CASE("csv: blanks around fields, either line end, a missing last line end and a byte order mark do not count") {
  const Rows expected = {{"a", "b c", ""}, {"1", "2", "3"}};
  CHECK(parse("a,b c,\n1,2,3\n") == expected);
  CHECK(parse("a, b c ,\t\r\n 1 , 2,3 ") == expected);
  CHECK(parse("\xef\xbb\xbf" "a,b c,\n1,2,3") == expected);
}

TEST_CASE("csv: a quoted field keeps blanks, separators, line breaks and doubled quotes") {
  CHECK(parse("1, \"a, \"\"b\"\"\n c \" ,2\n\"\",x,y") == Rows{{"1", "a, \"b\"\n c ", "2"}, {"", "x", "y"}});
}

TEST_CASE("csv: a quote inside an unquoted field is a character") { CHECK(parse("5\",b") == Rows{{"5\"", "b"}}); }

TEST_CASE("csv: empty lines and comment lines are passed over") {
  CHECK(parse("|1x3 Cross validator\n\n1,2\n  \n|x\n3,4\n\n", {.comment = '|'}) == Rows{{"1", "2"}, {"3", "4"}});
  CHECK(parse("|a,b\n", {}) == Rows{{"|a", "b"}});
  CHECK(parse("").empty());
  CHECK(parse("\n\n  \n").empty());
}

TEST_CASE("csv: the separator may be a tab, and fields may be empty then") {
  CHECK(parse("a\t\tb \n\t\t\n", {.separator = '\t'}) == Rows{{"a", "", "b"}, {"", "", ""}});
}

TEST_CASE("csv: the line of a row is where it begins") {
  CsvReader reader("a,b\n\n\"x\ny\",z\nc,d", "file.csv", {});
  std::vector<int64_t> lines;
  for (std::vector<std::string> fields; reader.next(fields);) lines.push_back(reader.line());
  CHECK(lines == std::vector<int64_t>{1, 3, 5});
}

TEST_CASE("csv: a row with more or fewer fields than the first is named with its line") {
  CHECK(contains(complaint("\na,b,c\n1,2,3\n4,5\n"), "file.csv: line 4: expected 3 fields as in line 2, got 2"));
  CHECK(contains(complaint("a,b\n1,2,3\n"), "line 2: expected 2 fields as in line 1, got 3"));
}

TEST_CASE("csv: what is no text, a quote that does not end and text behind one are told apart") {
  CHECK(contains(complaint("a,b\n1,\"2\n3,4\n"), "line 2: expected the quote that ends a field"));
  CHECK(contains(complaint("a,\"b\"c\n"), "line 1 (byte 5): expected rows of text, got more text after the quote"));
  CHECK(contains(complaint(std::string_view("a,b\n\0,1\n", 8)), "line 2 (byte 4): expected rows of text, got a cont"));
  CHECK(contains(complaint(std::string_view("a,\"\0\"\n", 6)), "control character"));
  CHECK(contains(complaint("\x1f\x8b,"), "control character"));
}

}  // namespace fewer::testing
