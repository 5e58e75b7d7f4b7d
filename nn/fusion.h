// Fusion: which layers in a row run as one op, because one pass over memory then does what several did.
//
//   batch norm -> ReLU                     one op, forward and backward
//   batch norm -> ReLU -> max pooling      likewise, where batch statistics are used
//   batch norm -> end of a residual body   likewise: the sum with the shortcut, and the ReLU after it
//   convolution -> ReLU                    applied as the convolution stores its sums
//   convolution -> ReLU -> max pooling     the pool rectifies as it stores: the gradient needs no pass for the ReLU
//   convolution -> end of a residual body  likewise the sum with the shortcut, and the ReLU after it
//   convolution -> batch norm [-> ...]     in evaluation, where the norm is a fixed map per channel and nothing is recorded:
//                                          the norm is folded into the convolution's weights and bias
//
// The result is that of the layers one by one, within rounding. A value that a tap wants is always computed: a pattern
// applies only where no tap wants what it would skip. Sequential asks here before it runs a layer. An observer sees the ops
// that run; who must see each layer's own parameters taps the layers.
//
// A new pattern is a function in fusion.cpp that takes a stretch, and a line in run_fused.
#pragma once

#include "core/tensor.h"
#include "nn/pass.h"

namespace fewer {

class Sequential;

// What follows the last layer of a residual body: y = activation(last + addend).
struct Ending {
  Tensor addend = {};  // undefined: nothing follows
  bool relu = false;

  // The same in ops of its own. Throws, naming the block, when the shapes differ.
  Tensor apply(const Tensor& last, const Pass& pass) const;
};

// Layers [begin, end) of a Sequential that are about to run, and what follows the last. Layers count from `begin`.
struct Stretch {
  const Sequential& layers;
  size_t begin, end;
  const Pass& pass;
  const Ending& ending;

  size_t size() const { return end - begin; }
  template <class M>
  const M* as(size_t i) const;       // layer i, when there is one and it is of kind M; else nullptr
  bool relu_at(size_t i) const;      // whether layer i is one
  Pass pass_of(size_t i) const;      // the pass as layer i sees it
  bool wanted(size_t i) const;       // whether a tap wants what layer i gives
  bool ends_with(size_t i) const;    // whether the ending follows layer i and no tap wants the value between
};

struct FusedRun {
  size_t layers = 0;   // how many layers ran; 0: no pattern applies
  bool ended = false;  // whether the ending is part of y
  Tensor y = {};
};

// Runs the first layers of the stretch on x as one op, if a pattern fits. The caller serves the tap of the last of them.
FusedRun run_fused(const Stretch& stretch, const Tensor& x);

}  // namespace fewer
