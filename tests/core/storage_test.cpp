#include "core/storage.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>
#include <thread>
#include <vector>

using namespace fewer;

namespace {
constexpr int64_t kLarge = 1 << 20;
int64_t live() { return pool_statistics().live_blocks; }
}  // namespace

TEST_CASE("storage: data is aligned to 64 bytes and writable at every size") {
  for (const int64_t bytes : {0, 1, 63, 64, 65, 4096, 4097, 5000, 100000, 1 << 21, (3 << 20) + 1}) {
    const StoragePtr block = StoragePtr::allocate(bytes);
    REQUIRE(block);
    CHECK(reinterpret_cast<uintptr_t>(block.data()) % 64 == 0);
    std::memset(block.data(), 0xAB, static_cast<size_t>(bytes));
  }
}

TEST_CASE("storage: blocks in use never overlap") {
  std::vector<StoragePtr> blocks;
  std::vector<int64_t> sizes;
  for (int i = 0; i < 200; ++i) {
    sizes.push_back(i % 2 ? 37 * i : 900 * i + 1);
    blocks.push_back(StoragePtr::allocate(sizes.back()));
    std::memset(blocks.back().data(), i, static_cast<size_t>(sizes.back()));
  }
  for (int i = 0; i < 200; ++i) {
    const auto* bytes = static_cast<const unsigned char*>(blocks[i].data());
    CHECK(std::count(bytes, bytes + sizes[i], static_cast<unsigned char>(i)) == sizes[i]);
  }
}

TEST_CASE("storage: the block freed last is handed out first") {
  for (const int64_t bytes : {int64_t{100}, kLarge}) {
    StoragePtr first = StoragePtr::allocate(bytes);
    const void* place = first.data();
    first = StoragePtr();
    CHECK(StoragePtr::allocate(bytes).data() == place);
  }
}

TEST_CASE("storage: owners are counted") {
  StoragePtr a = StoragePtr::allocate(8);
  CHECK(a.unique());
  StoragePtr b = a;
  CHECK_FALSE(a.unique());
  CHECK(a == b);
  const StoragePtr c = std::move(b);
  CHECK_FALSE(b);
  a = StoragePtr();
  CHECK(c.unique());
  CHECK_FALSE(StoragePtr().unique());
}

TEST_CASE("storage: statistics count live blocks, large bytes and their peak") {
  const PoolStatistics before = pool_statistics();
  reset_pool_peak();
  {
    const StoragePtr small = StoragePtr::allocate(10), large = StoragePtr::allocate(kLarge);
    CHECK(live() == before.live_blocks + 2);
    CHECK(pool_statistics().large_bytes >= before.large_bytes + kLarge);
    // Four classes per doubling waste little.
    CHECK(pool_statistics().large_bytes <= before.large_bytes + kLarge * 5 / 4);
  }
  CHECK(live() == before.live_blocks);
  CHECK(pool_statistics().large_bytes == before.large_bytes);
  CHECK(pool_statistics().peak_large_bytes >= before.large_bytes + kLarge);
  reset_pool_peak();
  CHECK(pool_statistics().peak_large_bytes == before.large_bytes);
}

TEST_CASE("storage: trimming returns free memory and leaves used memory alone") {
  StoragePtr used = StoragePtr::allocate(kLarge);
  std::memset(used.data(), 7, kLarge);
  StoragePtr::allocate(kLarge);
  trim_pool();
  CHECK(static_cast<const char*>(used.data())[kLarge - 1] == 7);
  const StoragePtr fresh = StoragePtr::allocate(kLarge);
  CHECK(fresh.data() != used.data());
}

TEST_CASE("storage: blocks may be freed by another thread than the one that allocated them") {
  const int64_t before = live();
  for (int round = 0; round < 3; ++round) {
    std::vector<StoragePtr> blocks;
    std::thread producer([&] {
      for (int i = 0; i < 5000; ++i) blocks.push_back(StoragePtr::allocate(i % 3 ? 200 : 8192));
    });
    producer.join();
    CHECK(live() == before + 5000);
    std::thread consumer([&] { blocks.clear(); });
    consumer.join();
    CHECK(live() == before);
  }
}

TEST_CASE("storage: what one thread frees another reuses") {
  const void* places[4096];
  {
    std::vector<StoragePtr> blocks;
    for (int i = 0; i < 4096; ++i) blocks.push_back(StoragePtr::allocate(3000));
    for (int i = 0; i < 4096; ++i) places[i] = blocks[i].data();
  }
  int reused = 0;
  std::thread([&] {
    std::vector<StoragePtr> blocks;
    for (int i = 0; i < 1000; ++i) blocks.push_back(StoragePtr::allocate(3000));
    for (const StoragePtr& block : blocks)
      for (const void* place : places) reused += block.data() == place;
  }).join();
  CHECK(reused == 1000);
}

TEST_CASE("storage: threads share a block safely") {
  const StoragePtr shared = StoragePtr::allocate(64);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 20000; ++i) const StoragePtr copy = shared;
    });
  for (std::thread& thread : threads) thread.join();
  CHECK(shared.unique());
}
