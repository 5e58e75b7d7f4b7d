#include "datasets/loader.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <numeric>

#include "core/error.h"
#include "core/parallel.h"

namespace fewer::testing {
namespace {

Split small_split(int64_t n, int64_t side = 6) {
  auto set = std::make_shared<ImageSet>();
  set->height = set->width = side;
  set->channels = 1;
  set->classes = {"a", "b"};
  for (int64_t i = 0; i < n; ++i) {
    set->labels.push_back(static_cast<int32_t>(i % 2));
    for (int64_t p = 0; p < side * side; ++p) set->pixels.push_back(static_cast<uint8_t>(i + 3 * p));
  }
  return Split("train", set);
}

Loader make_loader(LoaderOptions options = {.batch = 8}) {
  return Loader(small_split(50), Normalization::none(1), options, Rng(7).stream("loader"));
}

std::vector<int64_t> positions_of_epoch(Loader& loader) {
  std::vector<int64_t> all;
  for (const Batch& batch : loader.epoch()) all.insert(all.end(), batch.positions.begin(), batch.positions.end());
  return all;
}

bool same(const Batch& a, const Batch& b) {
  return a.positions == b.positions && std::ranges::equal(a.x.values(), b.x.values()) &&
         std::ranges::equal(a.y.values(), b.y.values());
}

const LoaderOptions kAugmented = {.batch = 8, .augment = {Crop{.pad = 2}, Flip{}, Shift{.pixels = 1}}};

}  // namespace

TEST_CASE("loader: an epoch delivers every image once, with its own pixels and label") {
  Loader loader = make_loader();
  std::vector<int64_t> seen;
  for (const Batch& batch : loader.epoch()) {
    for (int64_t i = 0; i < batch.size(); ++i) {
      const int64_t p = batch.positions[static_cast<size_t>(i)];
      seen.push_back(p);
      CHECK(batch.y[i] == p % 2);
      CHECK(batch.x.at({i, 1, 0, 0}) == doctest::Approx(static_cast<double>(p + 18) / 255));
    }
  }
  std::sort(seen.begin(), seen.end());
  for (int64_t i = 0; i < 50; ++i) CHECK(seen[static_cast<size_t>(i)] == i);
  CHECK(loader.state() == Loader::State{.epoch = 1, .batch = 0});
}

TEST_CASE("loader: the last batch is the rest, or left out with drop_last") {
  Loader all = make_loader(), dropping = make_loader({.batch = 8, .drop_last = true});
  CHECK(all.batches_per_epoch() == 7);
  CHECK(all.images_per_epoch() == 50);
  CHECK(dropping.images_per_epoch() == 48);
  CHECK(positions_of_epoch(dropping).size() == 48);
  all.set_state({.epoch = 0, .batch = 6});
  CHECK(all.next().size() == 2);
}

TEST_CASE("loader: each epoch has an order of its own, the same for the same stream") {
  Loader a = make_loader(), b = make_loader();
  const std::vector<int64_t> first = positions_of_epoch(a), second = positions_of_epoch(a);
  CHECK(first != second);
  CHECK(positions_of_epoch(b) == first);
  CHECK(positions_of_epoch(b) == second);
}

TEST_CASE("loader: set to the state of another one it goes on with the same batches") {
  Loader a = make_loader(kAugmented);
  for (int i = 0; i < 10; ++i) a.next();
  Loader b = make_loader(kAugmented);
  b.set_state(a.state());
  CHECK(a.state() == Loader::State{.epoch = 1, .batch = 3});
  for (int i = 0; i < 12; ++i) CHECK(same(a.next(), b.next()));
  CHECK_THROWS_WITH_AS(b.set_state({.epoch = 0, .batch = 7}), doctest::Contains("a batch from 0 to 6"), Error);
}

TEST_CASE("loader: leaving an epoch's loop early and coming back delivers the rest of it") {
  Loader loader = make_loader();
  int64_t images = 0;
  for (const Batch& batch : loader.epoch()) {
    images += batch.size();
    if (loader.state().batch == 3) break;
  }
  CHECK(images == 24);
  for (const Batch& batch : loader.epoch()) images += batch.size();
  CHECK(images == 50);
}

TEST_CASE("loader: augmented batches are the same at any number of threads") {
  const Split split = small_split(200, 40);  // some twenty images are one thread's share
  LoaderOptions options = kAugmented;
  options.batch = 150;
  set_threads(1);
  Loader alone(split, Normalization::of(split), options, Rng(7));
  const std::vector<Batch> batches = {alone.next(), alone.next(), alone.next()};
  for (const int n : {2, 3}) {
    set_threads(n);
    Loader together(split, Normalization::of(split), options, Rng(7));
    for (const Batch& batch : batches) CHECK(same(batch, together.next()));
  }
}

TEST_CASE("loader: augmentation differs between epochs and leaves the data set alone") {
  const Split split = small_split(4);
  const std::vector<uint8_t> before = split.images().pixels;
  Loader loader(split, Normalization::none(1), {.batch = 4, .shuffle = false, .augment = {Shift{.pixels = 3}}}, Rng(1));
  const Batch first = loader.next(), second = loader.next();
  CHECK_FALSE(std::ranges::equal(first.x.values(), second.x.values()));
  CHECK(split.images().pixels == before);
}

TEST_CASE("loader: one evaluation reads every image of the split once, in order") {
  const Split test = small_split(50);
  Loader loader(test, Normalization::none(1), 16);
  std::vector<int64_t> expected(50);
  std::iota(expected.begin(), expected.end(), int64_t{0});
  CHECK(positions_of_epoch(loader) == expected);
  CHECK(test.images_read() == 50);
}

TEST_CASE("loader: an empty split, a batch of nothing and an epoch of nothing are refused") {
  CHECK_THROWS_WITH_AS(Loader(small_split(5).subset({}, "none"), Normalization::none(1), 4),
                       doctest::Contains("\"none\" is empty"), Error);
  CHECK_THROWS_AS(Loader(small_split(5), Normalization::none(1), 0), Error);
  CHECK_THROWS_AS(make_loader({.batch = 51, .drop_last = true}), Error);
}

TEST_CASE("loader: prefetched batches are the ones of a loader without, also after moves, copies and jumps") {
  LoaderOptions ahead = kAugmented;
  ahead.prefetch = true;
  Loader plain = make_loader(kAugmented), prefetching = make_loader(ahead);
  for (int i = 0; i < 10; ++i) CHECK(same(plain.next(), prefetching.next()));
  Loader moved = std::move(prefetching);
  CHECK(same(plain.next(), moved.next()));
  Loader copy = moved;
  const Batch expected = plain.next();
  CHECK(same(expected, moved.next()));
  CHECK(same(expected, copy.next()));
  copy.set_state({.epoch = 4, .batch = 2});
  plain.set_state({.epoch = 4, .batch = 2});
  CHECK(same(plain.next(), copy.next()));
  CHECK(copy.state() == plain.state());
}

TEST_CASE("loader: what goes wrong in the background is thrown by the call that wants the batch") {
  const Split split = small_split(20, 3);
  Loader loader(split, Normalization::none(1), {.batch = 5, .prefetch = true, .augment = {Crop{.pad = 9}}}, Rng(1));
  CHECK_THROWS_WITH_AS(
      for (int i = 0; i < 20; ++i) loader.next();, doctest::Contains("smaller than the image"), Error);
}

}  // namespace fewer::testing
