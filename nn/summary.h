// What a network costs: a table of its layers, made by observing one forward pass, and the memory of a training step.
#pragma once

#include <string>
#include <vector>

#include "nn/module.h"

namespace fewer {

struct LayerRow {
  std::string path = {};      // "stage2.0.conv1"
  std::string kind = {};      // "conv2d"
  Shape output = {};          // of one example; empty when the pass did not reach the layer
  int64_t parameters = 0;     // its own, not its children's
  int64_t multiply_adds = 0;  // of one example, its own
};

struct Summary {
  Shape input = {};              // one example
  std::vector<LayerRow> layers = {};  // as described; a layer with children only when it does some work itself
  int64_t parameters = 0;
  int64_t multiply_adds = 0;     // of one example
};

// Passes one example of zeros through `net`. Throws what the network throws when the example does not fit.
Summary summarize(const Layer& net, const Shape& example);
std::string format_summary(const Summary& summary);  // aligned columns and a line of totals, ends with a newline

// The most bytes that values, their graph and gradients hold during a forward and backward pass over `batch` examples, beyond the
// parameters. Measured on a few examples, then carried on linearly. It resets the pool's peak (core/storage.h).
int64_t training_bytes(const Layer& net, const Shape& example, int64_t batch);

}  // namespace fewer
