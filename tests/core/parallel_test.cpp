#include "core/parallel.h"

#include <doctest/doctest.h>

#include <atomic>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/error.h"

using namespace fewer;

TEST_CASE("parallel_for: pieces cover every index once, cut by the grain alone") {
  for (const int n : {1, 2, 3}) {
    set_threads(n);
    std::vector<std::atomic<int>> seen(1003);
    std::atomic<int> pieces{0};
    parallel_for(1003, 100, [&](int64_t begin, int64_t end) {
      CHECK(begin % 100 == 0);
      CHECK(end == std::min<int64_t>(begin + 100, 1003));
      ++pieces;
      for (int64_t i = begin; i < end; ++i) ++seen[static_cast<size_t>(i)];
    });
    CHECK(pieces == 11);
    for (const std::atomic<int>& count : seen) REQUIRE(count == 1);
  }
}

TEST_CASE("parallel_for: an empty range calls nothing") {
  parallel_for(0, 10, [](int64_t, int64_t) { FAIL("called"); });
}

TEST_CASE("parallel_for: small work stays on the calling thread, outside any region") {
  parallel_for(10, 10, [](int64_t, int64_t) { CHECK_FALSE(inside_parallel()); });
}

TEST_CASE("parallel_chunks: no region inside a region") {
  set_threads(3);
  std::atomic<int> inner{0};
  parallel_chunks(3, [&](int64_t) {
    CHECK(inside_parallel());
    std::vector<int64_t> order;  // a serial loop runs in order, in this thread
    parallel_chunks(4, [&](int64_t c) { order.push_back(c); });
    CHECK(order == std::vector<int64_t>{0, 1, 2, 3});
    ++inner;
  });
  CHECK(inner == 3);
  CHECK_FALSE(inside_parallel());
}

TEST_CASE("parallel_chunks: the exception with the lowest chunk is rethrown and the region ends") {
  for (const int n : {1, 3}) {
    set_threads(n);
    CHECK_THROWS_WITH(parallel_chunks(20,
                                      [](int64_t c) {
                                        if (c == 4 || c == 11) throw std::runtime_error("chunk " + std::to_string(c));
                                      }),
                      "chunk 4");
    CHECK_FALSE(inside_parallel());
  }
}

TEST_CASE("serial scope: loops inside run serially, scopes nest") {
  set_threads(3);
  {
    const SerialScope outer;
    {
      const SerialScope inner;
    }
    CHECK(inside_parallel());
    std::vector<int64_t> order;
    parallel_chunks(5, [&](int64_t c) { order.push_back(c); });
    CHECK(order.size() == 5);
  }
  CHECK_FALSE(inside_parallel());
}

TEST_CASE("set_threads: 0 is one per core, nonsense is refused") {
  set_threads(5);
  CHECK(threads() == 5);
  set_threads(0);
  CHECK(threads() >= 1);
  CHECK_THROWS_AS(set_threads(-1), Error);
  CHECK_THROWS_AS(set_threads(100000), Error);
}
