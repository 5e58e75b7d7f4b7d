// The pool. Two tiers, chosen by size:
//
//   small (data <= 4 KiB)  header and data in one block; a size class per doubling; a free list per thread, no lock
//   large                  header apart; four size classes per doubling; one list per class behind a mutex
//
// A small block freed by another thread joins that thread's list; a list that grows past its share hands half to a
// common shelf, so producer and consumer threads do not drift apart.
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
constexpr size_t kShareOfList = 512;      // small blocks one thread keeps per class before it shelves half of them

// Size class of a small block: data of 64 << class bytes.
uint32_t small_class(int64_t bytes) {
  const uint64_t lines = bytes <= 64 ? 1 : (static_cast<uint64_t>(bytes) + 63) / 64;
  return static_cast<uint32_t>(std::bit_width(lines - 1));
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

  struct ThreadCache {
    std::vector<Block*> small[kSmallClasses];
    std::vector<Block*> headers;  // of large blocks
    std::atomic<int64_t> handed_out{0};  // may be negative: freed here, allocated elsewhere. Written by its thread only

    ThreadCache() {
      std::lock_guard lock(shared().mutex);
      shared().caches.push_back(this);
    }
    ~ThreadCache() {
      Pool& pool = shared();
      std::lock_guard lock(pool.mutex);
      for (int c = 0; c < kSmallClasses; ++c) pool.shelve(small[c], c, 0);
      for (Block* header : headers) std::free(header);
      pool.handed_out_by_ended_threads += handed_out.load(std::memory_order_relaxed);
      std::erase(pool.caches, this);
    }
    void count(int64_t change) {  // one writer: a plain add, not a locked one
      handed_out.store(handed_out.load(std::memory_order_relaxed) + change, std::memory_order_relaxed);
    }
  };

  static Pool& shared() {
    static Pool* pool = new Pool;  // never destroyed: tensors may outlive static destruction
    return *pool;
  }
  static ThreadCache& cache() { return PerThread<ThreadCache>::get(); }

  // Moves blocks from a thread's list to the common shelf until `keep` are left. REQUIRES: mutex held.
  void shelve(std::vector<Block*>& list, int size_class, size_t keep) {
    shelf[size_class].insert(shelf[size_class].end(), list.begin() + static_cast<int64_t>(keep), list.end());
    list.resize(keep);
  }

  static Block* small(uint32_t size_class) {
    ThreadCache& own = cache();
    std::vector<Block*>& list = own.small[size_class];
    own.count(+1);
    if (list.empty() && !refill(list, size_class)) {
      void* memory = std::aligned_alloc(64, static_cast<size_t>(kHeader + small_bytes(size_class)));
      ENSURE(memory != nullptr, "memory: the system refused ", small_bytes(size_class), " bytes");
      return new (memory) Block{{1}, size_class, static_cast<char*>(memory) + kHeader};
    }
    Block* block = list.back();
    list.pop_back();
    block->refs.store(1, std::memory_order_relaxed);
    return block;
  }

  static bool refill(std::vector<Block*>& list, uint32_t size_class) {
    Pool& pool = shared();
    if (pool.shelf_size[size_class].load(std::memory_order_relaxed) == 0) return false;
    std::lock_guard lock(pool.mutex);
    std::vector<Block*>& shelf = pool.shelf[size_class];
    const size_t take = std::min(shelf.size(), kShareOfList / 2);
    list.assign(shelf.end() - static_cast<int64_t>(take), shelf.end());
    shelf.resize(shelf.size() - take);
    pool.shelf_size[size_class].store(shelf.size(), std::memory_order_relaxed);
    return !list.empty();
  }

  static Block* large(uint32_t size_class) {
    ThreadCache& own = cache();
    own.count(+1);
    Block* header;
    if (own.headers.empty()) {
      header = new (std::malloc(sizeof(Block))) Block{{1}, size_class | kLargeFlag, nullptr};
    } else {
      header = own.headers.back();
      own.headers.pop_back();
      header->refs.store(1, std::memory_order_relaxed);
    }
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
    statistics.large_bytes += bytes;
    statistics.peak_large_bytes = std::max(statistics.peak_large_bytes, statistics.large_bytes);
    if (bins[size_class].empty()) return allocate_pages(bytes);
    void* data = bins[size_class].back();
    bins[size_class].pop_back();
    return data;
  }

  static void recycle(Block* block) {
    ThreadCache& own = cache();
    own.count(-1);
    if (block->size_class & kLargeFlag) {
      Pool& pool = shared();
      {
        std::lock_guard lock(pool.mutex);
        const uint32_t size_class = block->size_class & ~kLargeFlag;
        pool.bins[size_class].push_back(block->data);
        pool.statistics.large_bytes -= large_bytes(size_class);
      }
      own.headers.push_back(block);
      return;
    }
    std::vector<Block*>& list = own.small[block->size_class];
    list.push_back(block);
    if (list.size() > 2 * kShareOfList) {
      Pool& pool = shared();
      std::lock_guard lock(pool.mutex);
      pool.shelve(list, static_cast<int>(block->size_class), kShareOfList);
      pool.shelf_size[block->size_class].store(pool.shelf[block->size_class].size(), std::memory_order_relaxed);
    }
  }

  std::mutex mutex;
  std::vector<ThreadCache*> caches;
  std::vector<Block*> shelf[kSmallClasses];
  std::atomic<size_t> shelf_size[kSmallClasses] = {};  // read without the lock: a hint
  std::vector<std::vector<void*>> bins;
  PoolStatistics statistics;
  int64_t handed_out_by_ended_threads = 0;
};

StoragePtr StoragePtr::allocate(int64_t bytes) {
  DENSURE(bytes >= 0, "memory: a negative size");
  StoragePtr result;
  result.block_ = bytes <= kSmallLimit ? Pool::small(small_class(bytes)) : Pool::large(large_class(bytes));
  return result;
}

void StoragePtr::recycle(Block* block) { Pool::recycle(block); }

PoolStatistics pool_statistics() {
  Pool& pool = Pool::shared();
  std::lock_guard lock(pool.mutex);
  PoolStatistics result = pool.statistics;
  result.live_blocks = pool.handed_out_by_ended_threads;
  for (const Pool::ThreadCache* cache : pool.caches)
    result.live_blocks += cache->handed_out.load(std::memory_order_relaxed);
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
