#include "datasets/tables/table_report.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <iterator>
#include <numeric>

#include "core/error.h"
#include "core/text_table.h"

namespace fewer {
namespace {

constexpr size_t kMostNames = 3;

std::vector<int64_t> level_counts(const Column& column) {
  std::vector<int64_t> counts(column.levels.size(), 0);
  for (const int32_t code : column.codes)
    if (code != Column::kMissingCode) ++counts[static_cast<size_t>(code)];
  return counts;
}

// "Private 69.7 %, Self-emp-not-inc 7.9 %, Local-gov 6.4 % and 5 more".
std::string frequent_names(const Column& column) {
  const std::vector<int64_t> counts = level_counts(column);
  const double total = static_cast<double>(std::accumulate(counts.begin(), counts.end(), int64_t{0}));
  std::vector<size_t> order(counts.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return counts[a] > counts[b]; });
  std::string result;
  for (size_t k = 0; k < std::min(kMostNames, order.size()); ++k) {
    const double percent = 100 * static_cast<double>(counts[order[k]]) / total;
    result += text(k > 0 ? ", " : "", column.levels[order[k]], " ", std::llround(10 * percent) / 10.0, " %");
  }
  return order.size() > kMostNames ? text(result, " and ", order.size() - kMostNames, " more") : result;
}

std::string digits(double value) {
  char buffer[32];
  std::snprintf(buffer, sizeof(buffer), "%.7g", value);
  return buffer;
}

std::string range(const Column& column) {
  std::vector<double> present;
  std::copy_if(column.numbers.begin(), column.numbers.end(), std::back_inserter(present), [](double x) { return x == x; });
  if (present.empty()) return "";
  const auto [least, most] = std::minmax_element(present.begin(), present.end());
  const double mean = std::accumulate(present.begin(), present.end(), 0.0) / static_cast<double>(present.size());
  return text(digits(*least), " to ", digits(*most), ", mean ", digits(mean));
}

int64_t missing_values(const Column& column) {
  int64_t missing = 0;
  for (int64_t row = 0; row < column.size(); ++row) missing += column.missing(row);
  return missing;
}

std::vector<std::string> column_line(const Column& column) {
  return {column.name, column.nominal ? text(column.levels.size(), " names") : "number", with_commas(missing_values(column)),
          "  " + (column.nominal ? frequent_names(column) : range(column))};
}

}  // namespace

std::string report_table(const Table& table) {
  std::vector<std::vector<std::string>> lines{{"column", "kind", "missing", "  values"}};
  for (const Column& column : table.attributes) lines.push_back(column_line(column));
  lines.push_back(column_line(table.target));
  std::string result = text("rows     ", with_commas(table.rows()), ", of which ",
                            with_commas(table.rows() - static_cast<int64_t>(complete_rows(table).size())), " lack a value\nclasses ");
  const std::vector<int64_t> counts = level_counts(table.target);
  for (size_t k = 0; k < counts.size(); ++k)
    result += text(k > 0 ? ", " : " ", table.target.levels[k], " ", with_commas(counts[k]));
  return result + "\n\n" + text_table(lines, lines[0].size());
}

}  // namespace fewer
