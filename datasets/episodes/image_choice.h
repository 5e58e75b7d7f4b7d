// Images as an episode or a pair shows them: chosen by position, turned by quarters, augmented, normalised.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/rng.h"
#include "core/tensor.h"
#include "datasets/augment.h"
#include "datasets/image_set.h"
#include "datasets/normalization.h"

namespace fewer {

struct ImageChoice {
  int64_t position = 0;  // within a split
  int turns = 0;         // quarter turns anticlockwise, 0..3
  int32_t label = 0;     // what the episode calls its class; of no meaning in a pair
  bool operator==(const ImageChoice&) const = default;
};

// Random changes of images: image i of a list draws from rng.stream(first + i).
struct AugmentStream {
  std::span<const Augmentation> list;
  Rng rng;
  int64_t first = 0;
};

// The chosen images, normalised [n, H, W, C]: turned, then changed by `augment`. Parallel over images; the same at any
// number of threads.
Tensor read_images(const Split& split, const Normalization& normalization, std::span<const ImageChoice> choices,
                   const AugmentStream& augment);

IntTensor labels_of(std::span<const ImageChoice> choices);  // [n]

// Turns `image` [H, W, C] anticlockwise into `out`, which must not overlap it. Throws when an odd number of quarter
// turns would change the shape. REQUIRES: 0 <= turns < 4.
void turn_quarters(std::span<const uint8_t> image, const Shape& image_shape, int turns, uint8_t* out);

}  // namespace fewer
