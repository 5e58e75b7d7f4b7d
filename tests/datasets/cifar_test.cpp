#include "datasets/cifar.h"

#include <doctest/doctest.h>

#include "core/error.h"
#include "core/files.h"
#include "datasets/registry.h"
#include "tests/support/idx_files.h"
#include "tests/support/temp_folder.h"

namespace fewer::testing {
namespace {

// A record whose pixel p has red p % 251, green 100 and blue 200.
std::string record(const std::string& labels) {
  std::string bytes = labels;
  for (int p = 0; p < 1024; ++p) bytes += static_cast<char>(p % 251);
  return bytes + std::string(1024, 100) + std::string(1024, static_cast<char>(200));
}

ImageSet parse(const std::string& bytes, const CifarFormat& format) {
  ByteReader reader("batch.bin", bytes);
  ImageSet set;
  append_cifar(reader, format, set);
  return set;
}

const CifarFormat kTen{.classes = {"a", "b", "c"}, .images = 2};
const CifarFormat kHundred{.classes = {"a", "b", "c"}, .label_bytes = 2, .label_at = 1, .images = 2};
const std::string kGood = record("\2") + record("\1");

}  // namespace

TEST_CASE("cifar: the planes of a record become the three bytes of each pixel") {
  const ImageSet set = parse(kGood, kTen);
  CHECK(set.labels == std::vector<int32_t>{2, 1});
  REQUIRE(set.pixels.size() == 2 * 3072);
  for (size_t p : {0, 1, 31, 32, 500, 1023}) {
    CHECK(set.pixels[3 * p] == p % 251);
    CHECK(set.pixels[3072 + 3 * p + 1] == 100);
    CHECK(set.pixels[3072 + 3 * p + 2] == 200);
  }
}

TEST_CASE("cifar: of two label bytes the one asked for is the class") {
  const std::string bytes = record(std::string("\0\2", 2)) + record(std::string("\1\0", 2));
  CifarFormat format = kHundred;
  CHECK(parse(bytes, format).labels == std::vector<int32_t>{2, 0});
  format.label_at = 0;
  CHECK(parse(bytes, format).labels == std::vector<int32_t>{0, 1});
}

TEST_CASE("cifar: a gzipped file reads as a plain one") {
  CHECK(parse(gzip(kGood), kTen).pixels == parse(kGood, kTen).pixels);
}

TEST_CASE("cifar: a file that is cut off, too long or of larger images names itself and both sizes") {
  CHECK_THROWS_WITH_AS(parse(kGood.substr(0, 4000), kTen),
                       doctest::Contains("batch.bin: expected 2 images of 3073 bytes each, that is 6146 bytes, but the "
                                         "file ends after 4000"), Error);
  CHECK_THROWS_WITH_AS(parse("", kTen), doctest::Contains("but the file ends after 0"), Error);
  CHECK_THROWS_WITH_AS(parse(kGood + record("\1"), kTen), doctest::Contains("6146 bytes, but more follows"), Error);
  CHECK_THROWS_WITH_AS(parse(std::string(2 * 12289, '\1'), kTen), doctest::Contains("more follows"), Error);
  CHECK_THROWS_WITH_AS(parse(gzip(kGood).substr(0, 60), kTen), doctest::Contains("gzip"), Error);
}

TEST_CASE("cifar: a label that is no class is named with its image and byte") {
  CHECK_THROWS_WITH_AS(parse(record("\1") + record("\3"), kTen),
                       doctest::Contains("label of image 1 (byte 3073): expected a class from 0 to 2, got 3"), Error);
  CHECK_THROWS_WITH_AS(parse(record("\x7f\7") + record("\1\1"), kHundred),
                       doctest::Contains("label of image 0 (byte 1): expected a class from 0 to 2, got 7"), Error);
}

TEST_CASE("cifar: the names of the classes are one a line, as many as there are classes") {
  TempFolder folder;
  write_file_atomically(folder.file("names"), "airplane\r\ntruck\n\n");
  CHECK(read_class_names(folder.file("names"), 2) == std::vector<std::string>{"airplane", "truck"});
  CHECK_THROWS_WITH_AS(read_class_names(folder.file("names"), 3),
                       doctest::Contains("expected the names of 3 classes, one a line, got 2"), Error);
}

TEST_CASE("cifar100: the config chooses the names and the label; a short file says how long it should be") {
  TempFolder folder;
  make_folders(folder.file("cifar-100-binary"));
  std::string names;
  for (int i = 0; i < 20; ++i) names += "superclass " + std::to_string(i) + "\n";
  write_file_atomically(folder.file("cifar-100-binary/coarse_label_names.txt"), names);
  write_file_atomically(folder.file("cifar-100-binary/train.bin"), record("\1\2"));
  DataConfig config;
  config.name = "cifar100";
  CHECK_THROWS_WITH_AS(load_dataset(config, folder.path()), doctest::Contains("fine_label_names.txt"), Error);
  config.cifar100.labels = "coarse";
  CHECK_THROWS_WITH_AS(load_dataset(config, folder.path()),
                       doctest::Contains("train.bin: expected 50000 images of 3074 bytes each, that is 153700000 bytes, "
                                         "but the file ends after 3074"), Error);
}

}  // namespace fewer::testing
