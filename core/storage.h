// Memory for tensors: reference-counted blocks from a pool.
//
// Fresh memory costs 36 times more than reused memory (page faults), so nothing goes back to the system while a program
// trains. Blocks up to 4 KiB carry their header in front of the data and come from free lists of the calling thread;
// larger ones keep the header apart and come from shared bins, four sizes per doubling, last freed first reused; blocks of
// 1 MiB and more are cut to size from an arena of huge pages (core/arena.h).
//
// Data is aligned to 64 bytes. Reference counts are atomic: a tensor's data may be shared between threads (a snapshot of the
// parameters), though a graph may not.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace fewer {

class StoragePtr {
 public:
  StoragePtr() = default;
  static StoragePtr allocate(int64_t bytes);  // uninitialised; bytes >= 0

  StoragePtr(const StoragePtr& other) : block_(other.block_) {
    if (block_) block_->refs.fetch_add(1, std::memory_order_relaxed);
  }
  StoragePtr(StoragePtr&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}
  StoragePtr& operator=(StoragePtr other) noexcept {
    std::swap(block_, other.block_);
    return *this;
  }
  ~StoragePtr() {
    if (block_) release(block_);
  }

  void* data() const { return block_ ? block_->data : nullptr; }
  bool unique() const { return block_ && block_->refs.load(std::memory_order_acquire) == 1; }
  explicit operator bool() const { return block_ != nullptr; }
  bool operator==(const StoragePtr& other) const { return block_ == other.block_; }

 private:
  friend struct Pool;
  struct Block {
    std::atomic<uint32_t> refs;
    uint32_t size_class;
    void* data;
    Block* next;  // while it lies in a free list
  };

  // The last owner needs no atomic subtraction: nobody else can see the block.
  static void release(Block* block) {
    if (block->refs.load(std::memory_order_acquire) == 1 || block->refs.fetch_sub(1, std::memory_order_acq_rel) == 1)
      recycle(block);
  }
  static void recycle(Block* block);

  Block* block_ = nullptr;
};

// What the pool holds, over all threads. A test asserts live_blocks == 0 at its end.
struct PoolStatistics {
  int64_t live_blocks = 0;      // handed out and not returned
  int64_t large_bytes = 0;      // in blocks over 4 KiB now handed out
  int64_t peak_large_bytes = 0; // the most of that since reset_peak()
};
PoolStatistics pool_statistics();
void reset_pool_peak();
void trim_pool();  // returns the free large blocks to the system

}  // namespace fewer
