// --dry-run: what a run would train, what memory it would take and how long, without training anything.
#pragma once

#include <cstdint>

#include "core/function_ref.h"
#include "core/shape.h"
#include "datasets/image_set.h"
#include "nn/module.h"

namespace fewer {

struct Preview {
  const Layer& net;
  Shape input_shape;                      // of one image, [H, W, C]
  int64_t batch = 0;
  int64_t last_batch = 0;                 // images of an epoch's last step
  int64_t evaluation_batch = 0;           // images at a time where nothing is trained
  int64_t classes = 0;
  int64_t steps = 0;                      // training steps of the whole run
  int64_t evaluated = 0;                  // images that pass through the network without training, in the whole run
  int64_t data_bytes = 0;                 // that the data set holds in memory
  FunctionRef<void(const Tensor& x, const IntTensor& y)> train_step;  // one step on a network that is thrown away
};

// Prints the layer table, the memory and the time to standard output. Both are measured: this process, which holds the data
// already, takes a few steps and evaluates a batch, all on synthetic images.
void print_preview(const Preview& preview);

}  // namespace fewer
