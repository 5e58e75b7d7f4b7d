// Choosing images: by class in proportion, reproducibly.
#pragma once

#include <cstdint>
#include <span>
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

}  // namespace fewer
