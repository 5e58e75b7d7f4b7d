// Omniglot (Lake, Salakhutdinov, Tenenbaum 2015): 1,623 handwritten characters of 50 alphabets, each drawn once by 20
// people, 105 x 105 pixels, black on white; and Lake's 20 runs of 20-way one-shot classification.
//
//   images_background/ALPHABET/characterNN/XXXX_DD.png   30 alphabets, 964 characters; DD is the drawer, 01 to 20
//   images_evaluation/ALPHABET/characterNN/XXXX_DD.png   20 alphabets, 659 characters
//   all_runs/runRR/{training/classCC.png, test/itemII.png, class_labels.txt}
//
// As bytes here ink is 255 and paper 0, as in MNIST: ink 1 and background 0 for a network, and zero padding is paper.
// Every error is Error(kData) and names the folder or file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

#include "core/describe.h"
#include "datasets/image_set.h"
#include "datasets/pictures/resize.h"

namespace fewer {

inline constexpr int64_t kOmniglotSide = 105;
inline constexpr int32_t kOmniglotDrawers = 20;

struct OmniglotOptions {
  int64_t size = 28;  // height and width to resize to; 105 leaves images as they are
  ResizeFilter resize = ResizeFilter::kArea;
  void describe(Visitor& v);
};

struct Omniglot {
  // [32460, size, size, 1]. Classes are "Greek/character07": the background alphabets, then those for evaluation, each
  // in alphabetical order; `drawers` is filled.
  std::shared_ptr<const ImageSet> images;
  int64_t background_classes = 0;  // 964: these come first
};

// `folder` holds images_background and images_evaluation. Throws when a character does not have one image of each drawer,
// or an image is not 105 x 105.
Omniglot read_omniglot(const std::filesystem::path& folder, const OmniglotOptions& options);

// One run: 20 characters of one alphabet, drawn by one person to learn from and by another to recognise.
struct LakeRun {
  std::shared_ptr<const ImageSet> training;  // [20, size, size, 1], one image of each class, in order
  std::shared_ptr<const ImageSet> test;      // [20, size, size, 1], labels from class_labels.txt
};

// The runs under `folder`/all_runs, in order. A score is the mean over runs; 400 answers in all.
std::vector<LakeRun> read_lake_runs(const std::filesystem::path& folder, const OmniglotOptions& options);

}  // namespace fewer
