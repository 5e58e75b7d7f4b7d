// Pooling, and leaving the image plane.
#pragma once

#include "nn/geometry.h"
#include "nn/module.h"
#include "ops/ops.h"

namespace fewer {

struct PoolSpec {
  Extent kernel = 2;
  Extent stride = 2;
  Padding2d padding = 0;   // padded places never win a max nor count in a mean
  bool ceil_mode = false;  // also windows that begin inside but end outside
  void describe(Visitor& v);
  Pool2dOptions options(Extent image) const;
};

struct MaxPool final : ModuleKind<MaxPool> {  // [N, H, W, C] -> [N, H', W', C]
  static constexpr const char* kKind = "max_pool";
  PoolSpec spec;
  MaxPool() = default;
  explicit MaxPool(const PoolSpec& s) : spec(s) {}
  void describe(ModuleVisitor& v) override { spec.describe(v); }
  Tensor forward(const Tensor& x, const Pass& pass) const override { return run(x, pass, FusedActivation::kNone); }
  Tensor run(const Tensor& x, const Pass& pass, FusedActivation activation) const;  // the activation before or after: the same
};

struct AveragePool final : ModuleKind<AveragePool> {  // [N, H, W, C] -> [N, H', W', C]
  static constexpr const char* kKind = "average_pool";
  PoolSpec spec;
  AveragePool() = default;
  explicit AveragePool(const PoolSpec& s) : spec(s) {}
  void describe(ModuleVisitor& v) override { spec.describe(v); }
  Tensor forward(const Tensor& x, const Pass& pass) const override;
};

struct GlobalAveragePool final : ModuleKind<GlobalAveragePool> {  // [N, H, W, C] -> [N, C]
  static constexpr const char* kKind = "global_average_pool";
  void describe(ModuleVisitor&) override {}
  Tensor forward(const Tensor& x, const Pass&) const override { return global_average_pool(x); }
};

struct GlobalMaxPool final : ModuleKind<GlobalMaxPool> {  // [N, H, W, C] -> [N, C]
  static constexpr const char* kKind = "global_max_pool";
  void describe(ModuleVisitor&) override {}
  Tensor forward(const Tensor& x, const Pass&) const override { return global_max_pool(x); }
};

struct Flatten final : ModuleKind<Flatten> {  // [N, H, W, C] -> [N, H*W*C]; any shape with a batch axis
  static constexpr const char* kKind = "flatten";
  void describe(ModuleVisitor&) override {}
  Tensor forward(const Tensor& x, const Pass&) const override { return flatten(x); }
};

}  // namespace fewer
