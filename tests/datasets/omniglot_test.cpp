// Omniglot as a miniature, whole and damaged; the real one is in real_omniglot_test.cpp.
#include "datasets/omniglot.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>

#include "core/error.h"
#include "core/files.h"
#include "datasets/pictures/decode.h"
#include "tests/support/messages.h"
#include "tests/support/picture_files.h"
#include "tests/support/temp_folder.h"

namespace fewer::testing {
namespace {

namespace fs = std::filesystem;

// Two characters of one alphabet in the background, one of another for evaluation, two runs of three characters.
class Miniature {
 public:
  Miniature() {
    add_character("images_background/Greek/character01", 100);
    add_character("images_background/Greek/character02", 200);
    add_character("images_evaluation/Angelic/character01", 300);
    for (const std::string run : {"run01", "run02"}) {
      std::string answers;
      for (int i = 1; i <= 3; ++i) {
        put(text("all_runs/", run, "/training/class0", i, ".png"), drawing_png(kOmniglotSide, i));
        put(text("all_runs/", run, "/test/item0", i, ".png"), drawing_png(kOmniglotSide, 10 + i));
        answers += text(run, "/test/item0", i, ".png ", run, "/training/class0", i % 3 + 1, ".png\n");
      }
      put("all_runs/" + run + "/class_labels.txt", answers);
    }
  }
  void put(const std::string& path, const std::string& bytes) const {
    fs::create_directories(fs::path(folder_.file(path)).parent_path());
    write_file_atomically(folder_.file(path), bytes);
  }
  std::string file(const std::string& path) const { return folder_.file(path); }
  Omniglot read(const OmniglotOptions& options = {}) const { return read_omniglot(folder_.path(), options); }
  std::vector<LakeRun> read_runs() const { return read_lake_runs(folder_.path(), {}); }

 private:
  void add_character(const std::string& path, int number) const {
    for (int drawer = 1; drawer <= 20; ++drawer)
      put(text(path, "/0", number, drawer < 10 ? "_0" : "_", drawer, ".png"), drawing_png(kOmniglotSide, number + drawer));
  }
  TempFolder folder_;
};

template <class Call>
std::string complaint(Call&& call) {
  return message_of(ErrorKind::kData, call);
}

}  // namespace

TEST_CASE("omniglot: characters are classes by alphabet, background first; drawers and ink are kept") {
  const Miniature omniglot;
  const Omniglot read = omniglot.read({.size = kOmniglotSide});
  CHECK(read.background_classes == 2);
  CHECK(read.images->classes == std::vector<std::string>{"Greek/character01", "Greek/character02", "Angelic/character01"});
  CHECK(read.images->size() == 60);
  CHECK(read.images->labels[39] == 1);
  CHECK(read.images->drawers[39] == 19);
  CHECK(read.images->drawers[40] == 0);
  const Image paper_is_white = decode_picture(drawing_png(kOmniglotSide, 102), "drawing", Color::kGrey);
  for (size_t i = 0; i < paper_is_white.pixels.size(); ++i) REQUIRE(read.images->image(1)[i] == 255 - paper_is_white.pixels[i]);
}

TEST_CASE("omniglot: images come in the size and by the filter asked for") {
  const Miniature omniglot;
  for (const int64_t size : {35, 28, 20}) CHECK(omniglot.read({.size = size}).images->image_shape() == Shape{size, size, 1});
  const auto black_and_white = [](const Omniglot& read) {
    return std::all_of(read.images->pixels.begin(), read.images->pixels.end(), [](uint8_t p) { return p == 0 || p == 255; });
  };
  CHECK(black_and_white(omniglot.read({.size = 28, .resize = ResizeFilter::kNearest})));
  CHECK_FALSE(black_and_white(omniglot.read({.size = 28, .resize = ResizeFilter::kArea})));
}

TEST_CASE("omniglot: a missing drawer, an empty character, a second image, another size and a strange name are errors with the place") {
  const Miniature omniglot;
  const std::string character = "images_background/Greek/character01/", first = character + "0100_01.png";
  const std::string drawing = drawing_png(kOmniglotSide, 101);
  const auto complain = [&] { return complaint([&] { omniglot.read(); }); };
  fs::remove(omniglot.file(first));
  CHECK(contains(complain(), "character01: expected one image of each of 20 drawers, got 19"));
  omniglot.put(first, drawing_png(104, 1));
  CHECK(contains(complain(), "0100_01.png: expected an Omniglot image of 105 x 105 pixels, got 104 x 104"));
  omniglot.put(first, drawing.substr(0, drawing.size() / 2));
  CHECK(contains(complain(), "0100_01.png: byte"));
  omniglot.put(first, "");
  CHECK(contains(complain(), "0100_01.png: byte 0: expected a PNG"));
  omniglot.put(first, drawing);
  omniglot.put(character + "0101_01.png", drawing);
  CHECK(contains(complain(), "0101_01.png: a second image by this drawer"));
  fs::remove(omniglot.file(character + "0101_01.png"));
  omniglot.put(character + "0100_21.png", drawing);
  CHECK(contains(complain(), "0100_21.png: expected a name such as 0394_07.png"));
  fs::remove(omniglot.file(character + "0100_21.png"));
  fs::create_directories(omniglot.file("images_background/Greek/character03"));
  CHECK(contains(complain(), "character03: expected one image of each of 20 drawers, got 0"));
  fs::remove_all(omniglot.file("images_evaluation/Angelic/character01"));
  fs::remove_all(omniglot.file("images_background/Greek/character03"));
  CHECK(contains(complain(), "images_evaluation: expected folders of alphabets"));
  fs::remove_all(omniglot.file("images_evaluation"));
  CHECK(contains(complain(), "images_evaluation: expected a folder that can be read"));
}

TEST_CASE("lake runs: answers come from class_labels.txt") {
  const Miniature omniglot;
  const std::vector<LakeRun> runs = omniglot.read_runs();
  REQUIRE(runs.size() == 2);
  CHECK(runs[1].training->classes == std::vector<std::string>{"run02/class01", "run02/class02", "run02/class03"});
  CHECK(runs[1].training->labels == std::vector<int32_t>{0, 1, 2});
  CHECK(runs[1].test->labels == std::vector<int32_t>{1, 2, 0});
  CHECK(runs[1].test->image_shape() == Shape{28, 28, 1});
}

TEST_CASE("lake runs: a damaged class_labels.txt is an error with its line") {
  const Miniature omniglot;
  const std::string labels = "all_runs/run01/class_labels.txt";
  const std::string two = "run01/test/item01.png run01/training/class01.png\nrun01/test/item02.png run01/training/class02.png\n";
  const auto complain = [&](const std::string& bytes) {
    omniglot.put(labels, bytes);
    return complaint([&] { omniglot.read_runs(); });
  };
  CHECK(contains(complain(two), "class_labels.txt: expected a line for item03.png"));
  CHECK(contains(complain(two + "run01/test/item03.png\n"), "class_labels.txt:3: expected a test file and a training file"));
  CHECK(contains(complain(two + "run01/test/item03.png run01/training/class04.png\n"),
                 "class_labels.txt:3: there is no file run01/training/class04.png"));
  fs::remove_all(omniglot.file("all_runs/run01"));
  fs::remove_all(omniglot.file("all_runs/run02"));
  CHECK(contains(complaint([&] { omniglot.read_runs(); }), "all_runs: expected folders run01 to run20"));
}

}  // namespace fewer::testing
