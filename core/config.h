// Structs that describe themselves, to and from JSON: the reader, the writer, the JSON Schema and the help text.
//
// Every function takes either an object with describe() or, from folders that describe in their own way, a function that
// lists fields to a Visitor:
//   SupervisedConfig config;
//   read_json(config, text, "configs/first.json");     // or: read_json([&](Visitor& v) { ... }, text, where)
//
// JSON as configs may be written: RFC 8259, in UTF-8, plus // and /* */ comments. A whole number may be written 1000, 1e3 or
// 1000.0; there is no NaN or infinity. `null` stands only for a std::optional without a value. A struct chosen by its
// "name" may be shortened to the bare name when all else is default, and an object without "name" sets fields of the default kind.
#pragma once

#include <string>
#include <string_view>

#include "core/describe.h"
#include "core/error.h"

namespace fewer {

// Reads `text` into the object. What the text leaves out keeps its value. Collects every mistake and throws one Error of
// `kind`, a line for each, in the order of the text:
//   configs/first.json:3: optimizer.lr: expected a number above 0, got "fast"
//   configs/first.json:9: unknown key "epohcs"; did you mean "epochs"?
// A text that is no JSON throws at once, with line and column. The object is then half read: use it no more.
void read_json(Describe fields, std::string_view text, const std::string& where, ErrorKind kind = ErrorKind::kConfig);
// The same for a subtree kept by an earlier read; lines and paths are those of the file it came from.
void read_json(Describe fields, const RawJson& raw, const std::string& where, ErrorKind kind = ErrorKind::kConfig);

// All fields with their values, in the order described, indented, with a newline at the end; numbers read back to the same
// bits. The object is not changed. Throws kOther when a real number is NaN or infinite.
std::string write_json(Describe fields);

// JSON Schema, draft 2020-12. Pass the fields of a fresh object: its values are the defaults, and it is left changed.
std::string json_schema(Describe fields, std::string_view title);

// One aligned line per field: name, type and range, default, help. Pass the fields of a fresh object here too.
std::string help_text(Describe fields);

// The text with one value replaced or added: apply_override(text, "optimizer.lr=0.5", where). The value is JSON or else a
// bare string; the path goes through objects by key and through lists by position ("layers.0.size"). Lines of the text stay
// where they were.
// A path that no struct describes is reported as an unknown key when the result is read. Throws kConfig when `text` is no
// JSON, the assignment has no '=' or the path crosses a value that holds nothing.
std::string apply_override(std::string_view text, std::string_view assignment, const std::string& where);

template <Describable T>
void read_json(T& object, std::string_view text, const std::string& where, ErrorKind kind = ErrorKind::kConfig) {
  read_json([&](Visitor& v) { object.describe(v); }, text, where, kind);
}
template <Describable T>
void read_json(T& object, const RawJson& raw, const std::string& where, ErrorKind kind = ErrorKind::kConfig) {
  read_json([&](Visitor& v) { object.describe(v); }, raw, where, kind);
}
template <Describable T>
std::string write_json(const T& object) {  // describe() is not const because a reader writes through it; a writer does not
  return write_json([&](Visitor& v) { const_cast<T&>(object).describe(v); });
}
template <Describable T>
std::string json_schema(std::string_view title) {  // json_schema<SupervisedConfig>("supervised")
  T defaults;
  return json_schema([&](Visitor& v) { defaults.describe(v); }, title);
}
template <Describable T>
std::string help_text() {  // help_text<SupervisedConfig>()
  T defaults;
  return help_text([&](Visitor& v) { defaults.describe(v); });
}

}  // namespace fewer
