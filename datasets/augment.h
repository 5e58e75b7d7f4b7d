// Augmentation: random changes of a training image that keep its class. They work on bytes, before normalisation.
//
// Every image draws from a stream of its own (split, epoch, position), so the result depends neither on the number of threads
// nor on the order in which images are prepared.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/rng.h"
#include "core/shape.h"

namespace fewer {

struct Augmentation {
  std::string name = "flip";  // see augmentation_names()
  int64_t pixels = 4;         // crop, shift: how far at most, in each direction
};

// "shift": moves the image by up to `pixels` in each direction; what comes in is background (0).
// "crop":  pads by mirroring `pixels` on each side and cuts out the original size at random.
// "flip":  mirrors left and right with probability 1/2.
std::span<const char* const> augmentation_names();

// Changes `image` [H, W, C] in place by each augmentation in turn.
void augment(std::span<uint8_t> image, const Shape& image_shape, std::span<const Augmentation> list, Rng& rng);

// One at a time, without chance. Pixels from outside are 0 (move) or mirrored (move_mirrored).
void move(std::span<uint8_t> image, const Shape& image_shape, int64_t dy, int64_t dx);
void move_mirrored(std::span<uint8_t> image, const Shape& image_shape, int64_t dy, int64_t dx);
void flip_left_right(std::span<uint8_t> image, const Shape& image_shape);

}  // namespace fewer
