#include "core/text_table.h"

#include <algorithm>

namespace fewer {
namespace {

std::string padded(const std::string& word, size_t width, bool right) {
  const std::string space(width - std::min(width, word.size()), ' ');
  return right ? space + word : word + space;
}

}  // namespace

std::string text_table(const std::vector<std::vector<std::string>>& lines, size_t first_number) {
  std::vector<size_t> widths(lines.empty() ? 0 : lines.front().size());
  for (const auto& line : lines)
    for (size_t c = 0; c < line.size(); ++c) widths.at(c) = std::max(widths.at(c), line[c].size());
  std::string result;
  for (const auto& line : lines) {
    for (size_t c = 0; c < line.size(); ++c) result += (c > 0 ? "  " : "") + padded(line[c], widths[c], c >= first_number);
    result.erase(result.find_last_not_of(' ') + 1);
    result += '\n';
  }
  return result;
}

std::string with_commas(int64_t number) {
  const std::string digits = std::to_string(number);
  std::string result;
  for (size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) result += ',';
    result += digits[i];
  }
  return result;
}

}  // namespace fewer
