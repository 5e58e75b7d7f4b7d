// Choosing images, reproducibly: by class in proportion or in equal numbers, by whole alphabets or drawers, by class name. Parts come in
// ascending order.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/rng.h"
#include "datasets/image_set.h"

namespace fewer {

// Divides the positions of `labels` in two, `count` in the first part: every class gives its share of `count`, rounded
// so that the sum is exact, chosen at random. Both parts come in ascending order.
// REQUIRES: 0 <= count <= labels.size(), labels >= 0.
std::pair<std::vector<int64_t>, std::vector<int64_t>> stratified_split(std::span<const int32_t> labels, int64_t count,
                                                                       const Rng& rng);


// The same without regard to classes. REQUIRES: 0 <= count <= n.
std::pair<std::vector<int64_t>, std::vector<int64_t>> random_split(int64_t n, int64_t count, const Rng& rng);

// `count` of every class in the first part. Throws Error(kConfig), beginning with `where`, when a class that has images has fewer.
std::pair<std::vector<int64_t>, std::vector<int64_t>> per_class_split(std::span<const int32_t> labels, int64_t count, const Rng& rng,
                                                                      const std::string& where);

// Whole groups: the first part has all positions whose key is one of `count` keys chosen at random. Throws Error(kConfig), beginning with
// `where`, when there are not more keys than that.
std::pair<std::vector<int64_t>, std::vector<int64_t>> group_split(std::span<const int32_t> keys, int64_t count, const Rng& rng,
                                                                  const std::string& where);

// Keys for group_split, one per image of the split. Throws Error(kConfig), beginning with `where`, when the set knows of no alphabets
// (classes named "Alphabet/character") or no drawers.
std::vector<int32_t> alphabets_of(const Split& split, const std::string& where);
std::vector<int32_t> drawers_of(const Split& split, const std::string& where);

// The images of these classes, or of all others. The classes stay what they are: a network still has an output for each. Throws
// Error(kConfig), beginning with `where`, for a name that is no class, and when nothing is left.
Split only_classes(const Split& split, std::span<const std::string> names, const std::string& where);
Split without_classes(const Split& split, std::span<const std::string> names, const std::string& where);

}  // namespace fewer
