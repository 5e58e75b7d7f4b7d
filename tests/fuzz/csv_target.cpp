#include "core/error.h"
#include "datasets/tables/encoder.h"
#include "datasets/tables/table_reader.h"
#include "tests/fuzz/target.h"

namespace fewer::testing {
namespace {

const std::vector<TableSchema>& schemas() {
  static const std::vector<TableSchema> all = {
      {.target = "y"},
      {.target = "y", .names = {"a", "b", "y"}, .comment = "|", .label_end = ".", .numeric = {"a"}},
      {.target = "y", .names = {"a", "b", "y"}, .separator = "\t", .nominal = {"a"}, .ignore = {"b"}},
  };
  return all;
}

std::vector<std::string> files() {
  return {std::string(1, '\0') + "a, b, y\n1, x, yes\n2, \"x, \"\"z\"\"\", no\r\n?, x, yes\n",
          "\1| comment\n1,x,yes.\n-2.5e1,?,no.\n\n", "\2 1\tb\tyes\n2\t\tno"};
}

// The same file twice, as training and test files come; then what a run does with the table.
void read(const std::string& bytes) {
  if (bytes.empty()) fail_data("csv: expected a byte of schema");
  TableReader reader(schemas()[static_cast<uint8_t>(bytes[0]) % schemas().size()]);
  int64_t rows = 0;
  for (const char* name : {"train.csv", "test.csv"}) rows += reader.add(std::string_view(bytes).substr(1), name);
  const Table table = reader.finish();
  if (rows == 0) return;
  ENSURE(table.rows() == rows, "csv: as many rows in the table as in the files");
  const Table complete = without_unused_levels(table.select(complete_rows(table)));
  if (complete.rows() > 0) TableEncoder::of(complete, NumericScale::kStandard).encode(complete);
}

}  // namespace

FuzzTarget csv_target() { return {"csv", files, read}; }

}  // namespace fewer::testing
