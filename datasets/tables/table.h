// A table: rows of numeric and nominal attributes and the class each row belongs to, kept column by column.
//
// It stays in the terms of its file, so that what needs the attributes themselves (distances between rows, synthetic
// rows made by swapping values) finds them. A network reads the numbers that a TableEncoder makes of it.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

namespace fewer {

struct Column {
  static constexpr int32_t kMissingCode = -1;
  static constexpr double kMissingNumber = std::numeric_limits<double>::quiet_NaN();

  std::string name;
  bool nominal = false;
  std::vector<double> numbers;      // [N] of a numeric column; NaN where the value is missing
  std::vector<int32_t> codes;       // [N] of a nominal column: indices into `levels`, or kMissingCode
  std::vector<std::string> levels;  // of a nominal column: its values, in ascending order

  int64_t size() const { return static_cast<int64_t>(nominal ? codes.size() : numbers.size()); }
  bool missing(int64_t row) const;
};

struct Table {
  std::vector<Column> attributes;
  Column target;  // nominal: the classes

  int64_t rows() const { return target.size(); }
  Table select(std::span<const int64_t> rows) const;  // these rows, in this order. Throws when one is out of range
};

std::vector<int64_t> complete_rows(const Table& table);  // where no value is missing, ascending

// The same rows; names of a nominal column that none of them has are gone.
Table without_unused_levels(Table table);

// The target with two classes: 1 is any of `positive`, 0 all others. Throws Error(kConfig) when a name is no class, or
// all or none are positive.
Column binary_target(const Column& target, const std::vector<std::string>& positive);

}  // namespace fewer
