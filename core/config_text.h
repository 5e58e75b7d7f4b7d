// Internal to core/config_*.cpp: the words for what a field expects, shared by messages and help.
#pragma once

#include <string>
#include <string_view>

#include "core/describe.h"
#include "core/json.h"

namespace fewer::config {

bool within_bounds(double value, const FieldInfo& info);

std::string bounds_text(const FieldInfo& info);  // "", "above 0", "from 0 to 1", "at least 0 and below 1"
std::string size_text(const FieldInfo& info);    // "", "of 2", "of at least 1", "of 1 to 3": how many elements a list has
// "whole number from 1 to 9", "text", "one of a, b". With `type_limits` false, what only the C++ type imposes goes unsaid.
std::string type_text(std::string_view noun, FieldInfo info, bool type_limits = false);

std::string came(const Json& value);  // what the text has instead: "fast", 3, null, a list

}  // namespace fewer::config
