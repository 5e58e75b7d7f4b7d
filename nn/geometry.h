// Sizes on an image plane, as layers are given them: .kernel = 3, .kernel = {3, 1}, .padding = Padding2d::same().
#pragma once

#include <array>
#include <cstdint>

#include "core/describe.h"

namespace fewer {

// Height and width; one number stands for both.
struct Extent {
  int64_t h = 1, w = 1;
  constexpr Extent() = default;
  constexpr Extent(int64_t both) : h(both), w(both) {}  // NOLINT: implicit, so that .kernel = 3 reads
  constexpr Extent(int64_t height, int64_t width) : h(height), w(width) {}
  bool operator==(const Extent&) const = default;
};

// Zeros around an image. `same` adds what makes the output ceil(size / stride) long, as TensorFlow's SAME does: the total
// is split evenly, an odd one has its extra zero after, so with stride 2 the padding is usually not symmetric.
struct Padding2d {
  int64_t top = 0, bottom = 0, left = 0, right = 0;
  bool is_same = false;
  constexpr Padding2d() = default;
  constexpr Padding2d(int64_t all) : top(all), bottom(all), left(all), right(all) {}  // NOLINT: implicit, as above
  constexpr Padding2d(int64_t t, int64_t b, int64_t l, int64_t r) : top(t), bottom(b), left(l), right(r) {}
  static constexpr Padding2d same() {
    Padding2d padding;
    padding.is_same = true;
    return padding;
  }
};

// The padding in numbers for an image of this height and width; a "same" one is worked out.
Padding2d resolved(const Padding2d& padding, Extent image, Extent kernel, Extent stride, Extent dilation = 1);

// In JSON: [h, w], and "padding": [top, bottom, left, right] beside "same": true or false.
void describe_extent(Visitor& v, std::string_view name, Extent& extent, const FieldInfo& info);
void describe_padding(Visitor& v, Padding2d& padding);

}  // namespace fewer
