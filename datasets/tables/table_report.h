// What `trainer data NAME` says of a table: rows, classes and their balance, and each column.
#pragma once

#include <string>

#include "datasets/tables/table.h"

namespace fewer {

// Several lines: of a numeric column its least, mean and largest value, of a nominal one its most frequent names; and how
// many values are missing.
std::string report_table(const Table& table);

}  // namespace fewer
