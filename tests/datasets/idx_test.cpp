#include "datasets/idx.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <numeric>

#include "core/error.h"
#include "core/files.h"
#include "core/rng.h"
#include "tests/support/idx_files.h"
#include "tests/support/messages.h"
#include "tests/support/temp_folder.h"

namespace fewer::testing {
namespace {

std::string counting(int n) {
  std::string bytes(static_cast<size_t>(n), '\0');
  std::iota(bytes.begin(), bytes.end(), '\0');
  return bytes;
}

IdxArray parse(const std::string& bytes, int rank) {
  ByteReader reader("file", bytes);
  return read_idx(reader, rank);
}

// The message of the data error that reading throws; "" when it reads.
std::string complaint(const std::string& bytes, int rank) {
  return message_of(ErrorKind::kData, [&] { parse(bytes, rank); });
}

const std::string kGood = idx_bytes({4, 2, 3}, counting(24));

}  // namespace

TEST_CASE("idx: plain and gzipped files read the same, whatever they are called") {
  TempFolder folder;
  write_file_atomically(folder.file("plain.gz"), kGood);
  write_file_atomically(folder.file("zipped"), gzip(kGood));
  for (const char* name : {"plain.gz", "zipped"}) {
    const IdxArray array = read_idx(folder.file(name), 3);
    CHECK(array.shape == Shape{4, 2, 3});
    REQUIRE(array.values.size() == 24);
    for (size_t i = 0; i < 24; ++i) CHECK(array.values[i] == i);
  }
}

TEST_CASE("idx: a gzip file of several members reads as one stream") {
  const IdxArray array = parse(gzip(kGood.substr(0, 20)) + gzip(kGood.substr(20)), 3);
  CHECK(array.values[23] == 23);
}

TEST_CASE("idx: a file cut anywhere is an error that says where it ends") {
  for (size_t length = 0; length < kGood.size(); ++length) {
    const std::string message = complaint(kGood.substr(0, length), 3);
    INFO(length, ": ", message);
    CHECK(contains(message, "file: byte "));
    CHECK(contains(message, "fetch it again"));
  }
}

TEST_CASE("idx: a gzip file cut anywhere is an error") {
  const std::string zipped = gzip(kGood);
  for (size_t length = 0; length < zipped.size(); ++length) CHECK(complaint(zipped.substr(0, length), 3) != "");
}

TEST_CASE("idx: every flipped bit of a gzip file is reported or harmless") {
  const std::string zipped = gzip(kGood);
  int reported = 0;
  for (size_t bit = 0; bit < 8 * zipped.size(); ++bit) {
    std::string damaged = zipped;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
    const std::string message = complaint(damaged, 3);
    if (message.empty())
      CHECK(parse(damaged, 3).values == parse(kGood, 3).values);  // a date or a flag of no consequence
    reported += !message.empty();
  }
  CHECK(reported > 7 * static_cast<int>(zipped.size()) / 2);
}

TEST_CASE("idx: random damage to a plain file never does worse than an error") {
  Rng rng(1);
  for (int trial = 0; trial < 2000; ++trial) {
    std::string damaged = kGood;
    for (int64_t flips = 1 + rng.below(8); flips > 0; --flips)
      damaged[static_cast<size_t>(rng.below(static_cast<int64_t>(damaged.size())))] = static_cast<char>(rng.below(256));
    damaged.resize(static_cast<size_t>(rng.below(static_cast<int64_t>(damaged.size()) + 1)));
    complaint(damaged, static_cast<int>(1 + rng.below(3)));
  }
}

TEST_CASE("idx: a header that promises more than can follow is refused before memory is taken") {
  const std::string huge = idx_bytes({0xffffffff, 0xffffffff, 0xffffffff}, counting(24));
  CHECK(contains(complaint(huge, 3), "at most 24 bytes follow"));
  CHECK(contains(complaint(gzip(huge), 3), "the header announces [4294967295, 4294967295, 4294967295]"));
  CHECK(contains(complaint(idx_bytes({5, 2, 3}, counting(24)), 3), "[5, 2, 3] elements, but at most 24 bytes follow"));
}

TEST_CASE("idx: wrong magic, type, rank, size zero and trailing bytes are told apart") {
  CHECK(contains(complaint("PK\3\4 not an idx file", 3), "no IDX file"));
  CHECK(contains(complaint(idx_bytes({4, 2, 3}, counting(24), 0x0d), 3), "another type"));
  CHECK(contains(complaint(idx_bytes({24}, counting(24)), 3), "images and labels exchanged?"));
  CHECK(contains(complaint(idx_bytes({4, 0, 3}, ""), 3), "sizes of at least 1"));
  CHECK(contains(complaint(kGood + "x", 3), "byte 40: expected the end of the file"));
  CHECK(contains(complaint(gzip(kGood + "x"), 3), "expected the end of the file"));
  CHECK(contains(complaint(gzip(kGood) + "x", 3), "1 bytes follow"));
}

TEST_CASE("idx: a wrong check sum is reported even when all elements were read") {
  std::string zipped = gzip(kGood);
  zipped[zipped.size() - 8] = static_cast<char>(zipped[zipped.size() - 8] ^ 1);
  CHECK(contains(complaint(zipped, 3), "incorrect data check"));
}

TEST_CASE("idx: a pair becomes an image set; a label that is no class is named with its index") {
  TempFolder folder;
  const std::string images = folder.file("images"), labels = folder.file("labels");
  write_file_atomically(images, kGood);
  write_file_atomically(labels, idx_bytes({4}, std::string("\1\0\1\0", 4)));
  const ImageSet set = read_idx_pair(images, labels, {.classes = {"a", "b"}});
  CHECK(set.image_shape() == Shape{2, 3, 1});
  CHECK(set.image(2)[0] == 12);
  CHECK(set.labels == std::vector<int32_t>{1, 0, 1, 0});

  write_file_atomically(labels, idx_bytes({4}, std::string("\1\0\2\0", 4)));
  CHECK_THROWS_WITH_AS(read_idx_pair(images, labels, {.classes = {"a", "b"}}),
                       doctest::Contains("label 2 (byte 10): expected a class from 0 to 1, got 2"), Error);
  write_file_atomically(labels, idx_bytes({3}, std::string("\1\0\1", 3)));
  CHECK_THROWS_WITH_AS(read_idx_pair(images, labels, {.classes = {"a", "b"}}),
                       doctest::Contains("got 4 images and 3 labels"), Error);
}

}  // namespace fewer::testing
