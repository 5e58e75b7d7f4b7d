#include "datasets/tables/table_datasets.h"

#include "core/error.h"
#include "core/files.h"
#include "core/observer.h"
#include "datasets/places.h"
#include "datasets/splits.h"
#include "datasets/tables/uci.h"

namespace fewer {
namespace {

constexpr int64_t kMostCsvBytes = int64_t{256} << 20;

Table load_letter_named(const TableConfig&, const std::string& data_dir) { return load_letter(data_dir); }
Table load_adult_named(const TableConfig&, const std::string& data_dir) { return load_adult(data_dir); }

Table load_letter_against(const std::string& positive, const std::string& data_dir) {
  std::vector<std::string> letters;
  for (const char letter : positive) letters.emplace_back(1, letter);
  Table table = load_letter(data_dir);
  table.target = binary_target(table.target, letters);
  return table;
}
Table load_letter_p1(const TableConfig&, const std::string& data_dir) { return load_letter_against("O", data_dir); }
Table load_letter_p2(const TableConfig&, const std::string& data_dir) {
  return load_letter_against("ABCDEFGHIJKLM", data_dir);
}

Table load_csv(const TableConfig& config, const std::string& data_dir) {
  const std::string& file = config.csv.file;
  const std::string path =
      file_exists(file) ? file
                        : find_in_places("csv", std::vector{file}, "Give data.csv.file from here", data_dir).string();
  TableReader reader(config.csv.schema);
  if (reader.add(read_file(path, kMostCsvBytes), path) == 0) fail_data(path, ": expected rows of data, got none");
  return reader.finish();
}

constexpr TableEntry kRegistry[] = {
    {"letter", "20,000 printed capital letters as 16 numbers, 26 classes (Frey, Slate 1991)", load_letter_named},
    {"letter_p1", "the same, O against all others (LETTER.P1 of Model Compression 2006)", load_letter_p1},
    {"letter_p2", "the same, A to M against N to Z (LETTER.P2 of Model Compression 2006)", load_letter_p2},
    {"adult", "48,842 people of the 1994 census, income above 50,000 dollars or not (Kohavi 1996)", load_adult_named},
    {"csv", "a table of your own, see data.csv", load_csv},
};

// Only rows in which nothing is missing, with the classes that the config asks for.
Table prepare(const TableConfig& config, Table table, int64_t& incomplete_rows) {
  if (!config.positive.empty()) table.target = binary_target(table.target, config.positive);
  const std::vector<int64_t> rows = complete_rows(table);
  incomplete_rows = table.rows() - static_cast<int64_t>(rows.size());
  table = without_unused_levels(table.select(rows));
  if (config.train + config.validation >= table.rows())
    fail_config("data.train, data.validation: expected fewer than ", table.rows(), " rows together, for ", config.name,
                " has no more without missing values, got ", config.train, " and ", config.validation);
  if (table.target.levels.size() < 2)
    fail_data("data set ", config.name, ": expected at least two classes in column ", table.target.name, ", got ",
              table.target.levels.size());
  return table;
}

}  // namespace

void CsvConfig::describe(Visitor& v) {
  v.field("file", file, {.help = "its path, or its name in one of the places for data"});
  schema.describe(v);
}

void TableConfig::describe(Visitor& v) {
  std::vector<std::string> names;
  for (const TableEntry& entry : table_registry()) names.emplace_back(entry.name);
  v.field("name", name, {.help = "the data set", .choices = names});
  v.field("positive", positive, {.help = "these classes against all others; none: the classes as they are"});
  v.field("train", train, {.help = "rows to train on, classes in proportion", .min = 1, .max = 1e9});
  v.field("validation", validation,
          {.help = "rows to validate on; all that remain are for testing", .min = 0, .max = 1e9});
  v.field("seed", seed, {.help = "of the division; apart from the run's seed, so that runs share it"});
  v.choice("scale", scale, {{"standard", NumericScale::kStandard}, {"unit", NumericScale::kUnit}},
           {.help = "numbers with mean 0 and std 1 over the training rows, or from 0 to 1"});
  v.field("csv", csv, {.help = "the file, for the data set of that name"});
  v.check(name != "csv" || (!csv.file.empty() && !csv.schema.target.empty()),
          "a table of your own needs csv.file and csv.target", {"name", "csv"});
}

std::span<const TableEntry> table_registry() { return kRegistry; }

const TableEntry& table_entry(const std::string& name) {
  std::string known;
  for (const TableEntry& entry : kRegistry) {
    if (entry.name == name) return entry;
    known += (known.empty() ? "" : ", ") + std::string(entry.name);
  }
  fail_config("data.name: expected one of ", known, ", got \"", name, "\"");
}

TableDataset load_table_dataset(const TableConfig& config, const std::string& data_dir) {
  const Span span(SpanKind::kWork, "load data set");
  TableDataset data;
  data.name = config.name;
  const Table all = prepare(config, table_entry(config.name).load(config, data_dir), data.incomplete_rows);
  const Rng rng(config.seed);
  const auto [train, others] = stratified_split(all.target.codes, config.train, rng.stream("train"));
  data.train = all.select(train);
  const Table rest = all.select(others);
  const auto [validation, test] = stratified_split(rest.target.codes, config.validation, rng.stream("validation"));
  data.validation = rest.select(validation);
  data.test = rest.select(test);
  data.encoder = TableEncoder::of(data.train, config.scale);
  return data;
}

}  // namespace fewer
