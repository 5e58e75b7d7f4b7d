// Tables by name: the object under "data" in the config of a method that learns from them, the list of what there is,
// and loading, which leaves out rows with missing values and divides the rest.
//
// LETTER and ADULT are those of Model Compression (Bucila, Caruana, Niculescu-Mizil 2006), divided as there: 4,000 rows
// to train on, 1,000 to validate on, all others to test on, whatever file they come from. Without its incomplete rows
// ADULT has 45,222, and 104 numbers a row, as in the paper.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/describe.h"
#include "datasets/tables/encoder.h"
#include "datasets/tables/table.h"
#include "datasets/tables/table_reader.h"

namespace fewer {

// A CSV file of the user's own.
struct CsvConfig {
  std::string file;
  TableSchema schema;
  void describe(Visitor& v);
};

struct TableConfig {
  std::string name = "letter_p2";     // see table_registry()
  std::vector<std::string> positive;  // these classes against all others; empty: the classes as they are
  int64_t train = 4000;
  int64_t validation = 1000;  // the rest is for testing
  uint64_t seed = 1;          // of the division: not the run's, so that all runs share it
  NumericScale scale = NumericScale::kStandard;
  CsvConfig csv;  // read by "csv" only
  void describe(Visitor& v);
};

struct TableDataset {
  std::string name;
  Table train, validation, test;
  TableEncoder encoder;         // computed from `train`
  int64_t incomplete_rows = 0;  // left out: a value was missing
};

struct TableEntry {
  const char* name;
  const char* summary;  // one line
  Table (*load)(const TableConfig& config, const std::string& data_dir);
};

std::span<const TableEntry> table_registry();
const TableEntry& table_entry(const std::string& name);  // throws Error(kConfig) listing the names there are

// Throws Error(kConfig) when the config asks for more rows than there are, and Error(kData) when a file is missing or
// damaged.
TableDataset load_table_dataset(const TableConfig& config, const std::string& data_dir = "");

}  // namespace fewer
