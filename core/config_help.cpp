// The help text of described fields: a table of name, type and range, default and help, nested fields indented below theirs.
//
// Like the schema it makes one of every alternative, element and optional value, and leaves the object changed.
#include <algorithm>

#include "core/config.h"
#include "core/config_text.h"
#include "core/config_write.h"
#include "core/spelling.h"

namespace fewer {
namespace {

using config::type_text;
using config::value_of;

struct Row {
  std::string name;
  std::string type;
  std::string value;  // the default
  std::string help;
};

class HelpVisitor : public Visitor {
 public:
  void boolean(std::string_view name, bool& value, const FieldInfo& info) override {
    put(name, "true or false", value ? "true" : "false", info);
  }
  void integer(std::string_view name, int64_t& value, const FieldInfo& info) override {
    put(name, type_text("whole number", info), std::to_string(value), info);
  }
  void real(std::string_view name, double& value, const FieldInfo& info) override {
    put(name, type_text("number", info), shortest(value), info);
  }
  void string(std::string_view name, std::string& value, const FieldInfo& info) override {
    put(name, type_text("string", info), quoted(value), info);
  }
  void raw(std::string_view name, RawJson& value, const FieldInfo& info) override {
    put(name, "any JSON", compact_json(value_of([&](Visitor& v) { v.raw(name, value, info); })), info);
  }

  void object(std::string_view name, Describe describe, const FieldInfo& info) override {
    put(name, "object", "", info);
    nested(describe);
  }

  void list(std::string_view name, int64_t size, FunctionRef<void(int64_t)> resize,
            FunctionRef<void(int64_t, Visitor&)> element, const FieldInfo& info) override {
    const Json value = value_of([&](Visitor& v) { v.list(name, size, resize, element, info); });
    if (size == 0) resize(1);
    HelpVisitor item;
    element(0, item);
    if (size == 0) resize(0);
    const std::string count = config::size_text(info);
    put(name, text("list", count.empty() ? "" : " ", count, ": ", item.rows_.at(0).type), compact_json(value), info);
    append_fields_of(item);
  }

  void optional(std::string_view name, bool present, FunctionRef<void(bool)> set_present, Describe value,
                const FieldInfo& info) override {
    const Json now = value_of([&](Visitor& v) { v.optional(name, present, set_present, value, info); });
    set_present(true);
    HelpVisitor inner;
    value(inner);
    set_present(present);
    put(name, inner.rows_.at(0).type + " or null", compact_json(now), info);
    append_fields_of(inner);
  }

  void variant(std::string_view name, const Alternatives& alternatives, const FieldInfo& info) override {
    const std::vector<std::string> tags(alternatives.tags.begin(), alternatives.tags.end());
    const size_t current = static_cast<size_t>(alternatives.current);
    put(name, "one of " + joined(tags), quoted(tags[current]), info);
    std::vector<HelpVisitor> fields(tags.size());
    alternatives.describe(fields[current]);  // first, while it has the values that are the defaults
    for (size_t i = 0; i < tags.size(); ++i) {
      if (i == current) continue;
      alternatives.select(static_cast<int64_t>(i));
      alternatives.describe(fields[i]);
    }
    alternatives.select(alternatives.current);
    for (size_t i = 0; i < tags.size(); ++i) {
      if (fields[i].rows_.empty()) continue;
      rows_.push_back({.name = text("  ", quoted(tags[i]), ":"), .type = "", .value = "", .help = ""});
      for (Row& row : fields[i].rows_) row.name = "  " + row.name;
      append(fields[i].rows_);
    }
  }

  void check(bool, std::string_view, std::initializer_list<std::string_view>) override {}

  // One line per row. A column is as wide as its widest cell of reasonable length; longer cells push theirs to the right.
  std::string table() const {
    const size_t name_width = width(&Row::name), type_width = width(&Row::type), value_width = width(&Row::value);
    std::string out;
    for (const Row& row : rows_) {
      std::string line = padded(row.name, name_width) + padded(row.type, type_width);
      line += padded(row.value, value_width) + row.help;
      out += line.erase(line.find_last_not_of(' ') + 1) + "\n";
    }
    return out;
  }

 private:
  void put(std::string_view name, std::string type, std::string value, const FieldInfo& info) {
    rows_.push_back({.name = std::string(name), .type = std::move(type), .value = std::move(value), .help = info.help});
    if (info.required) rows_.back().value = "required";
  }

  void nested(Describe describe) {
    HelpVisitor inner;
    describe(inner);
    append(inner.rows_);
  }

  // What stands below the first row of a list's element or an optional value.
  void append_fields_of(const HelpVisitor& inner) {
    rows_.insert(rows_.end(), inner.rows_.begin() + 1, inner.rows_.end());
  }

  void append(const std::vector<Row>& rows) {
    for (const Row& row : rows) {
      rows_.push_back(row);
      rows_.back().name = "  " + row.name;
    }
  }

  size_t width(std::string Row::*cell) const {
    constexpr size_t kWidest = 44;
    size_t widest = 0;
    for (const Row& row : rows_)
      if ((row.*cell).size() <= kWidest) widest = std::max(widest, (row.*cell).size());
    return widest;
  }

  static std::string padded(std::string cell, size_t width) {
    if (cell.size() < width) cell.resize(width, ' ');
    return cell + "  ";
  }

  std::vector<Row> rows_;
};

}  // namespace

std::string help_text(Describe fields) {
  HelpVisitor visitor;
  fields(visitor);
  return visitor.table();
}

}  // namespace fewer
