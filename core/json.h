// JSON text to a small tree that remembers where each value stood, and back.
//
// The reading itself and the escapes are nlohmann/json's (core/json_parse.cpp). The tree is ours, because configs need
// what the library's own drops: the line of every value, duplicate keys, the order of keys, and the number as it was
// written. Structs are read and written through core/config.h; use the tree itself only for JSON whose keys are data (the
// header of a safetensors file).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"

namespace fewer {

struct Json {
  enum class Kind { kNull, kBool, kNumber, kString, kList, kObject };

  Kind kind = Kind::kNull;
  std::string text;               // a string's characters; a number, true or false as written
  std::vector<Json> items;        // of a list or an object
  std::vector<std::string> keys;  // of an object: keys[i] belongs to items[i]; duplicates are kept
  int line = 0;                   // where the value begins, from 1
  size_t begin = 0, end = 0;      // its characters in the text that was parsed

  const Json* find(std::string_view key) const;  // the first of that key, or nullptr
  bool is(Kind k) const { return kind == k; }

  static Json boolean(bool value);
  static Json integer(int64_t value);
  static Json number(double value);  // null when not finite
  static Json string(std::string_view value);
  static Json list();
  static Json object();
  Json& add(std::string_view key, Json value);  // appends a member to an object and returns the object
};

// Limits that keep a damaged or hostile file from exhausting stack or memory.
inline constexpr int kMaxJsonDepth = 200;
inline constexpr size_t kMaxJsonBytes = size_t{64} << 20;

// Throws an Error of `kind`, "where:line:column: expected ..., found ...", when the text is no JSON, is not UTF-8, or has a
// number too large for a double. Comments are allowed. `first_line` is the number of the line the text begins on.
Json parse_json(std::string_view text, const std::string& where, ErrorKind kind = ErrorKind::kConfig, int first_line = 1);

std::string compact_json(const Json& value);  // on one line: {"a": [1, 2]}
std::string pretty_json(const Json& value);   // indented, with short lists on one line; no newline at the end

// The value of a number; false when it does not fit (or, for an integer, is not whole).
bool to_integer(const Json& number, int64_t& value);
bool to_real(const Json& number, double& value);

// As a JSON string, with quotes and escapes; what is not UTF-8 becomes U+FFFD.
std::string quoted(std::string_view characters);
std::string shortest(double value);  // the shortest decimal that reads back to the same bits. REQUIRES: finite

}  // namespace fewer
