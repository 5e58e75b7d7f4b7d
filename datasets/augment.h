// Augmentation: random changes of a training image that keep its class. They work on bytes, before normalisation.
//
// Every image draws from a stream of its own (split, epoch, position), so the result depends neither on the number of
// threads nor on the order in which images are prepared.
#pragma once

#include <cstdint>
#include <span>
#include <variant>

#include "core/describe.h"
#include "core/rng.h"
#include "core/shape.h"

namespace fewer {

// Moves the image by up to `pixels` in each direction; what comes in is background (0).
struct Shift {
  static constexpr const char* kName = "shift";
  int64_t pixels = 2;
  void describe(Visitor& v);
};
// Pads by mirroring `pad` pixels on each side and cuts the original size out at random.
struct Crop {
  static constexpr const char* kName = "crop";
  int64_t pad = 4;
  void describe(Visitor& v);
};
// Mirrors left and right with this probability.
struct Flip {
  static constexpr const char* kName = "flip";
  double probability = 0.5;
  void describe(Visitor& v);
};
using Augmentation = std::variant<Shift, Crop, Flip>;

// Changes `image` [H, W, C] in place by each augmentation in turn. Throws when it is too small to be cropped.
void augment(std::span<uint8_t> image, const Shape& image_shape, std::span<const Augmentation> list, Rng& rng);

// One at a time, without chance. Pixels from outside are 0 (move) or mirrored (move_mirrored).
void move(std::span<uint8_t> image, const Shape& image_shape, int64_t dy, int64_t dx);
void move_mirrored(std::span<uint8_t> image, const Shape& image_shape, int64_t dy, int64_t dx);
void flip_left_right(std::span<uint8_t> image, const Shape& image_shape);

}  // namespace fewer
