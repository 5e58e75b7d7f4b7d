// What turns the attributes of a table into the numbers a network reads. A numeric attribute becomes one number,
// (value - offset) * scale; a nominal one a number for each of its levels, 1 at the one it has and 0 at the others.
//
// Like an image set's normalisation it is computed from the training split and kept with the model.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/describe.h"
#include "core/tensor.h"
#include "datasets/tables/table.h"

namespace fewer {

enum class NumericScale {
  kStandard,  // mean 0 and standard deviation 1 over the training rows
  kUnit,      // 0 at the least training value, 1 at the largest
};

struct TableEncoder {
  struct Attribute {
    std::string name;
    bool nominal = false;
    double offset = 0, scale = 0;     // of a numeric one; a constant one has scale 0 and becomes 0
    std::vector<std::string> levels;  // of a nominal one
    void describe(Visitor& v);
  };
  std::vector<Attribute> attributes;

  // Throws when `train` has no rows or a value is missing.
  static TableEncoder of(const Table& train, NumericScale scale);

  int64_t width() const;  // D
  // [N, D]. Throws when the table has other attributes or levels than the encoder, or a value is missing.
  Tensor encode(const Table& table) const;

  void describe(Visitor& v);
};

}  // namespace fewer
