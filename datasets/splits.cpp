#include "datasets/splits.h"

#include <algorithm>
#include <numeric>

#include "core/error.h"

namespace fewer {
namespace {

std::vector<std::vector<int64_t>> positions_by_class(std::span<const int32_t> labels) {
  std::vector<std::vector<int64_t>> result;
  for (size_t i = 0; i < labels.size(); ++i) {
    const size_t label = static_cast<size_t>(labels[i]);
    if (label >= result.size()) result.resize(label + 1);
    result[label].push_back(static_cast<int64_t>(i));
  }
  return result;
}

// How many each class gives: its exact share rounded down, and one more where the remainder is largest (the method of
// largest remainders), until the sum is `count`. Equal remainders go to the lower class.
std::vector<int64_t> shares(const std::vector<std::vector<int64_t>>& classes, int64_t count, int64_t total) {
  std::vector<int64_t> result, remainder, order(classes.size());
  int64_t given = 0;
  for (const std::vector<int64_t>& members : classes) {
    const int64_t scaled = static_cast<int64_t>(members.size()) * count;
    result.push_back(scaled / total);
    remainder.push_back(scaled % total);
    given += result.back();
  }
  std::iota(order.begin(), order.end(), int64_t{0});
  std::stable_sort(order.begin(), order.end(), [&](int64_t a, int64_t b) {
    return remainder[static_cast<size_t>(a)] > remainder[static_cast<size_t>(b)];
  });
  for (size_t k = 0; given < count; ++k, ++given) ++result[static_cast<size_t>(order[k])];
  return result;
}

}  // namespace

std::pair<std::vector<int64_t>, std::vector<int64_t>> stratified_split(std::span<const int32_t> labels, int64_t count,
                                                                       const Rng& rng) {
  const int64_t total = static_cast<int64_t>(labels.size());
  ENSURE(count >= 0 && count <= total, "stratified split: expected to choose from 0 to ", total, " images, got ",
         count);
  std::pair<std::vector<int64_t>, std::vector<int64_t>> parts;
  if (total == 0) return parts;
  std::vector<std::vector<int64_t>> classes = positions_by_class(labels);
  const std::vector<int64_t> chosen = shares(classes, count, total);
  for (size_t c = 0; c < classes.size(); ++c) {
    Rng order = rng.stream(c);
    order.shuffle(classes[c]);
    const auto middle = classes[c].begin() + chosen[c];
    parts.first.insert(parts.first.end(), classes[c].begin(), middle);
    parts.second.insert(parts.second.end(), middle, classes[c].end());
  }
  std::sort(parts.first.begin(), parts.first.end());
  std::sort(parts.second.begin(), parts.second.end());
  return parts;
}

}  // namespace fewer
