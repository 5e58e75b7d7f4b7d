// A data set as a training run sees it: three splits of the same kind of image and the normalisation of the first.
#pragma once

#include <string>
#include <vector>

#include "datasets/image_set.h"
#include "datasets/normalization.h"

namespace fewer {

struct Dataset {
  std::string name;
  Split train;
  Split validation;             // the data set's own, or held out of the training images; empty when the config asks for none
  Split test;                   // read once, by the chosen model
  Normalization normalization;  // computed from `train`

  Shape image_shape() const { return train.images().image_shape(); }  // [H, W, C]
  const std::vector<std::string>& classes() const { return train.classes(); }
  int64_t class_count() const { return static_cast<int64_t>(classes().size()); }
};

}  // namespace fewer
