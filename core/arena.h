// Arena: large blocks, cut from long stretches of address space and joined with their free neighbours when they come back.
//
// The blocks of a training step have many sizes: the maps of a network's early layers are large, those of its late ones small.
// On the way back the late ones are freed first, and then the early ones need memory for their gradients. With a list per size
// that would be fresh memory; here the small blocks, which lie side by side, have become a large one by then.
//
//   at the end of the forward pass   |   8   |   8   | 4 | 4 | 2 2 |  never touched ...
//   half of the way back             |   8   |   8   |    free     |  never touched ...     the next 8 go there
//
// A request takes the smallest free block that holds it, of those the one freed last. Only without one the arena grows, into
// address space that was reserved but never touched and costs nothing until then. It touches the new pages from all threads at once:
// the system clears a page when it is first touched, and two threads that meet in one huge page clear it twice.
//
// Not thread-safe: the pool (core/storage.cpp) holds its lock.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <tuple>

namespace fewer {

class Arena {
 public:
  static constexpr int64_t kGranule = 16 << 10;
  static constexpr int64_t kStretch = int64_t{1} << 30;

  explicit Arena(int64_t stretch = kStretch) : stretch_(stretch) {}  // address space to reserve at a time
  static int64_t rounded(int64_t bytes) { return (bytes + kGranule - 1) / kGranule * kGranule; }

  char* take(int64_t bytes);                  // aligned to kGranule. REQUIRES: rounded. Throws when the system has no more
  void give_back(char* data, int64_t bytes);  // REQUIRES: as taken
  void trim();                                // returns the pages of free blocks to the system and keeps their addresses
  int64_t grown() const { return grown_; }    // bytes ever cut from untouched memory: the most that was needed at once

 private:
  struct Free {
    int64_t bytes;
    uint64_t age;  // smaller: freed later
  };
  using Blocks = std::map<char*, Free>;
  void insert(char* data, int64_t bytes);
  void erase(Blocks::iterator block);
  char* grow(int64_t bytes);
  void reserve(int64_t bytes);

  Blocks free_;                                            // by address, no two of them side by side
  std::set<std::tuple<int64_t, uint64_t, char*>> by_size_; // the same blocks: bytes, age, address
  uint64_t age_ = UINT64_MAX;
  const int64_t stretch_;
  char* top_ = nullptr;      // [top, end) was never handed out
  char* touched_ = nullptr;  // [touched, end) was never touched
  char* end_ = nullptr;
  int64_t grown_ = 0;
};

}  // namespace fewer
