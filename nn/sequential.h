// Sequential: layers one after another, each with a name.
//
//   Sequential({{"conv1", Conv2d({.in = 1, .out = 20, .kernel = 5}, rng)}, {"relu1", relu()}})      named
//   Sequential({Linear({.in = 784, .out = 10}, rng), relu()})                                       named "0", "1"
//
// Neighbours run as one op where nn/fusion.h knows how: a convolution or a batch norm with the ReLU behind it, and in evaluation
// a batch norm inside the convolution before it. A tap that wants the value between two layers keeps them apart.
#pragma once

#include <initializer_list>
#include <string>
#include <vector>

#include "nn/fusion.h"
#include "nn/module.h"

namespace fewer {

struct NamedLayer {
  std::string name;  // no dots; unique among its siblings
  Layer layer;
};

class Sequential final : public ModuleKind<Sequential> {
 public:
  static constexpr const char* kKind = "sequential";
  Sequential() = default;
  Sequential(std::initializer_list<NamedLayer> layers);
  Sequential(std::initializer_list<Layer> layers);

  void add(std::string name, Layer layer);  // throws when the name is taken, empty or has a dot
  size_t size() const { return layers_.size(); }
  const std::string& name(size_t i) const { return names_[i]; }
  Layer& operator[](size_t i) { return layers_[i]; }
  const Layer& operator[](size_t i) const { return layers_[i]; }

  void describe(ModuleVisitor& v) override;
  Tensor forward(const Tensor& x, const Pass& pass) const override { return run(x, pass, 0, size()); }
  // Layers begin <= i < end only, and what follows them.
  Tensor run(const Tensor& x, const Pass& pass, size_t begin, size_t end, const Ending& ending = {}) const;

 private:
  std::vector<std::string> names_;
  std::vector<Layer> layers_;
};

}  // namespace fewer
