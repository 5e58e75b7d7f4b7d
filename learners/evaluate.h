// How good a classifier is on a split.
#pragma once

#include <cstdint>
#include <vector>

#include "datasets/image_set.h"
#include "datasets/normalization.h"
#include "nn/module.h"

namespace fewer {

struct Evaluation {
  int64_t images = 0;
  int64_t errors = 0;      // images whose largest logit is not the label's
  double loss = 0;         // mean cross-entropy
  std::vector<int64_t> confusion;  // [K, K], row: label, column: prediction

  double error_rate() const { return images > 0 ? static_cast<double>(errors) / static_cast<double>(images) : 0; }
  double accuracy() const { return 1 - error_rate(); }
};

// Each image once, in order, in inference mode, recording nothing. `net` maps [N, H, W, C] to logits [N, K].
Evaluation evaluate(const Layer& net, const Split& split, const Normalization& normalization, int64_t batch);

}  // namespace fewer
