// The pool. Two tiers, chosen by size:
//
//   small (data <= 4 KiB)  header and data in one block; a size class per doubling; a free list per thread, no lock
//   large                  header apart; four size classes per doubling; one list per class behind a mutex
//
// A small block freed by another thread joins that thread's list; a list that grows past its share hands half to a
// common shelf, so producer and consumer threads do not drift apart.
//
// Small blocks come and go with every small op, so their way in and out is a dozen instructions: a list is linked
// through the headers of its blocks, and nothing is counted but its length. How many blocks are in use follows from
// how many there are and how many lie in lists.
#include "core/storage.h"

#include <sys/mman.h>

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <mutex>
#include <new>
#include <vector>

#include "core/error.h"
#include "core/per_thread.h"

namespace fewer {
namespace {

constexpr int64_t kHeader = 64;           // keeps the data of a small block on a cache line of its own
constexpr int64_t kSmallLimit = 4096;
constexpr int kSmallClasses = 7;          // 64, 128, ... 4096 bytes of data
constexpr uint32_t kLargeFlag = 1u << 31;
constexpr uint32_t kClassesPerDoubling = 4;
constexpr int64_t kHugePage = int64_t{2} << 20;
constexpr int64_t kShareOfList = 512;     // small blocks one thread keeps per class before it shelves half of them

// Size class of a small block: data of 64 << class bytes.
uint32_t small_class(int64_t bytes) {
  return bytes <= 64 ? 0 : static_cast<uint32_t>(std::bit_width(static_cast<uint64_t>(bytes - 1) / 64));
}
int64_t small_bytes(uint32_t size_class) { return int64_t{64} << size_class; }

// Large classes: (4 + q) << shift for q in 0..3, that is 1, 1.25, 1.5 and 1.75 times each power of two.
uint32_t large_class(int64_t bytes) {
  const int shift = std::bit_width(static_cast<uint64_t>(bytes - 1)) - 3;
  const uint64_t quarter = (static_cast<uint64_t>(bytes) + (uint64_t{1} << shift) - 1) >> shift;  // 5..8
  return static_cast<uint32_t>(shift * 4 + static_cast<int>(quarter) - 4);
}
int64_t large_bytes(uint32_t size_class) {
  return static_cast<int64_t>(uint64_t{4} + size_class % 4) << (size_class / 4);
}

void* allocate_pages(int64_t bytes) {
  const bool huge = bytes >= kHugePage;
  const size_t alignment = huge ? kHugePage : 64;
  void* data = std::aligned_alloc(alignment, (static_cast<size_t>(bytes) + alignment - 1) / alignment * alignment);
  ENSURE(data != nullptr, "memory: the system refused ", bytes >> 20, " MiB; lower the batch size");
  if (huge) madvise(data, static_cast<size_t>(bytes), MADV_HUGEPAGE);  // advice: failure only costs speed
  return data;
}

}  // namespace

// All state of the pool. Thread caches register here so that statistics can sum over threads.
struct Pool {
  using Block = StoragePtr::Block;

  // Free blocks, linked through their headers. Changed by one thread at a time; the length may be read by any.
  struct BlockList {
    Block* first = nullptr;
    std::atomic<int64_t> length{0};

    void push(Block* block) {
      block->next = std::exchange(first, block);
      length.store(size() + 1, std::memory_order_relaxed);  // one writer: a plain addition, not a locked one
    }
    Block* pop() {  // REQUIRES: not empty
      length.store(size() - 1, std::memory_order_relaxed);
      return std::exchange(first, first->next);
    }
    void move_to(BlockList& other, int64_t count) {
      for (int64_t i = 0; i < count; ++i) other.push(pop());
    }
    int64_t size() const { return length.load(std::memory_order_relaxed); }
  };

  struct ThreadCache {
    BlockList small[kSmallClasses];
    BlockList headers;  // of large blocks

    ThreadCache() {
      std::lock_guard lock(shared().mutex);
      shared().caches.push_back(this);
    }
    ~ThreadCache() {
      Pool& pool = shared();
      std::lock_guard lock(pool.mutex);
      for (int c = 0; c < kSmallClasses; ++c) small[c].move_to(pool.shelf[c], small[c].size());
      while (headers.first) std::free(headers.pop());
      std::erase(pool.caches, this);
    }
  };

  static Pool& shared() {
    static Pool* pool = new Pool;  // never destroyed: tensors may outlive static destruction
    return *pool;
  }
  static ThreadCache& cache() { return PerThread<ThreadCache>::get(); }

  static Block* small(uint32_t size_class) {
    BlockList& list = cache().small[size_class];
    if (!list.first) [[unlikely]] refill(list, size_class);
    Block* const block = list.pop();
    block->refs.store(1, std::memory_order_relaxed);
    return block;
  }

  // From the shelf, or a new block.
  [[gnu::noinline]] static void refill(BlockList& list, uint32_t size_class) {
    Pool& pool = shared();
    BlockList& shelf = pool.shelf[size_class];
    if (shelf.size() > 0) {  // a hint, read without the lock
      std::lock_guard lock(pool.mutex);
      shelf.move_to(list, std::min(shelf.size(), kShareOfList / 2));
      if (list.first) return;
    }
    void* memory = std::aligned_alloc(64, static_cast<size_t>(kHeader + small_bytes(size_class)));
    ENSURE(memory != nullptr, "memory: the system refused ", small_bytes(size_class), " bytes");
    list.push(new (memory) Block{{0}, size_class, static_cast<char*>(memory) + kHeader, nullptr});
    pool.small_blocks.fetch_add(1, std::memory_order_relaxed);
  }

  [[gnu::noinline]] static Block* large(uint32_t size_class) {
    BlockList& headers = cache().headers;
    if (!headers.first) headers.push(new (std::malloc(sizeof(Block))) Block{});
    Block* const header = headers.pop();
    header->refs.store(1, std::memory_order_relaxed);
    header->data = shared().take_large(size_class);
    header->size_class = size_class | kLargeFlag;
    return header;
  }

  // A free block of the class, or of one up to twice as large (the last, smaller batch of an epoch lives in the blocks of the
  // others), or fresh memory. `size_class` becomes the block's.
  void* take_large(uint32_t& size_class) {
    std::lock_guard lock(mutex);
    const uint32_t wanted = size_class;
    if (wanted + kClassesPerDoubling >= bins.size()) bins.resize(wanted + kClassesPerDoubling + 1);
    while (size_class < wanted + kClassesPerDoubling && bins[size_class].empty()) ++size_class;
    if (bins[size_class].empty()) size_class = wanted;
    const int64_t bytes = large_bytes(size_class);
    statistics.live_blocks += 1;
    statistics.large_bytes += bytes;
    statistics.peak_large_bytes = std::max(statistics.peak_large_bytes, statistics.large_bytes);
    if (bins[size_class].empty()) return allocate_pages(bytes);
    void* data = bins[size_class].back();
    bins[size_class].pop_back();
    return data;
  }

  static void recycle_small(Block* block) {
    BlockList& list = cache().small[block->size_class];
    list.push(block);
    if (list.size() > 2 * kShareOfList) [[unlikely]] shelve(list, block->size_class);
  }
  [[gnu::noinline]] static void shelve(BlockList& list, uint32_t size_class) {
    Pool& pool = shared();
    std::lock_guard lock(pool.mutex);
    list.move_to(pool.shelf[size_class], list.size() - kShareOfList);
  }

  [[gnu::noinline]] static void recycle_large(Block* block) {
    {
      Pool& pool = shared();
      std::lock_guard lock(pool.mutex);
      const uint32_t size_class = block->size_class & ~kLargeFlag;
      pool.bins[size_class].push_back(block->data);
      pool.statistics.live_blocks -= 1;
      pool.statistics.large_bytes -= large_bytes(size_class);
    }
    cache().headers.push(block);
  }

  std::mutex mutex;
  std::vector<ThreadCache*> caches;
  BlockList shelf[kSmallClasses];
  std::atomic<int64_t> small_blocks{0};  // ever made; they never go back to the system
  std::vector<std::vector<void*>> bins;
  PoolStatistics statistics;  // of large blocks
};

StoragePtr StoragePtr::allocate(int64_t bytes) {
  DENSURE(bytes >= 0, "memory: a negative size");
  StoragePtr result;
  result.block_ = bytes <= kSmallLimit ? Pool::small(small_class(bytes)) : Pool::large(large_class(bytes));
  return result;
}

void StoragePtr::recycle(Block* block) {
  block->size_class & kLargeFlag ? Pool::recycle_large(block) : Pool::recycle_small(block);
}

PoolStatistics pool_statistics() {
  Pool& pool = Pool::shared();
  std::lock_guard lock(pool.mutex);
  PoolStatistics result = pool.statistics;
  result.live_blocks += pool.small_blocks.load(std::memory_order_relaxed);
  for (int c = 0; c < kSmallClasses; ++c) {
    result.live_blocks -= pool.shelf[c].size();
    for (const Pool::ThreadCache* cache : pool.caches) result.live_blocks -= cache->small[c].size();
  }
  return result;
}

void reset_pool_peak() {
  Pool& pool = Pool::shared();
  std::lock_guard lock(pool.mutex);
  pool.statistics.peak_large_bytes = pool.statistics.large_bytes;
}

void trim_pool() {
  Pool& pool = Pool::shared();
  std::lock_guard lock(pool.mutex);
  for (std::vector<void*>& bin : pool.bins) {
    for (void* data : bin) std::free(data);
    bin.clear();
  }
}

}  // namespace fewer
