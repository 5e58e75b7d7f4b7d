// The tree itself and its two printed forms. Parsing and escapes are in core/json_parse.cpp.
#include "core/json.h"

#include <charconv>
#include <cmath>

namespace fewer {
namespace {

constexpr size_t kLineWidth = 100;  // lists of plain values up to here stay on one line

Json make(Json::Kind kind, std::string text) {
  Json value;
  value.kind = kind;
  value.text = std::move(text);
  return value;
}

// Appends the value on one line.
void print_compact(const Json& value, std::string& out) {
  const bool object = value.is(Json::Kind::kObject);
  if (!object && !value.is(Json::Kind::kList)) {
    out += value.is(Json::Kind::kString) ? quoted(value.text) : value.is(Json::Kind::kNull) ? "null" : value.text;
    return;
  }
  out += object ? '{' : '[';
  for (size_t i = 0; i < value.items.size(); ++i) {
    if (i > 0) out += ", ";
    if (object) out += quoted(value.keys[i]) + ": ";
    print_compact(value.items[i], out);
  }
  out += object ? '}' : ']';
}

bool is_plain(const Json& value) { return !value.is(Json::Kind::kObject) && !value.is(Json::Kind::kList); }

// Lists of plain values that fit, and whatever is empty.
bool on_one_line(const Json& value, size_t indent) {
  if (value.items.empty()) return true;
  if (value.is(Json::Kind::kObject)) return false;
  for (const Json& item : value.items)
    if (!is_plain(item)) return false;
  return indent + compact_json(value).size() <= kLineWidth;
}

void print_pretty(const Json& value, size_t indent, std::string& out) {
  if (on_one_line(value, indent)) return print_compact(value, out);
  const bool object = value.is(Json::Kind::kObject);
  out += object ? "{\n" : "[\n";
  for (size_t i = 0; i < value.items.size(); ++i) {
    out.append(indent + 2, ' ');
    if (object) out += quoted(value.keys[i]) + ": ";
    print_pretty(value.items[i], indent + 2, out);
    out += i + 1 < value.items.size() ? ",\n" : "\n";
  }
  out.append(indent, ' ');
  out += object ? '}' : ']';
}

}  // namespace

const Json* Json::find(std::string_view key) const {
  for (size_t i = 0; i < keys.size(); ++i)
    if (keys[i] == key) return &items[i];
  return nullptr;
}

Json Json::boolean(bool value) { return make(Kind::kBool, value ? "true" : "false"); }
Json Json::integer(int64_t value) { return make(Kind::kNumber, std::to_string(value)); }
Json Json::number(double value) { return std::isfinite(value) ? make(Kind::kNumber, shortest(value)) : Json(); }
Json Json::string(std::string_view value) { return make(Kind::kString, std::string(value)); }
Json Json::list() { return make(Kind::kList, ""); }
Json Json::object() { return make(Kind::kObject, ""); }

Json& Json::add(std::string_view key, Json value) {
  keys.emplace_back(key);
  items.push_back(std::move(value));
  return *this;
}

std::string compact_json(const Json& value) {
  std::string out;
  print_compact(value, out);
  return out;
}

std::string pretty_json(const Json& value) {
  std::string out;
  print_pretty(value, 0, out);
  return out;
}

bool to_real(const Json& number, double& value) {
  const char* end = number.text.data() + number.text.size();
  const auto result = std::from_chars(number.text.data(), end, value);
  return result.ec == std::errc() && result.ptr == end;
}

// 12 directly, so that all 64 bits are kept; 1e3 and 12.0 by way of a double, as far as doubles are exact.
bool to_integer(const Json& number, int64_t& value) {
  const char* end = number.text.data() + number.text.size();
  const auto result = std::from_chars(number.text.data(), end, value);
  if (result.ec == std::errc() && result.ptr == end) return true;
  constexpr double kExact = 9007199254740992.0;  // 2^53
  double real = 0;
  if (!to_real(number, real) || std::floor(real) != real || std::abs(real) > kExact) return false;
  value = static_cast<int64_t>(real);
  return true;
}

std::string shortest(double value) {
  char digits[32];
  return {digits, std::to_chars(digits, digits + sizeof digits, value).ptr};
}

}  // namespace fewer
