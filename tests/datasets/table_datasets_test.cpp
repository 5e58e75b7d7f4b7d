// Tables by name: a file of the user's own always, LETTER and ADULT where they can be found.
#include "datasets/tables/table_datasets.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "core/config.h"
#include "core/error.h"
#include "core/files.h"
#include "core/sha256.h"
#include "datasets/places.h"
#include "datasets/tables/uci.h"
#include "tests/support/requirements.h"
#include "tests/support/temp_folder.h"

namespace fewer::testing {
namespace {

TableConfig config_from(const std::string& json) {
  TableConfig config;
  read_json(config, json, "data");
  return config;
}

std::string cell(const Column& column, int64_t row) {
  const size_t i = static_cast<size_t>(row);
  if (column.missing(row)) return "?";
  if (column.nominal) return column.levels[static_cast<size_t>(column.codes[i])];
  return text(static_cast<int64_t>(column.numbers[i]));
}

// The sum of all cells as text (all numbers are whole), each followed by '|', a line a row, the class last.
std::string sum_of(const Table& table) {
  std::string all;
  for (int64_t row = 0; row < table.rows(); ++row) {
    for (const Column& column : table.attributes) all += cell(column, row) + '|';
    all += cell(table.target, row) + "|\n";
  }
  return sha256(all);
}

int64_t count(const Table& table, int32_t code) {
  return std::count(table.target.codes.begin(), table.target.codes.end(), code);
}

}  // namespace

TEST_CASE("own table: read by the schema in the config, divided by class, encoded") {
  TempFolder folder;
  std::string rows;
  for (int i = 0; i < 60; ++i) rows += text(i, i % 3 ? ";red;" : ";blue;", i % 2 ? "yes\n" : "no\n");
  write_file_atomically(folder.file("own.csv"), rows + "?;red;yes\n");
  const TableConfig config = config_from(R"({"name": "csv", "train": 20, "validation": 10, "scale": "unit", "csv": {
      "file": "own.csv", "separator": ";", "names": ["size", "colour", "bought"], "target": "bought"}})");
  const TableDataset data = load_table_dataset(config, folder.path());
  CHECK(data.train.rows() == 20);
  CHECK(count(data.train, 1) == 10);
  CHECK(data.validation.rows() == 10);
  CHECK(data.test.rows() == 30);
  CHECK(data.incomplete_rows == 1);
  CHECK(data.encoder.encode(data.test).shape() == Shape{30, 3});
  CHECK(write_json(config_from(write_json(config))) == write_json(config));
}

TEST_CASE("own table: the rows of the three splits are all rows, each once") {
  TempFolder folder;
  std::string rows = "a,y\n";
  for (int i = 0; i < 100; ++i) rows += text(i, i % 4 ? ",p\n" : ",q\n");
  write_file_atomically(folder.file("own.csv"), rows);
  const TableDataset data = load_table_dataset(
      config_from(R"({"name": "csv", "train": 50, "validation": 20, "csv": {"file": "own.csv", "target": "y"}})"),
      folder.path());
  std::vector<double> values;
  for (const Table& part : {data.train, data.validation, data.test})
    values.insert(values.end(), part.attributes[0].numbers.begin(), part.attributes[0].numbers.end());
  std::sort(values.begin(), values.end());
  REQUIRE(values.size() == 100);
  for (size_t i = 0; i < 100; ++i) CHECK(values[i] == static_cast<double>(i));
}

TEST_CASE("own table: too few rows, one class, no file and no target are told apart") {
  TempFolder folder;
  write_file_atomically(folder.file("own.csv"), "a,y\n1,k\n2,k\n3,k\n");
  TableConfig config = config_from(R"({"name": "csv", "train": 2, "validation": 1,
                                       "csv": {"file": "own.csv", "target": "y"}})");
  const auto load = [&] { load_table_dataset(config, folder.path()); };
  CHECK_THROWS_WITH_AS(load(), doctest::Contains("expected fewer than 3 rows"), Error);
  config.validation = 0;
  CHECK_THROWS_WITH_AS(load(), doctest::Contains("at least two classes"), Error);
  config.csv.file = "other.csv";
  CHECK_THROWS_WITH_AS(load(), doctest::Contains(folder.file("other.csv").c_str()), Error);
  CHECK_THROWS_WITH_AS(config_from(R"({"name": "csv"})"), doctest::Contains("csv.file and csv.target"), Error);
}

TEST_CASE("letter: rows, classes and values are the published ones") {
  if (!have_file("uci/letter-recognition.data")) return;
  const Table table = load_letter("");
  CHECK(table.rows() == 20000);
  CHECK(table.attributes.size() == 16);
  CHECK(count(table, 'O' - 'A') == 753);
  CHECK(count(table, 'U' - 'A') == 813);
  CHECK(sum_of(table) == "464dd537499201e86fc607a6b85e45d319fb07662c3654374d1b9ad534cc872f");
}

TEST_CASE("letter: the two problems of Model Compression have 753 and 9,940 positive rows, 15,000 to test on") {
  if (!have_file("uci/letter-recognition.data")) return;
  for (const auto& [name, positive] : {std::pair{"letter_p1", 753}, std::pair{"letter_p2", 9940}}) {
    const TableDataset data = load_table_dataset({.name = name, .positive = {}, .csv = {}});
    CHECK(count(data.train, 1) + count(data.validation, 1) + count(data.test, 1) == positive);
    CHECK(data.train.rows() == 4000);
    CHECK(data.validation.rows() == 1000);
    CHECK(data.test.rows() == 15000);
    CHECK(data.encoder.width() == 16);
  }
}

TEST_CASE("adult: rows, classes and values are the published ones") {
  if (!have_file("uci/adult.data")) return;
  const Table table = load_adult("");
  CHECK(table.rows() == 48842);
  CHECK(count(table, 0) == 37155);
  CHECK(count(table, 1) == 11687);
  CHECK(complete_rows(table).size() == 45222);
  CHECK(sum_of(table) == "bed2b3a5a6023f9c9c906d1cca487326d7d6639305303b18cad64e3a337f0daf");
}

TEST_CASE("adult: without incomplete rows there are 104 inputs and a quarter is positive, as in Model Compression") {
  if (!have_file("uci/adult.data")) return;
  const TableDataset data = load_table_dataset({.name = "adult", .positive = {">50K"}, .csv = {}});
  CHECK(data.incomplete_rows == 3620);
  CHECK(data.encoder.width() == 104);
  CHECK(data.test.rows() == 40222);
  CHECK(count(data.train, 1) == 991);  // 11,208 of 45,222
  const Tensor x = data.encoder.encode(data.test);
  CHECK(x.shape() == Shape{40222, 104});
  double sum = 0;
  for (const Real value : x.values().subspan(0, 104)) sum += value != 0;
  CHECK(sum <= 14);  // one per attribute
}

TEST_CASE("adult: UCI's own layout reads the same: no header, a comment, classes that end with a full stop") {
  if (!have_file("uci/adult.data")) return;
  const std::string folder = find_in_places("adult", std::vector<std::string>{"uci"}, "", "").string();
  const auto without_header = [&](const std::string& file) {
    const std::string bytes = read_file(folder + "/" + file);
    return bytes.substr(bytes.find('\n') + 1);
  };
  std::string test = without_header("adult.test");
  for (size_t at = 0; (at = test.find("50K\n", at)) != std::string::npos; at += 5) test.insert(at + 3, 1, '.');
  TempFolder original;
  make_folders(original.file("uci"));
  write_file_atomically(original.file("uci/adult.data"), without_header("adult.data") + "\n\n");
  write_file_atomically(original.file("uci/adult.test"), "|1x3 Cross validator\n" + test + "\n");
  CHECK(sum_of(load_adult(original.path())) == "bed2b3a5a6023f9c9c906d1cca487326d7d6639305303b18cad64e3a337f0daf");
}

TEST_CASE("letter: a file cut off between two rows is refused") {
  TempFolder folder;
  make_folders(folder.file("letter"));
  write_file_atomically(folder.file("letter/letter-recognition.data"), "T,2,8,3,5,1,8,13,0,6,6,10,8,0,8,0,8\n");
  CHECK_THROWS_WITH_AS(load_letter(folder.path()),
                       doctest::Contains("letter-recognition.data: expected 20000 rows, got 1: the file is damaged"),
                       Error);
}

}  // namespace fewer::testing
