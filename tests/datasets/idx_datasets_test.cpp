#include "datasets/idx_datasets.h"

#include <doctest/doctest.h>

#include "core/error.h"
#include "core/files.h"
#include "datasets/registry.h"
#include "tests/support/idx_files.h"
#include "tests/support/temp_folder.h"

namespace fewer::testing {
namespace {

// A folder as EMNIST's archive unpacks: two images of 2x3 with labels 1 and 2.
void write_emnist(const TempFolder& folder, const std::string& mapping) {
  make_folders(folder.file("emnist/gzip"));
  const std::string stem = folder.file("emnist/gzip/emnist-letters-");
  for (const std::string part : {"train", "test"}) {
    const std::string columns_first = {1, 4, 2, 5, 3, 6, 7, 10, 8, 11, 9, 12};
    write_file_atomically(stem + part + "-images-idx3-ubyte.gz", gzip(idx_bytes({2, 3, 2}, columns_first)));
    write_file_atomically(stem + part + "-labels-idx1-ubyte.gz", gzip(idx_bytes({2}, "\2\1")));
  }
  write_file_atomically(stem + "mapping.txt", mapping);
}

Dataset letters(const TempFolder& folder) {
  DataConfig config;
  config.name = "emnist";
  config.emnist.split = "letters";
  config.validation = 0;
  return load_dataset(config, folder.path());
}

}  // namespace

TEST_CASE("emnist: images stand upright, labels count from the first of the mapping file") {
  TempFolder folder;
  write_emnist(folder, "1 65 97\n2 66 98\n");
  const Dataset data = letters(folder);
  CHECK(data.image_shape() == Shape{2, 3, 1});
  CHECK(data.train.images().pixels == std::vector<uint8_t>{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12});
  CHECK(data.train.labels() == std::vector<int32_t>{1, 0});
  CHECK(data.classes() == std::vector<std::string>{"Aa", "Bb"});
}

TEST_CASE("emnist: a label outside the mapping is named with both ends") {
  TempFolder folder;
  write_emnist(folder, "0 48\n1 49\n");
  CHECK_THROWS_WITH_AS(letters(folder), doctest::Contains("label 0 (byte 8): expected a class from 0 to 1, got 2"),
                       Error);
}

TEST_CASE("emnist: a damaged mapping file is an error that names the line") {
  CHECK(parse_emnist_mapping("0 48\r\n1 65\n", "map").classes == std::vector<std::string>{"0", "A"});
  CHECK_THROWS_WITH_AS(parse_emnist_mapping("0 48\n2 65\n", "map"),
                       doctest::Contains("map: line 2: expected \"1\" and the ASCII codes"), Error);
  CHECK_THROWS_WITH_AS(parse_emnist_mapping("0 48\n1 x\n", "map"), doctest::Contains("map: line 2"), Error);
  CHECK_THROWS_WITH_AS(parse_emnist_mapping("0 48\n1\n", "map"), doctest::Contains("map: line 2"), Error);
  CHECK_THROWS_WITH_AS(parse_emnist_mapping("0 48\n1 7\n", "map"), doctest::Contains("visible characters"), Error);
  CHECK_THROWS_WITH_AS(parse_emnist_mapping("", "map"), doctest::Contains("a line for each class"), Error);
}

TEST_CASE("kmnist: four files as those of mnist, with the names of the characters") {
  TempFolder folder;
  make_folders(folder.file("kmnist"));
  for (const std::string part : {"train", "t10k"}) {
    write_file_atomically(folder.file("kmnist/" + part + "-images-idx3-ubyte.gz"),
                          gzip(idx_bytes({2, 2, 2}, "abcdefgh")));
    write_file_atomically(folder.file("kmnist/" + part + "-labels-idx1-ubyte.gz"),
                          gzip(idx_bytes({2}, std::string("\0\11", 2))));
  }
  DataConfig config;
  config.name = "kmnist";
  config.validation = 0;
  const Dataset data = load_dataset(config, folder.path());
  CHECK(data.train.images().pixels[0] == 'a');
  CHECK(data.classes()[static_cast<size_t>(data.test.label(1))] == "wo");
}

}  // namespace fewer::testing
