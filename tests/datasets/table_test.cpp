#include "datasets/tables/table.h"

#include <doctest/doctest.h>

#include <cmath>

#include "core/config.h"
#include "core/error.h"
#include "datasets/tables/encoder.h"
#include "datasets/tables/table_reader.h"
#include "tests/support/messages.h"

namespace fewer::testing {
namespace {

constexpr const char* kPeople =
    "age, job, zip, income\n"
    "39, Clerk, 8001, <=50K\n"
    "50, ?, 8002, >50K\n"
    "20, Baker, 8001, <=50K.\n";

Table read(const TableSchema& schema, const std::string& text) {
  TableReader reader(schema);
  reader.add(text, "people.csv");
  return reader.finish();
}

std::string complaint(const TableSchema& schema, const std::string& text, ErrorKind kind = ErrorKind::kData) {
  return message_of(kind, [&] { read(schema, text); });
}

const TableSchema kSchema{.target = "income", .label_end = ".", .nominal = {"zip"}};

Table two_columns(std::vector<double> numbers, std::vector<int32_t> codes) {
  return {.attributes = {{.name = "x", .nominal = false, .numbers = numbers, .codes = {}, .levels = {}},
                         {.name = "kind", .nominal = true, .numbers = {}, .codes = codes, .levels = {"a", "b", "c"}}},
          .target = {.name = "y", .nominal = true, .numbers = {}, .codes = codes, .levels = {"a", "b", "c"}}};
}

}  // namespace

TEST_CASE("table: columns are numeric or nominal by their values, unless the schema says so") {
  const Table table = read(kSchema, kPeople);
  REQUIRE(table.attributes.size() == 3);
  CHECK(table.attributes[0].numbers == std::vector<double>{39, 50, 20});
  CHECK(table.attributes[1].levels == std::vector<std::string>{"Baker", "Clerk"});
  CHECK(table.attributes[1].codes == std::vector<int32_t>{1, Column::kMissingCode, 0});
  CHECK(table.attributes[2].levels == std::vector<std::string>{"8001", "8002"});
  CHECK(table.target.levels == std::vector<std::string>{"<=50K", ">50K"});
  CHECK(table.target.codes == std::vector<int32_t>{0, 1, 0});
}

TEST_CASE("table: with names in the schema the first row is data, unless it repeats the target's name") {
  TableSchema schema{.target = "y", .names = {"a", "y"}};
  CHECK(read(schema, "1,k\n2,l\n").rows() == 2);
  CHECK(read(schema, "A,Y\n1,k\n2,l\n").attributes[0].numbers == std::vector<double>{1, 2});
}

TEST_CASE("table: several files become one, each with or without its header") {
  TableReader reader({.target = "y"});
  CHECK(reader.add("a,y\n1,k\n", "first") == 1);
  CHECK(reader.add("2,l\n3,k\n", "second") == 2);
  CHECK(reader.add("a,y\n4,l\n", "third") == 1);
  CHECK_THROWS_WITH_AS(reader.add("5\n", "fourth"),
                       doctest::Contains("fourth: line 1: expected 2 fields (a, y), got 1"), Error);
  const Table table = reader.finish();
  CHECK(table.attributes[0].numbers == std::vector<double>{1, 2, 3, 4});
  CHECK(table.target.codes == std::vector<int32_t>{0, 1, 0, 1});
}

TEST_CASE("table: missing numbers are NaN, ignored columns are gone") {
  const Table table = read({.target = "y", .missing = {"", "NA"}, .ignore = {"id"}}, "id,a,y\n7,,k\n8,1e3,l\n9,NA,k\n");
  REQUIRE(table.attributes.size() == 1);
  CHECK(std::isnan(table.attributes[0].numbers[0]));
  CHECK(table.attributes[0].numbers[1] == 1000);
  CHECK(complete_rows(table) == std::vector<int64_t>{1});
}

TEST_CASE("table: what is no number in a numeric column is named with its file, line and column") {
  const TableSchema schema{.target = "y", .numeric = {"a"}};
  CHECK(contains(complaint(schema, "a,y\n1,k\n2x,l\n"), "people.csv: line 3: column a: expected a number, got \"2x\""));
  for (const char* bad : {"nan", "inf", "1e999", "--1", "+", "0x10"})
    CHECK(contains(complaint(schema, text("a,y\n", bad, ",k\n")), "expected a number"));
  CHECK(read(schema, "a,y\n+.5,k\n").attributes[0].numbers[0] == 0.5);
}

TEST_CASE("table: a schema that does not fit the file says which column is wrong") {
  CHECK(contains(complaint({.target = "incme"}, kPeople, ErrorKind::kConfig), "expected a column \"incme\""));
  CHECK(contains(complaint({.target = "incme"}, kPeople, ErrorKind::kConfig), "did you mean \"income\"?"));
  CHECK(contains(complaint({.target = "y"}, "a,a,y\n"), "two are called \"a\""));
  CHECK(contains(complaint({.target = "y", .names = {"a", "y"}}, "1,2,k\n"), "expected 2 fields (a, y), got 3"));
}

TEST_CASE("table: a column of very many names is refused, since each would be an input of the network") {
  std::string text = "id,y\n";
  for (int i = 0; i < 5000; ++i) text += fewer::text("n", i, ",k\n");
  CHECK(contains(complaint({.target = "y"}, text), "column id: expected at most 4096 different names, got 5000"));
  CHECK(read({.target = "y", .ignore = {"id"}}, text).attributes.empty());
}

TEST_CASE("table: chosen rows keep their columns; names that none of them has can be dropped") {
  const Table part = two_columns({1, 2, 3, 4}, {0, 2, 1, 2}).select(std::vector<int64_t>{3, 0});
  CHECK(part.attributes[0].numbers == std::vector<double>{4, 1});
  CHECK(part.attributes[1].codes == std::vector<int32_t>{2, 0});
  CHECK(part.attributes[1].levels.size() == 3);
  const Table fewer_levels = without_unused_levels(part);
  CHECK(fewer_levels.attributes[1].levels == std::vector<std::string>{"a", "c"});
  CHECK(fewer_levels.attributes[1].codes == std::vector<int32_t>{1, 0});
  CHECK_THROWS_WITH_AS(part.select(std::vector<int64_t>{2}), doctest::Contains("expected a row from 0 to 1, got 2"),
                       Error);
}

TEST_CASE("table: some classes against all others") {
  const Column target = two_columns({1, 2, 3}, {0, 2, 1}).target;
  CHECK(binary_target(target, {"c", "a"}).codes == std::vector<int32_t>{1, 1, 0});
  CHECK_THROWS_WITH_AS(binary_target(target, {"d"}), doctest::Contains("\"d\" is no class of y"), Error);
  CHECK_THROWS_WITH_AS(binary_target(target, {"a", "b", "c"}), doctest::Contains("some but not all of the 3"), Error);
}

TEST_CASE("table encoder: numbers are scaled by the training rows, names become one input each") {
  const Table train = two_columns({1, 3}, {0, 2}), other = two_columns({5}, {1});
  const TableEncoder standard = TableEncoder::of(train, NumericScale::kStandard);
  CHECK(standard.width() == 4);
  CHECK(standard.encode(train).shape() == Shape{2, 4});
  const std::vector<Real> expected_train = {-1, 1, 0, 0, 1, 0, 0, 1}, expected_other = {3, 0, 1, 0};
  CHECK(std::ranges::equal(standard.encode(train).values(), expected_train));
  CHECK(std::ranges::equal(standard.encode(other).values(), expected_other));
  const std::vector<Real> expected_unit = {2, 0, 1, 0};
  CHECK(std::ranges::equal(TableEncoder::of(train, NumericScale::kUnit).encode(other).values(), expected_unit));
}

TEST_CASE("table encoder: a constant number becomes 0, never infinite") {
  for (const NumericScale scale : {NumericScale::kStandard, NumericScale::kUnit}) {
    const TableEncoder encoder = TableEncoder::of(two_columns({7, 7}, {0, 1}), scale);
    CHECK(encoder.encode(two_columns({9}, {0})).values()[0] == 0);
  }
}

TEST_CASE("table encoder: missing values and other columns are refused") {
  const TableEncoder encoder = TableEncoder::of(two_columns({1, 3}, {0, 2}), NumericScale::kStandard);
  CHECK_THROWS_WITH_AS(encoder.encode(two_columns({1, 2}, {0, -1})), doctest::Contains("row 1: column kind"), Error);
  CHECK_THROWS_WITH_AS(encoder.encode(two_columns({Column::kMissingNumber}, {0})), doctest::Contains("column x"),
                       Error);
  Table other = two_columns({1}, {0});
  other.attributes[1].levels = {"a", "b", "d"};
  CHECK_THROWS_WITH_AS(encoder.encode(other), doctest::Contains("kind of another kind or with other levels"), Error);
}

TEST_CASE("table encoder: what is written reads back") {
  const TableEncoder encoder = TableEncoder::of(two_columns({1, 4}, {0, 2}), NumericScale::kStandard);
  TableEncoder back;
  read_json(back, write_json(encoder), "encoder");
  const Table table = two_columns({2, 3}, {1, 2});
  CHECK(std::ranges::equal(back.encode(table).values(), encoder.encode(table).values()));
}

}  // namespace fewer::testing
