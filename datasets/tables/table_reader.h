// From CSV files to a table: which column is the class, which are numbers, what stands for a missing value.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/describe.h"
#include "datasets/tables/csv.h"
#include "datasets/tables/table.h"

namespace fewer {

struct TableSchema {
  std::string target = {};  // the column of the classes
  // Of the columns, in order. Then the first row is data, unless it repeats the target's name; without names the first
  // row has them.
  std::vector<std::string> names = {};
  std::string separator = ",";                   // one character
  std::string comment = {};                      // one character, or none: lines that begin with it are passed over
  std::vector<std::string> missing = {"", "?"};  // fields that stand for a missing value
  std::string label_end = {};                    // taken off the end of a class: adult.test writes "<=50K."
  // Columns by name. One that is in no list is numeric when all its values are numbers.
  std::vector<std::string> numeric = {}, nominal = {}, ignore = {};
  void describe(Visitor& v);
};

// Reads files of one schema one after the other into one table:
//   TableReader reader(schema);
//   reader.add(read_file(path), path);
//   const Table table = reader.finish();
// Throws Error(kData) naming the file and the line, and Error(kConfig) when the schema does not fit the columns.
class TableReader {
 public:
  explicit TableReader(TableSchema schema) : schema_(std::move(schema)) {}
  int64_t add(std::string_view text, const std::string& where);  // returns the number of rows
  Table finish();                                                // REQUIRES: called once, nothing after it

 private:
  struct Place {
    size_t file;  // of files_
    int64_t line;
  };
  // A column as it stands in the files: a number for each row, which of the different texts it holds.
  struct TextColumn {
    std::string name;
    std::vector<int32_t> cells;
    std::vector<std::string> texts;
    std::vector<Place> first_places;  // where each was first
    std::unordered_map<std::string, int32_t> index;
  };

  void name_columns(const std::vector<std::string>& first_row);
  void check_schema() const;
  bool is_header(const std::vector<std::string>& row) const;
  void add_row(std::vector<std::string>& row, int64_t line);
  bool ignored(const TextColumn& column) const;
  bool is_missing(const std::string& text) const;
  bool is_nominal(const TextColumn& column) const;
  Column to_numeric(const TextColumn& column) const;
  Column to_nominal(const TextColumn& column) const;

  TableSchema schema_;
  std::vector<std::string> files_;
  std::vector<TextColumn> columns_;
  size_t target_ = 0;  // its position
};

}  // namespace fewer
