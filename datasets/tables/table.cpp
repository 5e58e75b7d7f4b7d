#include "datasets/tables/table.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "core/spelling.h"

namespace fewer {
namespace {

template <class T>
std::vector<T> select_values(const std::vector<T>& values, std::span<const int64_t> rows) {
  std::vector<T> chosen;
  if (values.empty()) return chosen;
  chosen.reserve(rows.size());
  for (const int64_t row : rows) chosen.push_back(values[static_cast<size_t>(row)]);
  return chosen;
}

Column select_rows(const Column& column, std::span<const int64_t> rows) {
  return {.name = column.name,
          .nominal = column.nominal,
          .numbers = select_values(column.numbers, rows),
          .codes = select_values(column.codes, rows),
          .levels = column.levels};
}

void drop_unused_levels(Column& column) {
  std::vector<int32_t> new_code(column.levels.size(), Column::kMissingCode);
  for (const int32_t code : column.codes)
    if (code != Column::kMissingCode) new_code[static_cast<size_t>(code)] = 0;
  std::vector<std::string> kept;
  for (size_t level = 0; level < new_code.size(); ++level) {
    if (new_code[level] == Column::kMissingCode) continue;
    new_code[level] = static_cast<int32_t>(kept.size());
    kept.push_back(column.levels[level]);
  }
  for (int32_t& code : column.codes)
    if (code != Column::kMissingCode) code = new_code[static_cast<size_t>(code)];
  column.levels = std::move(kept);
}

}  // namespace

bool Column::missing(int64_t row) const {
  const size_t i = static_cast<size_t>(row);
  return nominal ? codes[i] == kMissingCode : std::isnan(numbers[i]);
}

Table Table::select(std::span<const int64_t> chosen) const {
  for (const int64_t row : chosen)
    ENSURE(row >= 0 && row < rows(), "table: expected a row from 0 to ", rows() - 1, ", got ", row);
  Table part;
  for (const Column& column : attributes) part.attributes.push_back(select_rows(column, chosen));
  part.target = select_rows(target, chosen);
  return part;
}

std::vector<int64_t> complete_rows(const Table& table) {
  std::vector<int64_t> rows;
  for (int64_t row = 0; row < table.rows(); ++row) {
    const auto missing = [&](const Column& column) { return column.missing(row); };
    if (!missing(table.target) && std::none_of(table.attributes.begin(), table.attributes.end(), missing))
      rows.push_back(row);
  }
  return rows;
}

Table without_unused_levels(Table table) {
  for (Column& column : table.attributes) drop_unused_levels(column);
  drop_unused_levels(table.target);
  return table;
}

Column binary_target(const Column& target, const std::vector<std::string>& positive) {
  std::vector<int32_t> side(target.levels.size(), 0);
  for (const std::string& name : positive) {
    const auto found = std::find(target.levels.begin(), target.levels.end(), name);
    if (found == target.levels.end())
      fail_config("data.positive: \"", name, "\" is no class of ", target.name, did_you_mean(name, target.levels));
    side[static_cast<size_t>(found - target.levels.begin())] = 1;
  }
  const auto ones = std::count(side.begin(), side.end(), 1);
  if (ones == 0 || ones == static_cast<int64_t>(side.size()))
    fail_config("data.positive: expected some but not all of the ", side.size(), " classes of ", target.name, ", got ",
                ones);
  Column binary = target;
  binary.levels = {"rest", "positive"};
  for (int32_t& code : binary.codes)
    if (code != Column::kMissingCode) code = side[static_cast<size_t>(code)];
  return binary;
}

}  // namespace fewer
