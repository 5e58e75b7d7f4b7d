#include "core/arena.h"

#include <doctest/doctest.h>

#include <cstring>
#include <vector>

#include "core/error.h"
#include "core/rng.h"

using namespace fewer;

namespace {
constexpr int64_t kMegabyte = 1 << 20;
}

TEST_CASE("arena: neighbours that are free become one block") {
  Arena arena;
  char* const a = arena.take(kMegabyte);
  char* const b = arena.take(2 * kMegabyte);
  char* const c = arena.take(kMegabyte);
  char* const wall = arena.take(kMegabyte);
  arena.give_back(a, kMegabyte);
  arena.give_back(c, kMegabyte);
  arena.give_back(b, 2 * kMegabyte);  // joins both sides
  CHECK(arena.take(4 * kMegabyte) == a);
  CHECK(arena.take(kMegabyte) == wall + kMegabyte);
}

TEST_CASE("arena: the smallest block that fits is taken, of equal ones the one freed last") {
  Arena arena;
  std::vector<char*> blocks;
  for (const int64_t size : {3, 1, 2, 1, 2, 1, 2, 1}) blocks.push_back(arena.take(size * kMegabyte));  // walls between
  arena.give_back(blocks[0], 3 * kMegabyte);
  for (const size_t i : {4, 6, 2}) arena.give_back(blocks[i], 2 * kMegabyte);
  CHECK(arena.take(2 * kMegabyte) == blocks[2]);
  CHECK(arena.take(2 * kMegabyte) == blocks[6]);
  CHECK(arena.take(2 * kMegabyte) == blocks[4]);
  CHECK(arena.take(2 * kMegabyte) == blocks[0]);
  CHECK(arena.take(kMegabyte) == blocks[0] + 2 * kMegabyte);  // what the last one left
}

TEST_CASE("arena: it grows by no more than what is missing") {
  Arena arena;
  char* const a = arena.take(kMegabyte);
  char* const b = arena.take(3 * kMegabyte);
  CHECK(arena.grown() == 4 * kMegabyte);
  arena.give_back(b, 3 * kMegabyte);
  CHECK(arena.take(5 * kMegabyte) == b);  // the three at the end and two new ones
  CHECK(arena.grown() == 6 * kMegabyte);
  arena.give_back(a, kMegabyte);
  CHECK(arena.take(Arena::kGranule) == a);
  CHECK(arena.grown() == 6 * kMegabyte);
}

TEST_CASE("arena: a way forward and back over maps of halving sizes needs little beyond the maps") {
  Arena arena;
  std::vector<std::pair<char*, int64_t>> maps;
  int64_t kept = 0;
  for (const int64_t size : {8, 8, 8, 8, 4, 4, 4, 4, 2, 2, 2, 2}) {
    maps.emplace_back(arena.take(size * kMegabyte), size * kMegabyte);
    kept += size * kMegabyte;
  }
  std::pair<char*, int64_t> gradient{};
  while (!maps.empty()) {  // the gradient of a map is made from that of the next one; then both maps go
    const std::pair<char*, int64_t> next{arena.take(maps.back().second), maps.back().second};
    if (gradient.first) arena.give_back(gradient.first, gradient.second);
    arena.give_back(maps.back().first, maps.back().second);
    maps.pop_back();
    gradient = next;
  }
  CHECK(arena.grown() <= kept + 4 * kMegabyte);
}

TEST_CASE("arena: blocks in use never overlap, and all come back to one") {
  struct Block {
    char* data;
    int64_t bytes;
    int value;
  };
  Arena arena;
  std::vector<Block> blocks;
  Rng rng(1);
  const auto intact = [](const Block& b) {
    for (int64_t i = 0; i < b.bytes; i += Arena::kGranule)
      if (b.data[i] != static_cast<char>(b.value) || b.data[i + Arena::kGranule - 1] != static_cast<char>(b.value)) return false;
    return true;
  };
  for (int step = 0; step < 2000; ++step) {
    if (blocks.empty() || rng.uniform() < 0.52) {
      const int64_t bytes = Arena::rounded(1 + static_cast<int64_t>(rng.uniform() * 40 * Arena::kGranule));
      blocks.push_back({arena.take(bytes), bytes, step});
      REQUIRE(reinterpret_cast<intptr_t>(blocks.back().data) % Arena::kGranule == 0);
      std::memset(blocks.back().data, step, static_cast<size_t>(bytes));
    } else {
      const size_t i = static_cast<size_t>(rng.uniform() * static_cast<double>(blocks.size()));
      REQUIRE(intact(blocks[i]));
      arena.give_back(blocks[i].data, blocks[i].bytes);
      blocks.erase(blocks.begin() + static_cast<int64_t>(i));
    }
  }
  for (const Block& b : blocks) {
    REQUIRE(intact(b));
    arena.give_back(b.data, b.bytes);
  }
  const int64_t all = arena.grown();
  arena.take(all);
  CHECK(arena.grown() == all);
}

TEST_CASE("arena: trimming leaves blocks in use alone, and free ones usable") {
  Arena arena;
  char* const free = arena.take(4 * kMegabyte);
  char* const used = arena.take(kMegabyte);
  std::memset(free, 1, 4 * kMegabyte);
  std::memset(used, 2, kMegabyte);
  arena.give_back(free, 4 * kMegabyte);
  arena.trim();
  CHECK(used[0] == 2);
  CHECK(used[kMegabyte - 1] == 2);
  REQUIRE(arena.take(4 * kMegabyte) == free);
  CHECK(free[kMegabyte] == 0);  // fresh pages
}

TEST_CASE("arena: more than a stretch of address space is found, and more than there is refused") {
  Arena arena(8 * kMegabyte);
  char* const small = arena.take(kMegabyte);
  char* const large = arena.take(20 * kMegabyte);
  large[0] = small[0] = 1;
  CHECK(arena.take(kMegabyte) == small + kMegabyte);  // what the first stretch had left
  CHECK_THROWS_AS(arena.take(int64_t{1} << 50), Error);
}
