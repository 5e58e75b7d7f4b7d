// The part of an optimiser's config that is about parameters rather than about the rule: who belongs to which group.
#include "nn/optimizer.h"

namespace fewer {

bool glob_match(std::string_view pattern, std::string_view name) {
  // On a mismatch after a '*', let that star take one more character: only the last star ever needs to grow.
  size_t p = 0, n = 0, star = std::string_view::npos, star_end = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      star_end = n;
    } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == name[n])) {
      ++p, ++n;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      n = ++star_end;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

bool ParameterGroup::fits(const NamedParameter& parameter) const {
  return (!role || *role == parameter.role) && glob_match(match, parameter.name);
}

void ParameterGroup::describe(Visitor& v) {
  v.field("match", match, {.help = "names of parameters: '*' stands for any characters, '?' for one"});
  const auto set_role_present = [&](bool present) {
    role = present ? std::optional(role.value_or(ParameterRole::kWeight)) : std::nullopt;
  };
  v.optional("role", role.has_value(), set_role_present, [&](Visitor& value) {
    value.choice("role", *role,
                 {{"weight", ParameterRole::kWeight},
                  {"bias", ParameterRole::kBias},
                  {"norm_scale", ParameterRole::kNormScale},
                  {"norm_shift", ParameterRole::kNormShift}});
  }, {.help = "what the parameter is for; null: anything"});
  v.field("lr_scale", lr_scale, {.help = "times the learning rate; 0 holds the parameter still", .min = 0});
  v.field("weight_decay", weight_decay, {.help = "in place of the optimiser's, for any role", .min = 0});
  v.field("max_norm", max_norm, {.help = "bound on the norm of the weights into one unit; 0: none", .min = 0});
  v.field("clip", clip, {.help = "weights stay in [-clip, clip]; 0: no bound", .min = 0});
  v.field("glorot_scale", glorot_scale, {.help = "scale the step by sqrt((fan in + fan out) / 1.5) (BNN)"});
}

void UpdateConfig::describe(Visitor& v) {
  v.field("weight_decay", weight_decay, {.help = "L2 penalty of weights, not of biases and norms", .min = 0});
  v.field("clip_norm", clip_norm, {.help = "bound on the norm of all gradients together; 0: none", .min = 0});
  v.field("clip_value", clip_value, {.help = "bound on each element of the gradient; 0: none", .min = 0});
  v.field("groups", groups, {.help = "parameters treated in a way of their own; the first group that fits counts"});
}

}  // namespace fewer
