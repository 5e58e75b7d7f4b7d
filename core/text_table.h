// Aligned columns of text for a terminal.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace fewer {

// Cells by line; a line may be shorter than the first. Columns from `first_number` on are aligned to the right. Ends with a newline.
std::string text_table(const std::vector<std::vector<std::string>>& lines, size_t first_number);

}  // namespace fewer
