// Questions about a whole gradient: how long it is, and whether it is made of numbers.
#include <cmath>

#include "core/parallel.h"
#include "nn/optimizer.h"

namespace fewer {
namespace {

// Pieces of a fixed size, added up in order: the same bits at any number of threads.
double sum_of_squares(const Tensor& x) {
  const int64_t n = x.numel();
  std::vector<double> partial(static_cast<size_t>((n + kGrain - 1) / kGrain));
  const Real* values = x.data();
  parallel_for(n, kGrain, [&](int64_t begin, int64_t end) {
    double sum = 0;
    for (int64_t i = begin; i < end; ++i) sum += static_cast<double>(values[i]) * static_cast<double>(values[i]);
    partial[static_cast<size_t>(begin / kGrain)] = sum;
  });
  double total = 0;
  for (double sum : partial) total += sum;
  return total;
}

}  // namespace

double global_norm(std::span<const Tensor> grads) {
  double total = 0;
  for (const Tensor& g : grads)
    if (g.defined()) total += sum_of_squares(g);
  return std::sqrt(total);
}

std::string first_nonfinite(const Layer& net, std::span<const Tensor> grads) {
  const std::vector<NamedParameter> parameters = named_parameters(const_cast<Layer&>(net));  // only names are read
  ENSURE(parameters.size() == grads.size(), "first_nonfinite: ", grads.size(), " gradients for ", parameters.size(),
         " trainable parameters; pass what grad(loss, parameters(net)) returned");
  for (size_t i = 0; i < grads.size(); ++i) {
    // The square of a float cannot overflow a double, so a finite sum clears them all at once; the square of a large
    // double can, so an infinite sum means looking at each.
    if (!grads[i].defined() || std::isfinite(sum_of_squares(grads[i]))) continue;
    for (Real value : grads[i].values())
      if (!std::isfinite(value)) return parameters[i].name;
  }
  return "";
}

}  // namespace fewer
