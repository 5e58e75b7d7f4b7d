// Class folders: pictures of any sizes, sorted by class, as one image set. Own pictures work, and mini-ImageNet.
//
//   ROOT/CLASS/picture.jpg               every folder that holds pictures is a class, named by its path: "cat", "big/cat"
//   ROOT/train/CLASS/..., val, test      the same in splits, when there are no other folders beside these
//   ROOT/images/picture.jpg              mini-ImageNet: the splits are the lines "filename,label" of
//   ROOT/train.csv, val.csv, test.csv    three files (Ravi and Larochelle 2017)
//
// Pictures are PNG, JPEG or BMP; other files are passed over, hidden ones too. Every picture is decoded, converted and
// stretched to one size. Every error is Error(kData) and names the file or folder.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

#include "core/describe.h"
#include "datasets/image_set.h"
#include "datasets/pictures/image.h"
#include "datasets/pictures/resize.h"

namespace fewer {

struct PictureOptions {
  int64_t size = 84;  // height and width to resize to
  Color color = Color::kRgb;
  ResizeFilter resize = ResizeFilter::kArea;
  void describe(Visitor& v);
};

struct ClassFolders {
  std::shared_ptr<const ImageSet> images;        // [N, size, size, C]; classes in alphabetical order
  std::vector<int64_t> train, validation, test;  // indices into images; all are in `train` where there are no splits
};

// At most `most_bytes` of pixels, by default half of this machine's memory. Throws when there are more, when nothing is
// found, a class is empty, a picture cannot be read, or links lead round in a circle.
ClassFolders read_class_folders(const std::filesystem::path& root, const PictureOptions& options);
ClassFolders read_class_folders(const std::filesystem::path& root, const PictureOptions& options, int64_t most_bytes);

}  // namespace fewer
