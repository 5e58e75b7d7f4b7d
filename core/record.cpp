#include "core/record.h"

#include <charconv>
#include <cmath>

#include "core/json.h"

namespace fewer {
namespace {

std::string json_of(double value) { return std::isfinite(value) ? shortest(value) : "null"; }
std::string json_of(int64_t value) { return std::to_string(value); }
std::string json_of(const std::string& value) { return quoted(value); }
std::string json_of(const Record& value) { return value.json(); }

template <class T>
std::string list_of(std::span<const T> values) {
  std::string out = "[";
  for (const T& value : values) out.append(out.size() > 1 ? ", " : "").append(json_of(value));
  return out + "]";
}

}  // namespace

Record& Record::set(std::string_view key, double value) { return set_json(key, json_of(value)); }

Record& Record::set(std::string_view key, float value) {
  if (!std::isfinite(value)) return set_json(key, "null");
  char digits[32];
  return set_json(key, {digits, std::to_chars(digits, digits + sizeof digits, value).ptr});
}

Record& Record::set(std::string_view key, std::string_view value) { return set_json(key, quoted(value)); }
Record& Record::set(std::string_view key, std::span<const double> values) { return set_json(key, list_of(values)); }
Record& Record::set(std::string_view key, std::span<const int64_t> values) { return set_json(key, list_of(values)); }
Record& Record::set(std::string_view key, std::span<const std::string> values) { return set_json(key, list_of(values)); }
Record& Record::set(std::string_view key, std::span<const Record> values) { return set_json(key, list_of(values)); }

Record& Record::set_json(std::string_view key, std::string json) {
  for (Field& field : fields_) {
    if (field.key != key) continue;
    field.json = std::move(json);
    return *this;
  }
  fields_.push_back({std::string(key), std::move(json)});
  return *this;
}

std::string Record::json() const {
  std::string out = "{";
  for (const Field& field : fields_) out += (out.size() > 1 ? ", " : "") + quoted(field.key) + ": " + field.json;
  return out + "}";
}

std::string Record::pretty() const { return pretty_json(parse_json(json(), "record", ErrorKind::kOther)) + "\n"; }

}  // namespace fewer
