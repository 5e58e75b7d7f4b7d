// Labelled images in memory, as bytes, and views of them by index.
//
// An ImageSet is what a file or a generator holds; it never changes once loaded and is shared. A Split is a named part
// of it: a list of indices. Splits made from one set share its pixels, so a validation split or a subset costs a list
// of numbers.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/shape.h"

namespace fewer {

struct ImageSet {
  int64_t height = 0, width = 0, channels = 0;
  std::vector<uint8_t> pixels;       // [N, H, W, C], 0 = background where the format has one
  std::vector<int32_t> labels;       // [N], 0 <= label < classes.size()
  std::vector<std::string> classes;  // one name each; "Alphabet/character" where classes come in groups
  std::vector<int32_t> drawers;      // [N] who drew it, counted from 0; empty where nobody knows

  int64_t size() const { return static_cast<int64_t>(labels.size()); }
  Shape image_shape() const { return {height, width, channels}; }
  int64_t image_bytes() const { return height * width * channels; }
  std::span<const uint8_t> image(int64_t i) const {  // [H, W, C]. REQUIRES: 0 <= i < size()
    return {pixels.data() + i * image_bytes(), static_cast<size_t>(image_bytes())};
  }
};

// Throws Error(kOther) naming `where` unless sizes agree and every label names a class.
void check_image_set(const ImageSet& set, const std::string& where);

// A named part of an image set. Copying is cheap; copies share one count of the images read, which is how a test knows
// that the test split was touched once.
class Split {
 public:
  Split() = default;  // empty
  Split(std::string name, std::shared_ptr<const ImageSet> images, std::vector<int64_t> indices);
  Split(std::string name, std::shared_ptr<const ImageSet> images);  // all of it

  const std::string& name() const { return name_; }
  int64_t size() const { return static_cast<int64_t>(indices_.size()); }
  bool empty() const { return indices_.empty(); }
  const ImageSet& images() const { return *images_; }               // REQUIRES: not default-constructed
  const std::shared_ptr<const ImageSet>& shared_images() const { return images_; }
  const std::vector<int64_t>& indices() const { return indices_; }  // into images()
  const std::vector<std::string>& classes() const { return images_->classes; }
  int32_t label(int64_t i) const { return images_->labels[static_cast<size_t>(indices_[static_cast<size_t>(i)])]; }
  std::vector<int32_t> labels() const;        // [size()]
  std::vector<int64_t> class_counts() const;  // [classes]

  // The pixels of image i of this split, [H, W, C]; counted as a read.
  std::span<const uint8_t> image(int64_t i) const {
    reads_->fetch_add(1, std::memory_order_relaxed);
    return images_->image(indices_[static_cast<size_t>(i)]);
  }
  int64_t images_read() const { return reads_ ? reads_->load(std::memory_order_relaxed) : 0; }

  // The images at `positions` of this split. Reads count for both. Throws when a position is out of range.
  Split subset(std::span<const int64_t> positions, std::string name) const;

 private:
  std::string name_;
  std::shared_ptr<const ImageSet> images_;
  std::vector<int64_t> indices_;
  std::shared_ptr<std::atomic<int64_t>> reads_;
};

}  // namespace fewer
