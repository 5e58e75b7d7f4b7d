#include "datasets/splits.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>

#include "core/error.h"
#include "core/spelling.h"

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

using Parts = std::pair<std::vector<int64_t>, std::vector<int64_t>>;

void sort(Parts& parts) {
  std::sort(parts.first.begin(), parts.first.end());
  std::sort(parts.second.begin(), parts.second.end());
}

// The images whose class is among `names`, or with keep = false is not.
Split chosen_classes(const Split& split, std::span<const std::string> names, bool keep, const std::string& where) {
  std::vector<bool> named(split.classes().size());
  for (const std::string& name : names) {
    const auto found = std::find(split.classes().begin(), split.classes().end(), name);
    if (found == split.classes().end()) fail_config(where, ": there is no class \"", name, "\"", did_you_mean(name, split.classes()));
    named[static_cast<size_t>(found - split.classes().begin())] = true;
  }
  std::vector<int64_t> positions;
  for (int64_t i = 0; i < split.size(); ++i)
    if (named[static_cast<size_t>(split.label(i))] == keep) positions.push_back(i);
  if (positions.empty()) fail_config(where, ": this leaves no image of the ", split.name(), " split");
  return split.subset(positions, split.name());
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
  sort(parts);
  return parts;
}

Parts random_split(int64_t n, int64_t count, const Rng& rng) {
  ENSURE(count >= 0 && count <= n, "random split: expected to choose from 0 to ", n, " images, got ", count);
  Rng order = rng;
  const std::vector<int64_t> shuffled = order.permutation(n);
  Parts parts{{shuffled.begin(), shuffled.begin() + count}, {shuffled.begin() + count, shuffled.end()}};
  sort(parts);
  return parts;
}

Parts per_class_split(std::span<const int32_t> labels, int64_t count, const Rng& rng, const std::string& where) {
  Parts parts;
  std::vector<std::vector<int64_t>> classes = positions_by_class(labels);
  for (size_t c = 0; c < classes.size(); ++c) {
    if (classes[c].empty()) continue;
    const int64_t size = static_cast<int64_t>(classes[c].size());
    if (size < count) fail_config(where, ": expected at most ", size, " images per class, which is what class ", c, " has, got ", count);
    Rng order = rng.stream(c);
    order.shuffle(classes[c]);
    parts.first.insert(parts.first.end(), classes[c].begin(), classes[c].begin() + count);
    parts.second.insert(parts.second.end(), classes[c].begin() + count, classes[c].end());
  }
  sort(parts);
  return parts;
}

Parts group_split(std::span<const int32_t> keys, int64_t count, const Rng& rng, const std::string& where) {
  const std::set<int32_t> distinct(keys.begin(), keys.end());
  const int64_t groups = static_cast<int64_t>(distinct.size());
  if (count < 0 || count >= groups) fail_config(where, ": expected fewer than ", groups, " groups, which is all there are, got ", count);
  std::vector<int32_t> order(distinct.begin(), distinct.end());
  Rng chance = rng;
  chance.shuffle(order);
  const std::set<int32_t> chosen(order.begin(), order.begin() + count);
  Parts parts;
  for (size_t i = 0; i < keys.size(); ++i) (chosen.contains(keys[i]) ? parts.first : parts.second).push_back(static_cast<int64_t>(i));
  return parts;
}

std::vector<int32_t> alphabets_of(const Split& split, const std::string& where) {
  std::map<std::string, int32_t> numbers;
  std::vector<int32_t> of_class;
  for (const std::string& name : split.classes()) {
    const size_t slash = name.find('/');
    if (slash == std::string::npos) fail_config(where, ": expected classes named \"Alphabet/character\", got \"", name, "\"");
    of_class.push_back(numbers.try_emplace(name.substr(0, slash), static_cast<int32_t>(numbers.size())).first->second);
  }
  std::vector<int32_t> keys;
  for (const int32_t label : split.labels()) keys.push_back(of_class[static_cast<size_t>(label)]);
  return keys;
}

std::vector<int32_t> drawers_of(const Split& split, const std::string& where) {
  const std::vector<int32_t>& drawers = split.images().drawers;
  if (drawers.empty()) fail_config(where, ": this data set does not say who drew an image");
  std::vector<int32_t> keys;
  for (const int64_t index : split.indices()) keys.push_back(drawers[static_cast<size_t>(index)]);
  return keys;
}

Split only_classes(const Split& split, std::span<const std::string> names, const std::string& where) {
  return chosen_classes(split, names, true, where);
}
Split without_classes(const Split& split, std::span<const std::string> names, const std::string& where) {
  return chosen_classes(split, names, false, where);
}

}  // namespace fewer
