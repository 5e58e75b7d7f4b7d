// Built-in data: handwritten-looking glyphs, drawn by stroke programs with motor noise.
//
// The idea follows the generative story of Omniglot (Lake, Salakhutdinov, Tenenbaum 2015, "Human-level concept learning
// through probabilistic program induction"): an alphabet is a style and a small inventory of primitive strokes; a
// character is a program that draws a few of them, each starting somewhere on an earlier one; an image is one run of
// the program by an unsteady hand. Ink is 255, paper 0, as in MNIST.
//
// Everything is a pure function of the seed: image i of class c does not depend on which others are drawn.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "datasets/image_set.h"

namespace fewer {

inline constexpr int64_t kGlyphAlphabets = 40;
inline constexpr int64_t kGlyphsPerAlphabet = 26;
inline constexpr int64_t kGlyphClasses = kGlyphAlphabets * kGlyphsPerAlphabet;  // 1,040
inline constexpr int64_t kSmallestGlyph = 8;  // pixels of height and width

std::string glyph_name(int64_t glyph);  // "alphabet03/character17"

// `images_per_class` images of every class listed, beginning with image number `first_image`; class by class. Label k
// is glyphs[k], and image number i counts as drawn by drawer i. Parallel over images; the bytes do not depend on the
// number of threads.
std::shared_ptr<const ImageSet> draw_glyphs(uint64_t seed, std::span<const int64_t> glyphs, int64_t first_image,
                                            int64_t images_per_class, int64_t size);

}  // namespace fewer
