// Cells are interned while they are read: a column costs four bytes a row and its different texts once, and every
// text is converted, or found wrong, once.
#include "datasets/tables/table_reader.h"

#include <strings.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "core/error.h"
#include "core/spelling.h"

namespace fewer {
namespace {

// More different values are names or numbers of something, not kinds of it; one-hot they would need a column each.
constexpr size_t kMostLevels = 4096;

bool contains(const std::vector<std::string>& list, const std::string& item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

bool to_number(std::string_view text, double& value) {
  if (text.starts_with('+')) text.remove_prefix(1);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() && std::isfinite(value);
}

// The value of each cell, from the values of the texts.
template <class T>
std::vector<T> look_up(const std::vector<T>& values, const std::vector<int32_t>& cells) {
  std::vector<T> result;
  result.reserve(cells.size());
  for (const int32_t cell : cells) result.push_back(values[static_cast<size_t>(cell)]);
  return result;
}

}  // namespace

void TableSchema::describe(Visitor& v) {
  v.field("target", target, {.help = "the column of the classes"});
  v.field("names", names, {.help = "of the columns, in order; empty: the first row has them"});
  v.field("separator", separator, {.help = "between fields: one character"});
  v.field("comment", comment, {.help = "the character that begins a line to pass over; empty: there are none"});
  v.field("missing", missing, {.help = "fields that stand for a missing value"});
  v.field("label_end", label_end, {.help = "taken off the end of a class"});
  v.field("numeric", numeric, {.help = "columns that must hold numbers"});
  v.field("nominal", nominal, {.help = "columns whose values are names, even if they look like numbers"});
  v.field("ignore", ignore, {.help = "columns to leave out"});
  v.check(separator.size() == 1 && separator != "\"" && separator != "\n", "expected one character", {"separator"});
  v.check(comment.size() <= 1, "expected one character or none", {"comment"});
}

int64_t TableReader::add(std::string_view text, const std::string& where) {
  files_.push_back(where);
  CsvReader rows(text, where, {.separator = schema_.separator[0], .comment = schema_.comment.c_str()[0]});
  int64_t count = 0;
  std::vector<std::string> row;
  for (bool first = true; rows.next(row); first = false) {
    if (columns_.empty()) name_columns(row);
    if (row.size() != columns_.size())
      fail_data(where, ": line ", rows.line(), ": expected ", columns_.size(), " fields (", joined(schema_.names),
                "), got ", row.size());
    if (first && is_header(row)) continue;
    add_row(row, rows.line());
    ++count;
  }
  return count;
}

void TableReader::name_columns(const std::vector<std::string>& first_row) {
  if (schema_.names.empty()) schema_.names = first_row;
  check_schema();
  for (const std::string& name : schema_.names)
    columns_.push_back({.name = name, .cells = {}, .texts = {}, .first_places = {}, .index = {}});
  const auto target = std::find(schema_.names.begin(), schema_.names.end(), schema_.target);
  target_ = static_cast<size_t>(target - schema_.names.begin());
}

void TableReader::check_schema() const {
  const std::string& where = files_.back();
  std::vector<std::string> sorted = schema_.names;
  std::sort(sorted.begin(), sorted.end());
  const auto twice = std::adjacent_find(sorted.begin(), sorted.end());
  if (twice != sorted.end())
    fail_data(where, ": expected columns of different names, but two are called \"", *twice,
              "\": correct the first row, or take it out and name the columns in the schema");
  for (const auto& list : {std::vector{schema_.target}, schema_.numeric, schema_.nominal, schema_.ignore})
    for (const std::string& name : list)
      if (!contains(schema_.names, name))
        fail_config(where, ": expected a column \"", name, "\", got ", joined(schema_.names),
                    did_you_mean(name, schema_.names));
}

bool TableReader::is_header(const std::vector<std::string>& row) const {
  return strcasecmp(row[target_].c_str(), schema_.target.c_str()) == 0;
}

bool TableReader::ignored(const TextColumn& column) const { return contains(schema_.ignore, column.name); }
bool TableReader::is_missing(const std::string& text) const { return contains(schema_.missing, text); }

void TableReader::add_row(std::vector<std::string>& row, int64_t line) {
  std::string& label = row[target_];
  if (!schema_.label_end.empty() && label.ends_with(schema_.label_end))
    label.resize(label.size() - schema_.label_end.size());
  for (size_t i = 0; i < row.size(); ++i) {
    TextColumn& column = columns_[i];
    if (ignored(column)) continue;
    const auto [entry, fresh] = column.index.try_emplace(row[i], static_cast<int32_t>(column.texts.size()));
    if (fresh) {
      column.texts.push_back(row[i]);
      column.first_places.push_back({files_.size() - 1, line});
    }
    column.cells.push_back(entry->second);
  }
}

Table TableReader::finish() {
  Table table;
  for (TextColumn& column : columns_) {
    if (&column == &columns_[target_]) {
      table.target = to_nominal(column);
    } else if (!ignored(column)) {
      table.attributes.push_back(is_nominal(column) ? to_nominal(column) : to_numeric(column));
    }
    column = {};
  }
  return table;
}

bool TableReader::is_nominal(const TextColumn& column) const {
  if (contains(schema_.nominal, column.name)) return true;
  if (contains(schema_.numeric, column.name)) return false;
  double value = 0;
  return std::any_of(column.texts.begin(), column.texts.end(),
                     [&](const std::string& text) { return !is_missing(text) && !to_number(text, value); });
}

Column TableReader::to_numeric(const TextColumn& column) const {
  std::vector<double> values(column.texts.size(), Column::kMissingNumber);
  for (size_t i = 0; i < values.size(); ++i) {
    const Place& place = column.first_places[i];
    if (!is_missing(column.texts[i]) && !to_number(column.texts[i], values[i]))
      fail_data(files_[place.file], ": line ", place.line, ": column ", column.name, ": expected a number, got \"",
                column.texts[i], '"');
  }
  return {.name = column.name, .nominal = false, .numbers = look_up(values, column.cells), .codes = {}, .levels = {}};
}

Column TableReader::to_nominal(const TextColumn& column) const {
  std::vector<std::string> levels;
  for (const std::string& text : column.texts)
    if (!is_missing(text)) levels.push_back(text);
  if (levels.size() > kMostLevels)
    fail_data(files_.back(), ": column ", column.name, ": expected at most ", kMostLevels,
              " different names, got ", levels.size(), ": list the column under \"ignore\", or under \"numeric\"");
  std::sort(levels.begin(), levels.end());
  std::vector<int32_t> codes;
  for (const std::string& text : column.texts)
    codes.push_back(is_missing(text) ? Column::kMissingCode : static_cast<int32_t>(
        std::lower_bound(levels.begin(), levels.end(), text) - levels.begin()));
  return {.name = column.name, .nominal = true, .numbers = {}, .codes = look_up(codes, column.cells), .levels = levels};
}

}  // namespace fewer
