// --set a.b=c, done on the text: the value is replaced where it stands, or added right behind the brace that opens its
// object, so that lines and comments stay where they were and later messages point at the file as its author sees it.
#include <algorithm>
#include <charconv>
#include <span>
#include <vector>

#include "core/config.h"
#include "core/json.h"
#include "core/spelling.h"

namespace fewer {
namespace {

std::vector<std::string> split(std::string_view path) {
  std::vector<std::string> keys;
  for (size_t begin = 0; begin <= path.size();) {
    const size_t end = std::min(path.size(), path.find('.', begin));
    keys.emplace_back(path.substr(begin, end - begin));
    begin = end + 1;
  }
  return keys;
}

// JSON if it is, else a string: 0.1, true and [1, 2] need no quotes, and neither does adam.
std::string as_json(std::string_view value) {
  try {
    return compact_json(parse_json(value, "--set"));
  } catch (const Error&) {
    return quoted(value);
  }
}

// {"b": {"c": value}} without the outer braces, for the keys b, c.
std::string member(std::span<const std::string> keys, const std::string& value) {
  if (keys.size() == 1) return quoted(keys[0]) + ": " + value;
  return quoted(keys[0]) + ": {" + member(keys.subspan(1), value) + "}";
}

const Json* element(const Json& list, const std::string& position) {
  size_t i = 0;
  const char* end = position.data() + position.size();
  const auto result = std::from_chars(position.data(), end, i);
  return result.ec == std::errc() && result.ptr == end && i < list.items.size() ? &list.items[i] : nullptr;
}

}  // namespace

std::string apply_override(std::string_view json, std::string_view assignment, const std::string& where) {
  const size_t equals = assignment.find('=');
  const std::vector<std::string> keys = split(assignment.substr(0, equals));
  for (const std::string& key : keys)
    if (key.empty() || equals == assignment.npos) fail_config("--set ", assignment, ": expected key=value or key.key=value");
  const std::string value = as_json(assignment.substr(equals + 1));

  const Json root = parse_json(json, where);
  const auto spliced = [&](size_t begin, size_t end, const std::string& middle) {
    return text(json.substr(0, begin), middle, json.substr(end));
  };
  const Json* at = &root;
  for (size_t k = 0; k < keys.size(); ++k) {
    const std::span rest = std::span(keys).subspan(k);
    const std::string path = k == 0 ? where : joined(std::span(keys).first(k), ".");
    if (at->is(Json::Kind::kObject)) {
      const Json* next = at->find(keys[k]);
      if (!next) return spliced(at->begin + 1, at->begin + 1, member(rest, value) + (at->items.empty() ? "" : ", "));
      at = next;
    } else if (at->is(Json::Kind::kList)) {
      at = element(*at, keys[k]);
      if (!at) fail_config("--set ", assignment, ": expected the position of an element of ", path, ", got \"", keys[k], "\"");
    } else if (at->is(Json::Kind::kString) && k > 0) {  // "sgd" is short for {"name": "sgd"}
      const std::string name = rest[0] == "name" ? "" : text("\"name\": ", quoted(at->text), ", ");
      return spliced(at->begin, at->end, "{" + name + member(rest, value) + "}");
    } else {
      fail_config("--set ", assignment, ": expected ", path, " to be an object, but it is ", compact_json(*at));
    }
  }
  return spliced(at->begin, at->end, value);
}

}  // namespace fewer
