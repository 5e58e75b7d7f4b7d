#include "nn/dropout.h"

#include "core/error.h"
#include "ops/ops.h"

namespace fewer {

void Dropout::describe(ModuleVisitor& v) {
  v.field("probability", probability, {.help = "of an element to be zeroed", .min = 0, .below = 1});
}

Tensor Dropout::forward(const Tensor& x, const Pass& pass) const {
  if (!pass.training || probability == 0) return x;
  ENSURE(pass.rng, "dropout \"", pass.path(), "\": training needs a random stream; set Pass::rng");
  return dropout(x, static_cast<Real>(probability), *pass.rng);
}

}  // namespace fewer
