#include "datasets/contact_sheet.h"

#include <doctest/doctest.h>

#include "datasets/data_report.h"
#include "datasets/pictures/decode.h"
#include "datasets/pictures/encode.h"

namespace fewer::testing {
namespace {

// `per_class` flat images of each class, whose grey is the class; class c is in the split c % 2 ? test : train.
Dataset flat_dataset(int64_t classes, int64_t per_class, int64_t side) {
  ImageSet set;
  set.height = set.width = side;
  set.channels = 1;
  std::vector<int64_t> train, test;
  for (int64_t c = 0; c < classes; ++c) {
    set.classes.push_back("class" + std::to_string(c));
    for (int64_t i = 0; i < per_class; ++i) {
      (c % 2 ? test : train).push_back(set.size());
      set.labels.push_back(static_cast<int32_t>(c));
      set.pixels.insert(set.pixels.end(), static_cast<size_t>(side * side), static_cast<uint8_t>(c));
    }
  }
  const auto images = std::make_shared<const ImageSet>(std::move(set));
  Dataset data;
  data.train = Split("train", images, train);
  data.test = Split("test", images, test);
  return data;
}

}  // namespace

TEST_CASE("encode_png: what is written decodes to the same picture, with 1 to 4 channels") {
  for (const int64_t channels : {1, 2, 3, 4}) {
    Image image(7, 5, channels);
    for (size_t i = 0; i < image.pixels.size(); ++i) image.pixels[i] = static_cast<uint8_t>(i * 37);
    CHECK(decode_picture(encode_png(image), "picture") == image);
  }
  CHECK_THROWS(encode_png(Image()));
}

TEST_CASE("contact sheet: every class has a strip of its images, from whatever split has them") {
  const ContactSheet sheet = contact_sheet(flat_dataset(5, 12, 32));
  CHECK(sheet.classes == std::vector<int32_t>{0, 1, 2, 3, 4});
  REQUIRE(sheet.across == 1);
  CHECK(sheet.image.width == 12 * (64 + 2) + 2);  // enlarged twice, a gap around each
  CHECK(sheet.image.height == 5 * (64 + 2) + 2);
  for (int64_t c = 0; c < 5; ++c) {
    CHECK(int{*sheet.image.at(c * 66 + 2, 2)} == c);
    CHECK(int{*sheet.image.at(c * 66 + 2 + 63, 11 * 66 + 2 + 63)} == c);
    CHECK(int{*sheet.image.at(c * 66 + 1, 40)} == 96);
  }
}

TEST_CASE("contact sheet: of many classes some are shown, evenly spaced, in about a square; large images are shrunk") {
  const ContactSheet sheet = contact_sheet(flat_dataset(120, 1, 200));
  REQUIRE(sheet.classes.size() == 60);
  CHECK(sheet.classes[1] == 2);
  CHECK(sheet.across == 3);
  CHECK(sheet.image.height == 20 * (128 + 2) + 2);
  CHECK(int{*sheet.image.at(2, 6 * 130 + 10 + 2)} == 2);  // the second strip, its first image
}

TEST_CASE("data report: splits, balance, mean and standard deviation, and where each class is on the sheet") {
  const Dataset data = flat_dataset(4, 3, 8);
  const std::string report = report_dataset(data);
  INFO(report);
  for (const char* part : {"images   8 x 8, 1 channel\n", "classes  4\n", "mean     0.0039", "std      0.0039",
                           "train       6        2      3   3.0                3\n", "test        6        2"})
    CHECK(report.find(part) != std::string::npos);
  const std::string places = report_sheet(contact_sheet(data), data);
  INFO(places);
  CHECK(places.find("2    1       class1      0     3\n") != std::string::npos);
}

}  // namespace fewer::testing
