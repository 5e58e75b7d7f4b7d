// Memory of nodes, and how they die.
#include "core/node.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <new>
#include <vector>

#include "core/per_thread.h"

namespace fewer {
namespace {

constexpr size_t kStep = 64, kClasses = 16;  // blocks of a multiple of 64 bytes; larger nodes come from the system

size_t size_class(size_t bytes) { return (bytes + kStep - 1) / kStep; }

// The free blocks of one thread: a graph belongs to one thread, so they stay there.
struct NodePool {
  struct FreeBlock {
    FreeBlock* next;
  };
  FreeBlock* free[kClasses] = {};
  Node* dying = nullptr;  // nodes whose count reached 0 while another was being destroyed
  bool destroying = false;
  std::atomic<int64_t> live{0};  // written by its thread only

  NodePool() {
    std::lock_guard lock(registry_mutex());
    registry().push_back(this);
  }
  ~NodePool() {
    for (FreeBlock* list : free)
      while (list) ::operator delete(std::exchange(list, list->next));
    std::lock_guard lock(registry_mutex());
    std::erase(registry(), this);
  }
  void count(int64_t change) { live.store(live.load(std::memory_order_relaxed) + change, std::memory_order_relaxed); }

  static NodePool& own() { return PerThread<NodePool>::get(); }
  static std::vector<NodePool*>& registry() {
    static auto* pools = new std::vector<NodePool*>;
    return *pools;
  }
  static std::mutex& registry_mutex() {
    static auto* mutex = new std::mutex;
    return *mutex;
  }
};

}  // namespace

void* Node::operator new(size_t bytes) {
  NodePool& pool = NodePool::own();
  pool.count(+1);
  const size_t c = size_class(bytes);
  if (c >= kClasses) [[unlikely]] return ::operator new(bytes);
  if (!pool.free[c]) [[unlikely]] return ::operator new(c * kStep);
  return std::exchange(pool.free[c], pool.free[c]->next);
}

void Node::operator delete(void* memory, size_t bytes) {
  NodePool& pool = NodePool::own();
  pool.count(-1);
  const size_t c = size_class(bytes);
  if (c >= kClasses) [[unlikely]]
    ::operator delete(memory);
  else
    pool.free[c] = new (memory) NodePool::FreeBlock{pool.free[c]};
}

// Destroying a node drops its inputs, which may drop theirs, and so on: instead of recursing, a node that dies while another
// is being destroyed waits in a list.
void NodePtr::destroy(Node* node) {
  NodePool& pool = NodePool::own();
  if (pool.destroying) {
    node->next_ = std::exchange(pool.dying, node);
    return;
  }
  pool.destroying = true;
  delete node;
  while (pool.dying) delete std::exchange(pool.dying, pool.dying->next_);
  pool.destroying = false;
}

int64_t live_nodes() {
  std::lock_guard lock(NodePool::registry_mutex());
  int64_t live = 0;
  for (const NodePool* pool : NodePool::registry()) live += pool->live.load(std::memory_order_relaxed);
  return live;
}

}  // namespace fewer
