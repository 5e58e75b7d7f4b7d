// Tasks of a meta-batch, shards of a batch: gradients from several threads, added in the order of the tasks.
#include <exception>

#include "core/accumulate.h"
#include "core/autograd.h"
#include "core/parallel.h"

namespace fewer {

std::vector<Tensor> gradients_over(int64_t n, const std::function<std::vector<Tensor>(int64_t)>& body) {
  std::vector<Tensor> total;
  const auto add_to_total = [&](std::vector<Tensor> gradients, int64_t task) {
    if (task == 0) total.resize(gradients.size());
    ENSURE(gradients.size() == total.size(), "gradients_over: task ", task, " returned ", gradients.size(),
           " gradients, task 0 returned ", total.size());
    for (size_t i = 0; i < total.size(); ++i) {
      ENSURE(task == 0 || gradients[i].shape() == total[i].shape(), "gradients_over: gradient ", i, " of task ", task,
             " has shape ", gradients[i].shape(), ", of task 0 ", total[i].shape());
      if (task == 0)
        total[i] = std::move(gradients[i]);
      else
        accumulate(total[i], gradients[i]);
    }
  };
  const auto run_task = [&](int64_t task) {
    std::vector<Tensor> gradients = body(task);
    for (Tensor& g : gradients) g = g.detach();  // its graph belongs to this thread
    return gradients;
  };
  if (n == 1 || threads() == 1 || inside_parallel() || observed()) {  // observers belong to this thread
    for (int64_t task = 0; task < n; ++task) add_to_total(run_task(task), task);
    return total;
  }
  std::exception_ptr error;  // written and read inside the ordered part only
#pragma omp parallel for ordered schedule(static, 1) num_threads(threads())
  for (int64_t task = 0; task < n; ++task) {
    const SerialScope serial;
    std::vector<Tensor> gradients;
    std::exception_ptr own_error;
    try {
      gradients = run_task(task);
    } catch (...) {
      own_error = std::current_exception();
    }
#pragma omp ordered
    try {
      if (own_error && !error) error = own_error;
      if (!error) add_to_total(std::move(gradients), task);
    } catch (...) {
      error = std::current_exception();
    }
  }
  if (error) std::rethrow_exception(error);
  return total;
}

}  // namespace fewer
