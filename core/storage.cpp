// The pool. Three tiers, chosen by size:
//
//   small (data <= 4 KiB)  header and data in one block; a size class per doubling; a free list per thread, no lock
//   medium (< 1 MiB)       header apart; four size classes per doubling; one list per class behind a mutex
//   large                  header apart; cut to size from an arena (core/arena.h) behind the same mutex
//
// A small block freed by another thread joins that thread's list; a list that grows past its share hands half to a
// common shelf, so producer and consumer threads do not drift apart.
//
// Small blocks come and go with every small op, so their way in and out is a dozen instructions: a list is linked
// through the headers of its blocks, and nothing is counted but its length. How many blocks are in use follows from
// how many there are and how many lie in lists.
#include "core/storage.h"

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <mutex>
#include <new>
#include <vector>

#include "core/arena.h"
#include "core/error.h"
#include "core/per_thread.h"

namespace fewer {
namespace {

constexpr int64_t kHeader = 64;           // keeps the data of a small block on a cache line of its own
constexpr int64_t kSmallLimit = 4096;
constexpr int kSmallClasses = 7;          // 64, 128, ... 4096 bytes of data
constexpr uint32_t kMediumFlag = 1u << 31, kLargeFlag = 1u << 30;
constexpr uint32_t kClassesPerDoubling = 4;
#ifdef __SANITIZE_ADDRESS__
constexpr int64_t kMediumLimit = INT64_MAX;  // the sanitizer watches the edges of malloc's blocks
#else
constexpr int64_t kMediumLimit = 1 << 20;
#endif
constexpr int64_t kShareOfList = 512;     // small blocks one thread keeps per class before it shelves half of them

// Size class of a small block: data of 64 << class bytes.
uint32_t small_class(int64_t bytes) {
  return bytes <= 64 ? 0 : static_cast<uint32_t>(std::bit_width(static_cast<uint64_t>(bytes - 1) / 64));
}
int64_t small_bytes(uint32_t size_class) { return int64_t{64} << size_class; }

// Medium classes: (4 + q) << shift for q in 0..3, that is 1, 1.25, 1.5 and 1.75 times each power of two.
uint32_t medium_class(int64_t bytes) {
  const int shift = std::bit_width(static_cast<uint64_t>(bytes - 1)) - 3;
  const uint64_t quarter = (static_cast<uint64_t>(bytes) + (uint64_t{1} << shift) - 1) >> shift;  // 5..8
  return static_cast<uint32_t>(shift * 4 + static_cast<int>(quarter) - 4);
}
int64_t medium_bytes(uint32_t size_class) {
  return static_cast<int64_t>(uint64_t{4} + size_class % 4) << (size_class / 4);
}

void* fresh_medium(int64_t bytes) {
  void* data = std::aligned_alloc(64, (static_cast<size_t>(bytes) + 63) / 64 * 64);
  ENSURE(data != nullptr, "memory: the system refused ", bytes >> 10, " KiB; lower the batch size");
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
    BlockList headers;  // of medium and large blocks

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

  [[gnu::noinline]] static Block* with_header(int64_t bytes) {
    BlockList& headers = cache().headers;
    if (!headers.first) headers.push(new (std::malloc(sizeof(Block))) Block{});
    Block* const header = headers.pop();
    header->refs.store(1, std::memory_order_relaxed);
    Pool& pool = shared();
    std::lock_guard lock(pool.mutex);
    bytes < kMediumLimit ? pool.take_medium(*header, bytes) : pool.take_large(*header, bytes);
    pool.statistics.live_blocks += 1;
    pool.statistics.large_bytes += size_of(*header);
    pool.statistics.peak_large_bytes = std::max(pool.statistics.peak_large_bytes, pool.statistics.large_bytes);
    return header;
  }

  // Of a medium or large block. Large ones keep their number of granules where medium ones keep their class.
  static int64_t size_of(const Block& header) {
    return header.size_class & kLargeFlag ? (header.size_class & ~kLargeFlag) * Arena::kGranule
                                          : medium_bytes(header.size_class & ~kMediumFlag);
  }

  void take_large(Block& header, int64_t bytes) {
    const int64_t granules = Arena::rounded(bytes) / Arena::kGranule;
    ENSURE(granules < kLargeFlag, "memory: ", bytes >> 30, " GiB in one block are too many; lower the batch size");
    header.data = arena.take(granules * Arena::kGranule);
    header.size_class = static_cast<uint32_t>(granules) | kLargeFlag;
  }

  // A free block of the class, or of one up to twice as large (the last, smaller batch of an epoch lives in the blocks of the
  // others), or fresh memory.
  void take_medium(Block& header, int64_t bytes) {
    const uint32_t wanted = medium_class(bytes);
    uint32_t size_class = wanted;
    if (wanted + kClassesPerDoubling >= bins.size()) bins.resize(wanted + kClassesPerDoubling + 1);
    while (size_class < wanted + kClassesPerDoubling && bins[size_class].empty()) ++size_class;
    if (bins[size_class].empty()) size_class = wanted;
    header.size_class = size_class | kMediumFlag;
    if (bins[size_class].empty()) {
      header.data = fresh_medium(medium_bytes(size_class));
    } else {
      header.data = bins[size_class].back();
      bins[size_class].pop_back();
    }
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

  [[gnu::noinline]] static void recycle_with_header(Block* block) {
    {
      Pool& pool = shared();
      std::lock_guard lock(pool.mutex);
      pool.statistics.live_blocks -= 1;
      pool.statistics.large_bytes -= size_of(*block);
      if (block->size_class & kLargeFlag)
        pool.arena.give_back(static_cast<char*>(block->data), size_of(*block));
      else
        pool.bins[block->size_class & ~kMediumFlag].push_back(block->data);
    }
    cache().headers.push(block);
  }

  std::mutex mutex;
  std::vector<ThreadCache*> caches;
  BlockList shelf[kSmallClasses];
  std::atomic<int64_t> small_blocks{0};  // ever made; they never go back to the system
  std::vector<std::vector<void*>> bins;  // of medium blocks, by class
  Arena arena;
  PoolStatistics statistics;  // of medium and large blocks
};

StoragePtr StoragePtr::allocate(int64_t bytes) {
  DENSURE(bytes >= 0, "memory: a negative size");
  StoragePtr result;
  result.block_ = bytes <= kSmallLimit ? Pool::small(small_class(bytes)) : Pool::with_header(bytes);
  return result;
}

void StoragePtr::recycle(Block* block) {
  block->size_class & (kMediumFlag | kLargeFlag) ? Pool::recycle_with_header(block) : Pool::recycle_small(block);
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
  pool.arena.trim();
}

}  // namespace fewer
