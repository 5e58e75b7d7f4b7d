#include "datasets/data_report.h"

#include <algorithm>
#include <cstdio>
#include <numeric>
#include <set>

#include "core/error.h"
#include "core/text_table.h"
#include "datasets/normalization.h"

namespace fewer {
namespace {

using Lines = std::vector<std::vector<std::string>>;

std::string decimals(double value, int digits) {
  char buffer[64];
  std::snprintf(buffer, sizeof(buffer), "%.*f", digits, value);
  return buffer;
}

std::string joined(const std::vector<double>& values) {
  std::string result;
  for (const double value : values) result += text(result.empty() ? "" : " ", decimals(value, 4));
  return result;
}

// The classes a split has images of, and the fewest, mean and most images of one of them.
std::vector<std::string> split_line(const Split& split) {
  if (split.empty()) return {split.name(), "0"};
  std::vector<int64_t> counts = split.class_counts();
  std::erase(counts, 0);
  const auto [least, most] = std::minmax_element(counts.begin(), counts.end());
  const double mean = static_cast<double>(split.size()) / static_cast<double>(counts.size());
  return {split.name(), with_commas(split.size()), with_commas(static_cast<int64_t>(counts.size())), with_commas(*least), decimals(mean, 1),
          with_commas(*most)};
}

// "Greek" of "Greek/character07"; nothing when not all classes come in groups.
std::set<std::string> groups(const std::vector<std::string>& classes) {
  std::set<std::string> result;
  for (const std::string& name : classes) {
    const size_t slash = name.find('/');
    if (slash == std::string::npos) return {};
    result.insert(name.substr(0, slash));
  }
  return result;
}

std::vector<const Split*> present_splits(const Dataset& data) {
  std::vector<const Split*> result{&data.train};
  if (!data.validation.empty()) result.push_back(&data.validation);
  result.push_back(&data.test);
  return result;
}

}  // namespace

std::string report_dataset(const Dataset& data) {
  const ImageSet& images = data.train.images();
  const Normalization statistics = Normalization::of(data.train);
  const std::set<std::string> group_names = groups(data.classes());
  Lines lines{{"split", "images", "classes", "least", "mean", "most of a class"}};
  for (const Split* split : present_splits(data)) lines.push_back(split_line(*split));
  return text("images   ", images.height, " x ", images.width, ", ", images.channels, images.channels == 1 ? " channel" : " channels",
              "\nclasses  ", with_commas(data.class_count()),
              group_names.size() < 2 ? "" : text(" in ", group_names.size(), " groups such as ", *group_names.begin()),
              images.drawers.empty() ? "" : text(", by ", 1 + *std::max_element(images.drawers.begin(), images.drawers.end()), " drawers"),
              "\nmean     ", joined(statistics.mean), "  of pixel / 255 over the training images, by channel\nstd      ",
              joined(statistics.std), "\n\n", text_table(lines, 1));
}

std::string report_sheet(const ContactSheet& sheet, const Dataset& data) {
  Lines lines{{"row", "column", "class"}};
  std::vector<std::vector<int64_t>> counts;
  for (const Split* split : present_splits(data)) {
    lines[0].push_back(split->name());
    counts.push_back(split->class_counts());
  }
  for (size_t k = 0; k < sheet.classes.size(); ++k) {
    const size_t label = static_cast<size_t>(sheet.classes[k]), across = static_cast<size_t>(sheet.across);
    lines.push_back({text(k / across + 1), text(k % across + 1), data.classes()[label]});
    for (const std::vector<int64_t>& count : counts) lines.back().push_back(with_commas(count[label]));
  }
  constexpr size_t kFirstNumber = 3;
  return text_table(lines, kFirstNumber);
}

}  // namespace fewer
