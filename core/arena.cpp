#include "core/arena.h"

#include <sys/mman.h>

#include <algorithm>
#include <iterator>

#include "core/error.h"
#include "core/parallel.h"

namespace fewer {
namespace {

constexpr int64_t kHugePage = int64_t{2} << 20;

char* to_huge_page(char* address) {  // the first huge page from there on
  return address + (kHugePage - reinterpret_cast<intptr_t>(address) % kHugePage) % kHugePage;
}

char* map_pages(int64_t bytes) {
  void* const pages =
      mmap(nullptr, static_cast<size_t>(bytes), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return pages == MAP_FAILED ? nullptr : static_cast<char*>(pages);
}

}  // namespace

char* Arena::take(int64_t bytes) {
  const auto fit = by_size_.lower_bound({bytes, 0, nullptr});
  if (fit == by_size_.end()) return grow(bytes);
  const auto [size, age, data] = *fit;
  erase(free_.find(data));
  if (size > bytes) insert(data + bytes, size - bytes);
  return data;
}

void Arena::give_back(char* data, int64_t bytes) {
  auto next = free_.lower_bound(data);
  if (next != free_.end() && next->first == data + bytes) {
    bytes += next->second.bytes;
    erase(next++);
  }
  if (next != free_.begin()) {
    const auto previous = std::prev(next);
    if (previous->first + previous->second.bytes == data) {
      data = previous->first;
      bytes += previous->second.bytes;
      erase(previous);
    }
  }
  insert(data, bytes);
}

void Arena::insert(char* data, int64_t bytes) {
  const uint64_t age = age_--;
  free_.emplace(data, Free{bytes, age});
  by_size_.emplace(bytes, age, data);
}

void Arena::erase(Blocks::iterator block) {
  by_size_.erase({block->second.bytes, block->second.age, block->first});
  free_.erase(block);
}

// Cuts the block from the untouched memory, and from a free block that ends where that begins.
char* Arena::grow(int64_t bytes) {
  char* data = top_;
  if (const auto after = free_.lower_bound(top_); after != free_.begin()) {
    const auto before = std::prev(after);
    if (before->first + before->second.bytes == top_) data = before->first;
  }
  if (bytes > end_ - data) {
    reserve(bytes);
    data = top_;
  }
  if (data != top_) erase(free_.find(data));
  grown_ += data + bytes - top_;
  top_ = data + bytes;
  char* const touched = std::min(to_huge_page(top_), end_);
  parallel_for((touched - touched_ + kHugePage - 1) / kHugePage, 1, [this](int64_t page, int64_t) {
    *static_cast<volatile char*>(touched_ + page * kHugePage) = 0;
  });
  touched_ = std::max(touched, touched_);
  return data;
}

void Arena::reserve(int64_t bytes) {
  int64_t size = std::max(stretch_, bytes) + kHugePage;
  char* pages = map_pages(size);
  if (!pages) pages = map_pages(size = bytes + kHugePage);
  ENSURE(pages != nullptr, "memory: the system refused ", bytes >> 20, " MiB; lower the batch size");
  madvise(pages, static_cast<size_t>(size), MADV_HUGEPAGE);  // advice: failure only costs speed
  if (end_ > top_) give_back(top_, end_ - top_);
  top_ = touched_ = to_huge_page(pages);
  end_ = pages + size;
}

void Arena::trim() {
  for (const auto& [data, block] : free_) madvise(data, static_cast<size_t>(block.bytes), MADV_DONTNEED);
}

}  // namespace fewer
