#include "core/describe.h"

#include <charconv>

namespace fewer {
namespace {

constexpr double kLargestFloat = std::numeric_limits<float>::max();

}  // namespace

// A float travels as the double of its shortest decimal, so that 0.1f is written 0.1 and not 0.10000000149011612; the double
// rounds back to the same float. Doubles that no float comes near are out of range.
void Visitor::field(std::string_view name, float& value, FieldInfo info) {
  info.min = std::max(info.min, -kLargestFloat);
  info.max = std::min(info.max, kLargestFloat);
  double wide = value;
  char digits[32];
  const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  std::from_chars(digits, end, wide);
  real(name, wide, info);
  value = static_cast<float>(wide);
}

}  // namespace fewer
