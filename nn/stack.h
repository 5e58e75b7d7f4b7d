// Stack: a Sequential in the making, which knows the shape of one example after every layer.
//
// So a builder names output sizes only, and an input too small for the stack is refused with the layer's name before anything
// runs. Every layer draws its initial values from a stream named after its path: adding one layer leaves the others as they
// were, and two networks with a layer of the same path and shape start it alike.
//
//   Stack stack("lenet_5", {28, 28, 1}, rng, init);
//   stack.conv("conv1", {.out = 20, .kernel = 5});       // -> [24, 24, 20]
//   stack.max_pool("pool1");                             // -> [12, 12, 20]
#pragma once

#include <string>

#include "core/rng.h"
#include "nn/activation.h"
#include "nn/conv.h"
#include "nn/init.h"
#include "nn/norm.h"
#include "nn/pool.h"
#include "nn/sequential.h"

namespace fewer {

// Batch norm as networks are configured with it.
struct NormConfig {
  bool scale = true, shift = true;
  double momentum = 0.1;
  double epsilon = 1e-5;
  int64_t steps = 1;                          // inner steps with running statistics of their own
  bool affine_per_step = false;
  InitConfig scale_init = ConstantInit{1};
  void describe(Visitor& v);
};

class Stack {
 public:
  // `input` is one example: [H, W, C] or [D]. Errors, all kConfig, name `network` and the layer.
  Stack(std::string network, const Shape& input, const Rng& rng, const LayerInit& init);
  // A part of it, to be added under `name` later: starts with the shape reached.
  Stack inside(const std::string& name) const;

  const Shape& shape() const { return shape_; }

  // Images [H, W, C] only; spec.in is filled in.
  void conv(const std::string& name, Conv2dSpec spec);
  void max_pool(const std::string& name, const PoolSpec& spec = {});
  void global_average_pool(const std::string& name);  // -> [C]
  void global_max_pool(const std::string& name);      // -> [C]
  // Vectors [D] only.
  void linear(const std::string& name, int64_t out) { linear(name, out, init_); }
  void linear(const std::string& name, int64_t out, const LayerInit& init);
  // Any shape.
  void norm(const std::string& name, const NormConfig& config);
  void relu(const std::string& name) { add(name, fewer::relu(), shape_); }
  void maxout(const std::string& name, int64_t pieces);
  void dropout(const std::string& name, double probability);  // adds nothing when it is 0
  void flatten(const std::string& name);                      // -> [D]; adds nothing when it is one already
  void add(const std::string& name, Layer layer, const Shape& output);
  void add(const std::string& name, const Stack& part) { add(name, part.layers_, part.shape_); }

  const Sequential& layers() const { return layers_; }

 private:
  std::string where(const std::string& name) const;   // for messages
  Rng stream(const std::string& name) const;
  // The image after windows slid over it. Throws when it has no room for one.
  Extent after(const std::string& name, Extent kernel, Extent stride, const Padding2d& padding, Extent dilation, bool ceil) const;
  void expect_image(const std::string& name) const;

  std::string network_, path_;
  Shape shape_;
  Rng rng_;
  LayerInit init_;
  Sequential layers_;
};

}  // namespace fewer
