#include "nn/residual.h"

#include "core/error.h"
#include "nn/activation.h"
#include "ops/ops.h"

namespace fewer {

void Residual::describe(ModuleVisitor& v) {
  v.field("branch", parts.branch, {.help = "layers of the body before the shortcut starts", .min = 0});
  parts.body.describe(v);
  v.check(parts.branch <= static_cast<int64_t>(parts.body.size()), "branch lies behind the body's end", {"branch"});
  v.child("shortcut", parts.shortcut);
  v.child("activation", parts.activation);
}

Tensor Residual::forward(const Tensor& x, const Pass& pass) const {
  const size_t branch = static_cast<size_t>(parts.branch), end = parts.body.size();
  const Tensor start = parts.body.run(x, pass, 0, branch);
  const Tensor shortcut = parts.shortcut.empty() ? start : parts.shortcut.forward(start, pass, "shortcut");
  const Activation* activation = parts.activation.as<Activation>();
  const bool relu = activation && activation->function == ActivationFunction::kRelu;
  if (relu && !(pass.taps && pass.taps->wants(pass.in("sum").path())))
    return pass.tap("activation", parts.body.run(start, pass, branch, end, {.addend = shortcut, .relu = true}));
  const Tensor sum = pass.tap("sum", parts.body.run(start, pass, branch, end, {.addend = shortcut}));
  return parts.activation.empty() ? sum : parts.activation.forward(sum, pass, "activation");
}

void PadShortcut::describe(ModuleVisitor& v) {
  v.field("in", spec.in, {.help = "channels of the input", .min = 1});
  v.field("out", spec.out, {.help = "channels of the output", .min = 1});
  v.field("stride", spec.stride, {.help = "keep every so many-th pixel", .min = 1});
  v.check(spec.out >= spec.in, "out lies below in: this shortcut only adds channels", {"in", "out"});
}

Tensor PadShortcut::forward(const Tensor& x, const Pass& pass) const {
  ENSURE(x.rank() == 4 && x.size(3) == spec.in, "pad_shortcut \"", pass.path(), "\": expected [N, H, W, ", spec.in, "], got ",
         x.shape());
  Tensor y = x;
  if (spec.stride > 1) y = slice(slice(y, 1, 0, x.size(1), spec.stride), 2, 0, x.size(2), spec.stride);
  if (spec.out > spec.in) y = pad(y, 3, {.before = 0, .after = spec.out - spec.in});
  return y;
}

}  // namespace fewer
