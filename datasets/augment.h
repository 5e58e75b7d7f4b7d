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
// A random affine map about the image's middle, with bilinear sampling; what comes in is background. Each of its seven numbers (angle, two
// shears, two scales, two shifts) is drawn and applied with `probability`, else left out: the distortions of Koch, Zemel, Salakhutdinov 2015.
struct Affine {
  static constexpr const char* kName = "affine";
  double rotation = 10;  // degrees, at most, either way
  double shear = 0.3;    // per axis
  double scale = 0.2;    // per axis, by 1 - scale to 1 + scale
  double shift = 2;      // pixels, per axis
  double probability = 0.5;
  void describe(Visitor& v);
};
using Augmentation = std::variant<Shift, Crop, Flip, Affine>;

// Changes `image` [H, W, C] in place by each augmentation in turn. Throws when it is too small to be cropped.
void augment(std::span<uint8_t> image, const Shape& image_shape, std::span<const Augmentation> list, Rng& rng);

// One at a time, without chance. Pixels from outside are 0 (move) or mirrored (move_mirrored).
void move(std::span<uint8_t> image, const Shape& image_shape, int64_t dy, int64_t dx);
void move_mirrored(std::span<uint8_t> image, const Shape& image_shape, int64_t dy, int64_t dx);
// A point q = (x, y) of the result, counted from the middle, shows what was at `inverse` (q - shift), inverse = {xx, xy, yx, yy}.
struct AffineMap {
  double xx = 1, xy = 0, yx = 0, yy = 1, shift_x = 0, shift_y = 0;
};
void warp(std::span<uint8_t> image, const Shape& image_shape, const AffineMap& inverse);
void flip_left_right(std::span<uint8_t> image, const Shape& image_shape);

}  // namespace fewer
