// Aligned columns of text and legible numbers for a terminal.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace fewer {

// Cells by line; a line may be shorter than the first. Columns from `first_number` on are aligned to the right. Ends with a newline.
std::string text_table(const std::vector<std::vector<std::string>>& lines, size_t first_number);

std::string with_commas(int64_t number);  // 40551040 -> "40,551,040". REQUIRES: number >= 0

}  // namespace fewer
