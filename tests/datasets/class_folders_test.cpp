#include "datasets/class_folders.h"

#include <doctest/doctest.h>

#include <filesystem>

#include "core/error.h"
#include "core/files.h"
#include "datasets/registry.h"
#include "tests/support/messages.h"
#include "tests/support/picture_files.h"
#include "tests/support/temp_folder.h"

namespace fewer::testing {
namespace {

namespace fs = std::filesystem;

// A flat grey picture of any size.
std::string flat(int64_t height, int64_t width, uint8_t value) {
  Image image(height, width, 1);
  image.pixels.assign(image.pixels.size(), value);
  return grey_png(image);
}

// Writes the file, and the folders it is in.
void put(const TempFolder& folder, const std::string& path, const std::string& bytes) {
  fs::create_directories(fs::path(folder.file(path)).parent_path());
  write_file_atomically(folder.file(path), bytes);
}

const PictureOptions kSmall = {.size = 4, .color = Color::kGrey};

std::string complaint(const fs::path& root, int64_t most_bytes = 1 << 20) {
  return message_of(ErrorKind::kData, [&] { read_class_folders(root, kSmall, most_bytes); });
}

}  // namespace

TEST_CASE("class folders: pictures of different sizes and formats become images of one size, classes by path") {
  const TempFolder folder;
  put(folder, "dog/b.png", flat(3, 9, 20));
  put(folder, "dog/a.PNG", flat(8, 8, 10));
  put(folder, "cat/house/c.bmp", bmp_bytes({.width = 1, .height = 1, .rows = "\x1e\x1e\x1e" + std::string(1, '\0')}));
  put(folder, "cat/wild/d.jpg", grey_jpeg());
  put(folder, "dog/notes.txt", "not a picture");
  put(folder, "dog/.hidden.png", "not to be read");
  const ClassFolders found = read_class_folders(folder.path(), kSmall);
  const ImageSet& set = *found.images;
  CHECK(set.classes == std::vector<std::string>{"cat/house", "cat/wild", "dog"});
  CHECK(set.image_shape() == Shape{4, 4, 1});
  CHECK(set.labels == std::vector<int32_t>{0, 1, 2, 2});
  CHECK(set.image(0)[5] == 30);
  CHECK(set.image(2)[5] == 10);
  CHECK(set.image(3)[15] == 20);
  CHECK(found.train.size() == 4);
  CHECK((found.validation.empty() && found.test.empty()));
  CHECK(read_class_folders(folder.path(), {.size = 2}).images->image_shape() == Shape{2, 2, 3});
}

TEST_CASE("class folders: folders train, val and test are splits, unless they stand among other classes") {
  const TempFolder folder;
  put(folder, "train/a/1.png", flat(4, 4, 1));
  put(folder, "train/b/2.png", flat(4, 4, 2));
  put(folder, "val/a/3.png", flat(4, 4, 3));
  put(folder, "test/c/4.png", flat(4, 4, 4));
  const ClassFolders found = read_class_folders(folder.path(), kSmall);
  CHECK(found.images->classes == std::vector<std::string>{"a", "b", "c"});
  const auto value = [&](int64_t i) { return int{found.images->image(i)[0]}; };
  REQUIRE((found.train.size() == 2 && found.validation.size() == 1 && found.test.size() == 1));
  CHECK(value(found.train[0]) == 1);
  CHECK(value(found.train[1]) == 2);
  CHECK(value(found.validation[0]) == 3);
  CHECK(value(found.test[0]) == 4);
  put(folder, "boat/5.png", flat(4, 4, 5));  // then a train is a vehicle
  CHECK(read_class_folders(folder.path(), kSmall).images->classes ==
        std::vector<std::string>{"boat", "test/c", "train/a", "train/b", "val/a"});
}

TEST_CASE("class folders: mini-ImageNet's lists give file, class and split, with any line ends") {
  const TempFolder folder;
  for (int i = 1; i <= 4; ++i) put(folder, text("images/", i, ".png"), flat(2, 2, static_cast<uint8_t>(i)));
  put(folder, "train.csv", "filename,label\n2.png,n2\n1.png,n1\n");
  put(folder, "val.csv", "filename,label\r\n3.png,n3\r\n");
  put(folder, "test.csv", "4.png,n1");
  DataConfig config;
  config.name = "mini_imagenet";
  config.mini_imagenet = kSmall;
  fs::create_directories(folder.file("places"));
  fs::create_directory_symlink(folder.path(), folder.file("places/mini_imagenet"));
  const Dataset data = load_dataset(config, folder.file("places"));
  CHECK(data.classes() == std::vector<std::string>{"n1", "n2", "n3"});
  CHECK(data.train.labels() == std::vector<int32_t>{1, 0});
  CHECK(int{data.train.image(0)[0]} == 2);
  CHECK(data.validation.labels() == std::vector<int32_t>{2});  // its own, not held out of the training images
  CHECK(data.test.labels() == std::vector<int32_t>{0});

  put(folder, "val.csv", "filename,label\n3.png\n");
  CHECK(contains(complaint(folder.path()), "val.csv: line 2: expected 2 fields"));
  put(folder, "val.csv", "3.png,\n");
  CHECK(contains(complaint(folder.path()), "val.csv: line 1: expected a file name and a label"));
  put(folder, "val.csv", "../x.png,n1\n");
  CHECK(contains(complaint(folder.path()), "val.csv: line 1: expected the name of a file in"));
  put(folder, "val.csv", "9.png,n1\n");
  CHECK(contains(complaint(folder.path()), "9.png: cannot read: no such file"));
  fs::remove(folder.file("val.csv"));
  CHECK_THROWS_WITH_AS(load_dataset(config, folder.file("places")), doctest::Contains("expected train.csv, val.csv and test.csv"), Error);
}

TEST_CASE("class folders: an empty class, no picture at all, a picture outside of classes and a missing folder are named") {
  const TempFolder folder;
  CHECK(contains(complaint(folder.path()), "but found no picture"));
  CHECK(contains(complaint(folder.path() / "nowhere"), "nowhere: expected a folder that can be read"));
  put(folder, "a/1.png", flat(1, 1, 1));
  put(folder, "b/readme.txt", "");
  CHECK(contains(complaint(folder.path()), "/b: expected a class"));
  CHECK(contains(complaint(folder.path()), "(it has 1 other files, such as readme.txt)"));
  fs::remove_all(folder.file("b"));
  put(folder, "1.png", flat(1, 1, 1));
  CHECK(contains(complaint(folder.path()), "1.png: expected pictures in folders named by their class"));
}

TEST_CASE("class folders: a picture that cannot be read is named with the reason") {
  const TempFolder folder;
  put(folder, "a/1.png", flat(5, 5, 1).substr(0, 60));
  CHECK(contains(complaint(folder.path()), "more bytes, but the file ends after"));
  put(folder, "a/1.png", "<html>404</html>");
  CHECK(contains(complaint(folder.path()), "a/1.png: byte 0: expected a PNG, JPEG or BMP picture"));
  fs::remove(folder.file("a/1.png"));
  fs::create_symlink("nothing", folder.file("a/1.png"));
  CHECK(contains(complaint(folder.path()), "a/1.png: cannot read: no such file"));
}

TEST_CASE("class folders: a link to a folder is followed, one that leads round in a circle is an error") {
  const TempFolder folder;
  put(folder, "data/a/1.png", flat(1, 1, 1));
  fs::create_directory_symlink(folder.file("data/a"), folder.file("data/b"));
  CHECK(read_class_folders(folder.path() / "data", kSmall).images->classes == std::vector<std::string>{"a", "b"});
  fs::create_directory_symlink("..", folder.file("data/a/up"));
  CHECK(contains(complaint(folder.path() / "data"), "a/up: this link leads back to"));
}

TEST_CASE("class folders: more pictures than memory allows are refused before one is decoded") {
  const TempFolder folder;
  for (const char* name : {"a/1.png", "a/2.png", "b/3.png"}) put(folder, name, "not read");
  CHECK(contains(complaint(folder.path(), 47), "3 pictures or more of [4, 4, 1] would take more than"));
}

TEST_CASE("folder: own pictures are found by --data-dir or by path, and a fifth of each class is held out to test on") {
  const TempFolder folder;
  for (int i = 0; i < 20; ++i) put(folder, text(i % 2 ? "yes/" : "no/", i, ".png"), flat(1, 1, static_cast<uint8_t>(i)));
  DataConfig config;
  config.name = "folder";
  config.folder.pictures = kSmall;
  config.validation = 4;
  const Dataset data = load_dataset(config, folder.path());
  CHECK(data.test.class_counts() == std::vector<int64_t>{2, 2});
  CHECK(data.validation.class_counts() == std::vector<int64_t>{2, 2});
  CHECK(data.train.class_counts() == std::vector<int64_t>{6, 6});
  config.folder.path = folder.path();
  CHECK(load_dataset(config).test.indices() == data.test.indices());
  config.folder.path = "no/where";
  CHECK_THROWS_WITH_AS(load_dataset(config, folder.path()), doctest::Contains("no/where"), Error);
  config.folder.path = "";
  CHECK_THROWS_WITH_AS(load_dataset(config), doctest::Contains("data.folder.path: expected the folder of the pictures"), Error);
}

}  // namespace fewer::testing
