// A pool of classes whose images say in their pixels which image of which class they are and how they were turned.
#pragma once

#include <cstdio>
#include <memory>

#include "core/tensor.h"
#include "datasets/episodes/class_pool.h"

namespace fewer::testing {

inline constexpr uint8_t kMarker = 255;

// Image d of class c is the 2x2 picture [c, d; 0, marker]. Classes are "a00/c00", "a00/c01", ...; image d of every
// class is by drawer d.
inline ClassPool coded_pool(int64_t alphabets, int64_t characters, int64_t images) {
  auto set = std::make_shared<ImageSet>();
  set->height = set->width = 2;
  set->channels = 1;
  for (int64_t c = 0; c < alphabets * characters; ++c) {
    char name[24];
    std::snprintf(name, sizeof name, "a%02d/c%02d", static_cast<int>(c / characters), static_cast<int>(c % characters));
    set->classes.push_back(name);
    for (int64_t d = 0; d < images; ++d) {
      const uint8_t pixels[] = {static_cast<uint8_t>(c), static_cast<uint8_t>(d), 0, kMarker};
      set->pixels.insert(set->pixels.end(), std::begin(pixels), std::end(pixels));
      set->labels.push_back(static_cast<int32_t>(c));
      set->drawers.push_back(static_cast<int32_t>(d));
    }
  }
  return class_pool(Split("all", set), "coded");
}

struct Decoded {
  int64_t true_class = 0, image = 0;
  int turns = 0;
  auto operator<=>(const Decoded&) const = default;
};

// Image i of x [n, 2, 2, 1], normalised as pixel / 255.
inline Decoded decode(const Tensor& x, int64_t i) {
  const auto pixel = [&](int64_t y, int64_t column) { return static_cast<int>(255 * x.at({i, y, column, 0}) + 0.5); };
  if (pixel(1, 1) == kMarker) return {pixel(0, 0), pixel(0, 1), 0};
  if (pixel(0, 1) == kMarker) return {pixel(1, 0), pixel(0, 0), 1};  // anticlockwise: the right column is now on top
  if (pixel(0, 0) == kMarker) return {pixel(1, 1), pixel(1, 0), 2};
  return {pixel(0, 1), pixel(1, 1), 3};
}

}  // namespace fewer::testing
