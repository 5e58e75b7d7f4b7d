#include "datasets/image_set.h"

#include <numeric>

#include "core/error.h"

namespace fewer {
namespace {

std::vector<int64_t> first_integers(int64_t n) {
  std::vector<int64_t> indices(static_cast<size_t>(n));
  std::iota(indices.begin(), indices.end(), int64_t{0});
  return indices;
}

}  // namespace

void check_image_set(const ImageSet& set, const std::string& where) {
  const Shape expected = {set.size(), set.height, set.width, set.channels};
  ENSURE(set.image_bytes() > 0 && static_cast<int64_t>(set.pixels.size()) == expected.numel(), where, ": expected ",
         expected, " pixels, got ", set.pixels.size());
  ENSURE(set.drawers.empty() || static_cast<int64_t>(set.drawers.size()) == set.size(), where, ": expected ", set.size(),
         " drawers or none, got ", set.drawers.size());
  for (int64_t i = 0; i < set.size(); ++i) {
    const int32_t label = set.labels[static_cast<size_t>(i)];
    ENSURE(label >= 0 && label < static_cast<int64_t>(set.classes.size()), where, ": label ", i,
           ": expected a class from 0 to ", static_cast<int64_t>(set.classes.size()) - 1, ", got ", label);
  }
}

Split::Split(std::string name, std::shared_ptr<const ImageSet> images, std::vector<int64_t> indices)
    : name_(std::move(name)),
      images_(std::move(images)),
      indices_(std::move(indices)),
      reads_(std::make_shared<std::atomic<int64_t>>(0)) {
  for (const int64_t i : indices_)
    ENSURE(i >= 0 && i < images_->size(), "split ", name_, ": expected an index from 0 to ", images_->size() - 1,
           ", got ", i);
}

Split::Split(std::string name, std::shared_ptr<const ImageSet> images)
    : Split(std::move(name), images, first_integers(images->size())) {}

std::vector<int32_t> Split::labels() const {
  std::vector<int32_t> labels;
  labels.reserve(indices_.size());
  for (int64_t i = 0; i < size(); ++i) labels.push_back(label(i));
  return labels;
}

std::vector<int64_t> Split::class_counts() const {
  std::vector<int64_t> counts(classes().size(), 0);
  for (int64_t i = 0; i < size(); ++i) ++counts[static_cast<size_t>(label(i))];
  return counts;
}

Split Split::subset(std::span<const int64_t> positions, std::string name) const {
  Split part = *this;
  part.name_ = std::move(name);
  part.indices_.clear();
  for (const int64_t p : positions) {
    ENSURE(p >= 0 && p < size(), "split ", name_, ": expected a position from 0 to ", size() - 1, ", got ", p);
    part.indices_.push_back(indices_[static_cast<size_t>(p)]);
  }
  return part;
}

}  // namespace fewer
