#include "core/config_text.h"

#include <cmath>

#include "core/spelling.h"

namespace fewer::config {
namespace {

constexpr int64_t kNoLimit = std::numeric_limits<int64_t>::max();

// An int holds -2^31 to 2^31-1; nobody reading help wants to be told.
void drop_type_limits(FieldInfo& info) {
  if (info.min <= std::numeric_limits<int32_t>::min()) info.min = -HUGE_VAL;
  if (info.max >= std::numeric_limits<int32_t>::max()) info.max = HUGE_VAL;
}

}  // namespace

bool within_bounds(double value, const FieldInfo& info) {
  return value > info.above && value >= info.min && value <= info.max && value < info.below;
}

std::string bounds_text(const FieldInfo& info) {
  const bool from = std::isfinite(info.min), to = std::isfinite(info.max);
  if (from && to) return text("from ", shortest(info.min), " to ", shortest(info.max));
  std::string low, high;
  if (from) low = "at least " + shortest(info.min);
  if (std::isfinite(info.above)) low = "above " + shortest(info.above);
  if (to) high = "at most " + shortest(info.max);
  if (std::isfinite(info.below)) high = "below " + shortest(info.below);
  return low.empty() || high.empty() ? low + high : low + " and " + high;
}

std::string size_text(const FieldInfo& info) {
  if (info.min_size == info.max_size) return text("of ", info.min_size);
  if (info.max_size == kNoLimit) return info.min_size == 0 ? "" : text("of at least ", info.min_size);
  return text("of ", info.min_size, " to ", info.max_size);
}

std::string type_text(std::string_view noun, FieldInfo info, bool type_limits) {
  if (!info.choices.empty()) return "one of " + joined(info.choices);
  if (!type_limits) drop_type_limits(info);
  const std::string bounds = bounds_text(info);
  return text(noun, bounds.empty() ? "" : " ", bounds);
}

std::string came(const Json& value) {
  constexpr size_t kLongest = 60;
  if (value.is(Json::Kind::kList)) return "a list";
  if (value.is(Json::Kind::kObject)) return "an object";
  std::string shown = compact_json(value);
  if (shown.size() <= kLongest) return shown;
  size_t end = kLongest;
  while ((shown[end] & 0xc0) == 0x80) --end;  // not within a UTF-8 character
  return shown.substr(0, end) + "...";
}

}  // namespace fewer::config
