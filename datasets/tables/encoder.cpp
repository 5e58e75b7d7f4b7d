#include "datasets/tables/encoder.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"

namespace fewer {
namespace {

void ensure_complete(const Column& column) {
  for (int64_t row = 0; row < column.size(); ++row)
    ENSURE(!column.missing(row), "table encoder: row ", row, ": column ", column.name,
           ": expected a value, but it is missing; leave out such rows (complete_rows)");
}

void fit_standard(const std::vector<double>& values, TableEncoder::Attribute& attribute) {
  const double n = static_cast<double>(values.size());
  double sum = 0, squares = 0;
  for (const double value : values) sum += value;
  attribute.offset = sum / n;
  for (const double value : values) squares += (value - attribute.offset) * (value - attribute.offset);
  const double std = std::sqrt(squares / n);
  attribute.scale = std > 0 ? 1 / std : 0;
}

void fit_unit(const std::vector<double>& values, TableEncoder::Attribute& attribute) {
  const auto [least, largest] = std::minmax_element(values.begin(), values.end());
  attribute.offset = *least;
  attribute.scale = *largest > *least ? 1 / (*largest - *least) : 0;
}

}  // namespace

void TableEncoder::Attribute::describe(Visitor& v) {
  v.field("name", name, {.help = "of the column"});
  v.field("nominal", nominal, {.help = "a name out of `levels`, not a number"});
  v.field("offset", offset, {.help = "taken off a number first"});
  v.field("scale", scale, {.help = "the number is multiplied by it then"});
  v.field("levels", levels, {.help = "the names, one input of the network each"});
}

void TableEncoder::describe(Visitor& v) { v.field("attributes", attributes, {.help = "in the order of the columns"}); }

TableEncoder TableEncoder::of(const Table& train, NumericScale scale) {
  ENSURE(train.rows() > 0, "table encoder: expected training rows to compute it from, got none");
  TableEncoder encoder;
  for (const Column& column : train.attributes) {
    ensure_complete(column);
    Attribute attribute{.name = column.name, .nominal = column.nominal, .levels = column.levels};
    if (!column.nominal) (scale == NumericScale::kStandard ? fit_standard : fit_unit)(column.numbers, attribute);
    encoder.attributes.push_back(std::move(attribute));
  }
  return encoder;
}

int64_t TableEncoder::width() const {
  int64_t width = 0;
  for (const Attribute& a : attributes) width += a.nominal ? static_cast<int64_t>(a.levels.size()) : 1;
  return width;
}

Tensor TableEncoder::encode(const Table& table) const {
  ENSURE(table.attributes.size() == attributes.size(), "table encoder: expected ", attributes.size(),
         " attributes, got ", table.attributes.size());
  const int64_t rows = table.rows(), row_size = width();
  Tensor x = Tensor::zeros({rows, row_size});
  Real* out = x.mutable_data();
  for (size_t a = 0; a < attributes.size(); ++a) {
    const Attribute& attribute = attributes[a];
    const Column& column = table.attributes[a];
    ENSURE(column.name == attribute.name && column.nominal == attribute.nominal && column.levels == attribute.levels,
           "table encoder: expected the column ", attribute.name, " as in training, got ", column.name,
           column.name == attribute.name ? " of another kind or with other levels" : "");
    ensure_complete(column);
    for (int64_t row = 0; row < rows; ++row) {
      const size_t i = static_cast<size_t>(row);
      if (column.nominal) {
        out[row * row_size + column.codes[i]] = 1;
      } else {
        out[row * row_size] = static_cast<Real>((column.numbers[i] - attribute.offset) * attribute.scale);
      }
    }
    out += attribute.nominal ? static_cast<int64_t>(attribute.levels.size()) : 1;
  }
  return x;
}

}  // namespace fewer
