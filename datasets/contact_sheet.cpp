#include "datasets/contact_sheet.h"

#include <algorithm>
#include <cmath>

#include "datasets/pictures/resize.h"

namespace fewer {
namespace {

constexpr int64_t kMostClasses = 60;
constexpr int64_t kLegibleSide = 64, kLargestSide = 128;  // pixels
constexpr int64_t kGap = 2, kStripGap = 10;
constexpr uint8_t kBackground = 96;  // told apart from black and from white

// `most` of 0..n-1 or all, evenly spaced.
std::vector<int64_t> evenly(int64_t n, int64_t most) {
  std::vector<int64_t> chosen;
  for (int64_t i = 0; i < std::min(n, most); ++i) chosen.push_back(i * n / std::min(n, most));
  return chosen;
}

Image at_legible_size(const ImageSet& set, int64_t index) {
  Image image(set.height, set.width, set.channels);
  const std::span<const uint8_t> pixels = set.image(index);
  std::copy(pixels.begin(), pixels.end(), image.pixels.begin());
  const int64_t side = std::max(set.height, set.width);
  if (side > kLargestSide)
    return resize(image, std::max<int64_t>(1, set.height * kLargestSide / side), std::max<int64_t>(1, set.width * kLargestSide / side),
                  ResizeFilter::kArea);
  const int64_t factor = std::max<int64_t>(1, kLegibleSide / side);
  return resize(image, set.height * factor, set.width * factor, ResizeFilter::kNearest);
}

std::vector<std::vector<int64_t>> positions_by_class(const Split& split, size_t classes) {
  std::vector<std::vector<int64_t>> result(classes);
  for (int64_t i = 0; i < split.size(); ++i) result[static_cast<size_t>(split.label(i))].push_back(i);
  return result;
}

// For each class `most` images, from the first split that has any.
std::vector<std::vector<Image>> examples(const Dataset& data, std::span<const int64_t> classes, int64_t most) {
  std::vector<std::vector<Image>> result(classes.size());
  for (const Split* split : {&data.train, &data.validation, &data.test}) {
    if (split->empty()) continue;
    const auto positions = positions_by_class(*split, data.classes().size());
    for (size_t k = 0; k < classes.size(); ++k) {
      if (!result[k].empty()) continue;
      const std::vector<int64_t>& own = positions[static_cast<size_t>(classes[k])];
      for (const int64_t i : evenly(static_cast<int64_t>(own.size()), most))
        result[k].push_back(at_legible_size(split->images(), split->indices()[static_cast<size_t>(own[static_cast<size_t>(i)])]));
    }
  }
  return result;
}

void paste(const Image& image, int64_t top, int64_t left, Image& sheet) {
  for (int64_t y = 0; y < image.height; ++y)
    std::copy_n(image.at(y, 0), image.width * image.channels, sheet.at(top + y, left));
}

// Strips of one class each, as many beside one another as make about a square.
struct Layout {
  int64_t images_per_class, strip_width, strip_height, across, down;

  Layout(int64_t classes, const Image& cell)
      : images_per_class(std::clamp<int64_t>(120 / classes, 6, 12)),
        strip_width(images_per_class * (cell.width + kGap) + kStripGap),
        strip_height(cell.height + kGap) {
    const double square = std::sqrt(static_cast<double>(classes * strip_height) / static_cast<double>(strip_width));
    across = std::max<int64_t>(1, std::llround(square));
    down = (classes + across - 1) / across;
  }
  int64_t height() const { return down * strip_height + kGap; }
  int64_t width() const { return across * strip_width - kStripGap + kGap; }
  int64_t top(size_t strip) const { return static_cast<int64_t>(strip) / across * strip_height + kGap; }
  int64_t left(size_t strip) const { return static_cast<int64_t>(strip) % across * strip_width + kGap; }
};

}  // namespace

ContactSheet contact_sheet(const Dataset& data) {
  const std::vector<int64_t> classes = evenly(data.class_count(), kMostClasses);
  const Image cell = at_legible_size(data.train.images(), 0);
  const Layout layout(static_cast<int64_t>(classes.size()), cell);
  ContactSheet sheet{Image(layout.height(), layout.width(), cell.channels), {classes.begin(), classes.end()}, layout.across};
  std::fill(sheet.image.pixels.begin(), sheet.image.pixels.end(), kBackground);
  const std::vector<std::vector<Image>> strips = examples(data, classes, layout.images_per_class);
  for (size_t k = 0; k < strips.size(); ++k)
    for (size_t i = 0; i < strips[k].size(); ++i)
      paste(strips[k][i], layout.top(k), layout.left(k) + static_cast<int64_t>(i) * (cell.width + kGap), sheet.image);
  return sheet;
}

}  // namespace fewer
