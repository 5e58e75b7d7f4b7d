#include <doctest/doctest.h>

#include <stdexcept>
#include <string>

#include "core/autograd.h"
#include "core/parallel.h"
#include "core/rng.h"
#include "core/storage.h"
#include "ops/ops.h"

using namespace fewer;
using doctest::Contains;

namespace {

// Gradients of task i on its own snapshot of shared weights, of sizes that make the order of addition visible.
std::vector<Tensor> task_gradients(const Tensor& shared, int64_t task) {
  const Tensor w = variable(shared);
  Rng rng(static_cast<uint64_t>(task));
  const Tensor x = Tensor::normal(shared.shape(), 0, static_cast<Real>(1 << (task % 7)), rng);
  const Tensor loss = sum(tanh(w * x) * x);
  return grad(loss, std::vector{w});
}

bool same_bits(const Tensor& a, const Tensor& b) {
  return a.shape() == b.shape() && std::equal(a.values().begin(), a.values().end(), b.values().begin());
}

}  // namespace

TEST_CASE("gradients_over: the same bits at any number of threads, those of adding in order") {
  const Tensor shared = Tensor::full({501}, Real(0.3));
  const int64_t tasks = 11;
  Tensor expected = task_gradients(shared, 0)[0];
  for (int64_t task = 1; task < tasks; ++task) expected = expected + task_gradients(shared, task)[0];
  for (const int n : {1, 2, 3}) {
    set_threads(n);
    CHECK(same_bits(gradients_over(tasks, [&](int64_t task) { return task_gradients(shared, task); })[0], expected));
  }
}

TEST_CASE("gradients_over: kernels inside a task run serially") {
  set_threads(2);
  gradients_over(4, [](int64_t) {
    CHECK(inside_parallel());
    return std::vector{Tensor::ones({1})};
  });
  CHECK_FALSE(inside_parallel());
}

TEST_CASE("gradients_over: results of no task and of one task") {
  CHECK(gradients_over(0, [](int64_t) -> std::vector<Tensor> { fail("called"); }).empty());
  CHECK(gradients_over(1, [](int64_t) { return std::vector{Tensor::full({2}, 3)}; })[0].at({1}) == 3);
}

TEST_CASE("gradients_over: the exception of the first task by index is rethrown") {
  for (const int n : {1, 2, 3}) {
    set_threads(n);
    const auto body = [](int64_t task) {
      if (task == 3 || task == 8) throw std::runtime_error("task " + std::to_string(task));
      return std::vector{Tensor::ones({1})};
    };
    CHECK_THROWS_WITH(gradients_over(10, body), "task 3");
  }
}

TEST_CASE("gradients_over: tasks that disagree about shapes are named") {
  set_threads(2);
  CHECK_THROWS_WITH(gradients_over(3, [](int64_t task) { return std::vector{Tensor::ones({task == 2 ? 4 : 3})}; }),
                    Contains("gradient 0 of task 2 has shape [4], of task 0 [3]"));
  CHECK_THROWS_WITH(
      gradients_over(3, [](int64_t task) { return std::vector<Tensor>(task == 1 ? 2 : 1, Tensor::ones({1})); }),
      Contains("task 1 returned 2 gradients, task 0 returned 1"));
}

TEST_CASE("gradients_over: at most one result per thread is held") {
  constexpr int64_t kMegabyte = 1 << 20;
  for (const int n : {1, 3}) {
    set_threads(n);
    reset_pool_peak();
    const int64_t before = pool_statistics().large_bytes;
    gradients_over(
        24, [&](int64_t) { return std::vector{Tensor::ones({kMegabyte / static_cast<int64_t>(sizeof(Real))})}; });
    CHECK(pool_statistics().peak_large_bytes - before <= (n + 1) * kMegabyte);  // and the total
  }
}

TEST_CASE("gradients_over: results leave their graphs behind") {
  set_threads(2);
  const int64_t nodes = live_nodes();
  const std::vector<Tensor> total = gradients_over(5, [](int64_t) {
    const Tensor x = variable(Tensor::ones({3}));
    return std::vector{grad(sum(x * x * x), x, {.create_graph = true})};
  });
  CHECK_FALSE(total[0].tracked());
  CHECK(total[0].at({0}) == 15);
  CHECK(live_nodes() == nodes);
}
