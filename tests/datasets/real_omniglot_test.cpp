// The real Omniglot, where it can be found (see tests/support/requirements.h).
#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <set>

#include "core/parallel.h"
#include "core/sha256.h"
#include "datasets/omniglot.h"
#include "datasets/registry.h"
#include "tests/support/requirements.h"

namespace fewer::testing {
namespace {

struct Point2 {
  double y = 0, x = 0;
};

// The ink of a drawing as points around their mean, row by row.
std::vector<Point2> ink_points(std::span<const uint8_t> image) {
  std::vector<Point2> points;
  Point2 sum;
  for (int64_t y = 0; y < kOmniglotSide; ++y)
    for (int64_t x = 0; x < kOmniglotSide; ++x)
      if (image[static_cast<size_t>(y * kOmniglotSide + x)] > 127) {
        points.push_back({static_cast<double>(y), static_cast<double>(x)});
        sum = {sum.y + points.back().y, sum.x + points.back().x};
      }
  const double count = static_cast<double>(points.size());
  for (Point2& p : points) p = {p.y - sum.y / count, p.x - sum.x / count};
  return points;
}

double squared(double value) { return value * value; }

// From p to the nearest of points: from its own row outwards, as long as a row can still hold a nearer one.
double distance_to_nearest(const Point2& p, const std::vector<Point2>& points) {
  const auto middle = std::lower_bound(points.begin(), points.end(), p, [](const Point2& a, const Point2& b) { return a.y < b.y; });
  double nearest = INFINITY;
  for (auto q = middle; q != points.end() && squared(q->y - p.y) < nearest; ++q)
    nearest = std::min(nearest, squared(q->y - p.y) + squared(q->x - p.x));
  for (auto q = middle; q != points.begin() && squared((q - 1)->y - p.y) < nearest; --q)
    nearest = std::min(nearest, squared((q - 1)->y - p.y) + squared((q - 1)->x - p.x));
  return std::sqrt(nearest);
}

double mean_nearest(const std::vector<Point2>& a, const std::vector<Point2>& b) {
  double sum = 0;
  for (const Point2& p : a) sum += distance_to_nearest(p, b);
  return sum / static_cast<double>(a.size());
}

// The modified Hausdorff distance (Dubuisson and Jain 1994).
double modified_hausdorff(const std::vector<Point2>& a, const std::vector<Point2>& b) {
  return std::max(mean_nearest(a, b), mean_nearest(b, a));
}

int64_t wrong_answers(const LakeRun& run) {
  std::vector<std::vector<Point2>> training;
  for (int64_t k = 0; k < run.training->size(); ++k) training.push_back(ink_points(run.training->image(k)));
  int64_t wrong = 0;
  for (int64_t i = 0; i < run.test->size(); ++i) {
    const std::vector<Point2> item = ink_points(run.test->image(i));
    std::vector<double> distances;
    for (const std::vector<Point2>& drawing : training) distances.push_back(modified_hausdorff(item, drawing));
    const auto nearest = std::min_element(distances.begin(), distances.end()) - distances.begin();
    wrong += nearest != run.test->labels[static_cast<size_t>(i)];
  }
  return wrong;
}

std::filesystem::path folder() { return find_data("omniglot", ""); }

}  // namespace

TEST_CASE("omniglot: 964 and 659 characters by 20 drawers, pixels and ink are the published ones, read within 3 s on one core") {
  if (!have_data("omniglot")) return;
  const int before = threads();
  set_threads(1);
  const auto start = std::chrono::steady_clock::now();
  const Omniglot omniglot = read_omniglot(folder(), {.size = kOmniglotSide});
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  set_threads(before);
  INFO(seconds, " s");
#if defined(__OPTIMIZE__) && !defined(__SANITIZE_ADDRESS__)
  CHECK(seconds < 3);
#endif
  const ImageSet& set = *omniglot.images;
  CHECK(omniglot.background_classes == 964);
  CHECK(set.classes.size() == 964 + 659);
  CHECK(set.size() == 32460);
  CHECK(set.classes.front() == "Alphabet_of_the_Magi/character01");
  CHECK(set.classes.back() == "ULOG/character26");
  CHECK(sha256(set.pixels) == "061691d78adaa9b335b1e4876c121f2cbe4dde34762da3b948fbd8f91dfb85d9");
  CHECK(std::count(set.pixels.begin(), set.pixels.end(), 255) == 16567007 + 12247261);
  CHECK(std::count(set.pixels.begin(), set.pixels.end(), 0) == int64_t{32460} * 105 * 105 - 16567007 - 12247261);
  bool in_order = true;  // each character once by each drawer
  for (size_t i = 0; i < set.labels.size(); ++i)
    in_order = in_order && set.labels[i] == static_cast<int32_t>(i / 20) && set.drawers[i] == static_cast<int32_t>(i % 20);
  CHECK(in_order);
}

TEST_CASE("omniglot: as a data set, the background alphabets train and the others test, at 28 x 28") {
  if (!have_data("omniglot")) return;
  DataConfig config;
  config.name = "omniglot";
  config.validation = 0;
  const Dataset data = load_dataset(config);
  CHECK(data.image_shape() == Shape{28, 28, 1});
  CHECK(data.train.size() == 19280);
  CHECK(data.test.size() == 13180);
  CHECK(data.normalization.mean[0] == doctest::Approx(0.07794).epsilon(1e-3));  // the mean's: area averaging keeps it
  const std::vector<int32_t> train = data.train.labels(), test = data.test.labels();
  CHECK(*std::max_element(train.begin(), train.end()) == 963);
  CHECK(*std::min_element(test.begin(), test.end()) == 964);
}

TEST_CASE("lake runs: the modified Hausdorff distance errs on 155 of 400, 38.8 %, as published") {
  if (!have_data("omniglot")) return;
  const std::vector<LakeRun> runs = read_lake_runs(folder(), {.size = kOmniglotSide});
  REQUIRE(runs.size() == 20);
  Sha256 pixels;
  int64_t trials = 0, wrong = 0;
  for (const LakeRun& run : runs) {
    pixels.update(run.training->pixels);
    pixels.update(run.test->pixels);
    CHECK(std::set<int32_t>(run.test->labels.begin(), run.test->labels.end()).size() == 20);
    trials += run.test->size();
    wrong += wrong_answers(run);
  }
  CHECK(pixels.finish() == "27b8df7a4fcd1c3f6a60fd4e717753a1ea6be23a896b2404c626b8931d684a27");
  CHECK(trials == 400);
  CHECK(wrong == 155);
}

}  // namespace fewer::testing
