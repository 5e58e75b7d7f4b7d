// Nodes and storage: what a graph costs, when it is freed, and that depth costs no stack.
#include <doctest/doctest.h>
#include <pthread.h>

#include <functional>

#include "core/autograd.h"
#include "core/storage.h"
#include "ops/ops.h"

using namespace fewer;

namespace {

constexpr int64_t kMegabyte = 1 << 20;
constexpr int64_t kElements = kMegabyte / static_cast<int64_t>(sizeof(Real));

void run_on_small_stack(const std::function<void()>& body) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, 256 << 10);
  pthread_t thread;
  const auto entry = [](void* f) -> void* {
    (*static_cast<const std::function<void()>*>(f))();
    return nullptr;
  };
  REQUIRE(pthread_create(&thread, &attributes, entry, const_cast<std::function<void()>*>(&body)) == 0);
  pthread_join(thread, nullptr);
  pthread_attr_destroy(&attributes);
}

struct Products {
  std::vector<Tensor> weights;
  Tensor loss;
};

// A chain of products with `depth` weights of a megabyte each: every step keeps a megabyte for its rules.
Products chain_of_products(int depth) {
  Products p;
  Tensor h = Tensor::ones({kElements});
  for (int i = 0; i < depth; ++i) {
    p.weights.push_back(variable(Tensor::ones({kElements})));
    h = mul(h, p.weights.back());
  }
  p.loss = sum(h);
  return p;
}

// The most large memory beyond what was in use before, while `body` ran.
template <class Body>
int64_t peak_during(Body body) {
  reset_pool_peak();
  const int64_t before = pool_statistics().large_bytes;
  body();
  return pool_statistics().peak_large_bytes - before;
}

}  // namespace

TEST_CASE("graph: a chain of 1,000,000 ops builds, differentiates and dies on a stack of 256 KiB") {
  const int64_t nodes_before = live_nodes();
  Real derivative = 0;
  run_on_small_stack([&] {
    const Tensor x = variable(Tensor::scalar(1));
    Tensor y = x;
    for (int i = 0; i < 1'000'000; ++i) y = add(y, Real{1});
    derivative = grad(y, x).item();
    y = Tensor();
  });
  CHECK(derivative == 1);
  CHECK(live_nodes() == nodes_before);
}

TEST_CASE("graph: a chain of 200,000 ops gives its gradient a graph, and both die, on a stack of 256 KiB") {
  Real second = 0;
  run_on_small_stack([&] {
    const Tensor x = variable(Tensor::scalar(1));
    Tensor y = x * x;
    for (int i = 0; i < 200'000; ++i) y = mul(y, Real{1});
    const Tensor g = grad(y, x, {.create_graph = true});
    second = grad(g, x).item();
  });
  CHECK(second == 2);
}

TEST_CASE("graph: a chain given up to grad dies on a small stack too") {
  const int64_t nodes_before = live_nodes();
  run_on_small_stack([&] {
    const Tensor x = variable(Tensor::scalar(1));
    Tensor y = x;
    for (int i = 0; i < 200'000; ++i) y = add(y, Real{1});
    grad(std::move(y), std::span(&x, 1));
  });
  CHECK(live_nodes() == nodes_before);
}

TEST_CASE("graph: nodes live as long as a handle can reach them") {
  const int64_t before = live_nodes();
  const Tensor x = variable(Tensor::scalar(1));
  CHECK(live_nodes() == before + 1);
  Tensor y = x * x;
  Tensor z = y * x;
  CHECK(live_nodes() == before + 3);
  y = Tensor();
  CHECK(live_nodes() == before + 3);  // z still reaches it
  z = Tensor();
  CHECK(live_nodes() == before + 1);
}

TEST_CASE("graph: constants make no nodes") {
  const int64_t before = live_nodes();
  const Tensor a = Tensor::ones({3});
  const Tensor b = exp(a * a + a);
  CHECK(live_nodes() == before);
}

TEST_CASE("grad: a loss that is given up frees its nodes, one that is kept does not") {
  const Tensor x = variable(Tensor::scalar(1));
  const int64_t before = live_nodes();
  Tensor kept = exp(x * x), given_up = exp(x * x);
  grad(kept, x);
  CHECK(live_nodes() == before + 4);
  grad(std::move(given_up), std::span(&x, 1));
  CHECK(live_nodes() == before + 2);
}

TEST_CASE("grad: giving up the loss lowers the peak memory") {
  constexpr int kDepth = 16;
  Products kept = chain_of_products(kDepth);
  const int64_t peak_kept = peak_during([&] { grad(kept.loss, kept.weights); });
  Products moved = chain_of_products(kDepth);
  const int64_t peak_moved = peak_during([&] { grad(std::move(moved.loss), moved.weights); });
  CHECK(peak_kept >= kDepth * kMegabyte);     // all gradients on top of all activations
  CHECK(peak_moved <= 4 * kMegabyte);         // a gradient appears where an activation vanishes
}

TEST_CASE("grad: only rules that lead to wrt are run") {
  const Tensor x = variable(Tensor::scalar(1)), other = variable(Tensor::scalar(1));
  int calls = 0;
  const Tensor counted = record("counted", Tensor::scalar(1), {other}, {}, wrt(other, [&calls](const Tensor& g) {
                                  ++calls;
                                  return g;
                                }));
  const Tensor loss = x * counted;
  grad(loss, x);
  CHECK(calls == 0);
  grad(loss, other);
  CHECK(calls == 1);
}
