// Pass: everything about one forward pass that is not a parameter. There is no train/eval state inside a network.
//
//   Statistics statistics;
//   Tensor logits = net.forward(x, {.training = true, .rng = &rng, .statistics = &statistics});
//   ... grad, step ...
//   commit_statistics(net, statistics);                                    // nn/norm.h
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/rng.h"
#include "core/tensor.h"

namespace fewer {

// Whose statistics batch norm normalises with (section 0.5 of the few-shot specification).
enum class BnMode {
  kRunning,  // training: this batch's, collected for the running ones; otherwise the running ones
  kBatch,    // this batch's, always
  kSupport,  // those an earlier pass (the support set) left, handed over in `given`; without `given`: this batch's, left in `statistics`
  kPerStep,  // as kRunning, with separate running statistics for every inner step
};

// What batch-norm layers saw in a pass.
struct Statistics {
  struct Entry {
    std::string path;       // of the layer
    Tensor mean, variance;  // [C]; tracked in kSupport mode, so that gradients flow through the support set
    int64_t count = 0;      // values per channel, for the unbiased running variance
    int64_t step = 0;       // the inner step (kPerStep)
  };
  std::vector<Entry> entries;
  const Entry* find(std::string_view path) const;  // nullptr when the layer left nothing
};

// Places that a method looks at or takes over. A place is the path of a layer; its value is the layer's output.
class Taps {
 public:
  using Replace = std::function<Tensor(const Tensor&)>;

  void observe(const std::string& path);                    // keep the value: see value()
  void replace(const std::string& path, Replace function);  // go on with function(value)
  const Tensor& value(const std::string& path) const;       // of the last pass. Throws when it was not reached
  void clear_values();

  // Whether some place lies at `path` or below it: such a layer runs unfused, so that every place has its value.
  bool wants_inside(const std::string& path) const;
  // Whether a place is set on `path` itself. Asked of a place that a fused layer could skip; it counts as reached.
  bool wants(const std::string& path);
  Tensor visit(const std::string& path, const Tensor& value);
  void ensure_all_reached() const;  // throws, listing what there is, when a place was never reached: a misspelt name

 private:
  struct Place {
    bool keep = false;
    Replace replace;
    Tensor value;
  };
  void note(const std::string& path);

  std::map<std::string, Place> places_;
  std::vector<std::string> seen_;  // every place that exists, in the order met, for the error message
};

struct Pass {
  bool training = false;
  Rng* rng = nullptr;                 // for dropout and other noise; layers that draw insist on it
  Taps* taps = nullptr;
  int64_t step = 0;                   // inner step of a meta-learner
  Statistics* statistics = nullptr;   // where batch-norm layers leave what they saw
  const Statistics* given = nullptr;  // statistics to normalise with (BnMode::kSupport)
  BnMode bn_mode = BnMode::kRunning;

  // Where in the tree the pass is; set by in().
  const Pass* parent = nullptr;
  std::string_view name = {};

  // The pass of a child: the same, one name deeper. Parent and name must outlive it, as they do down a forward call.
  Pass in(std::string_view child_name) const {
    Pass child = *this;
    child.parent = this;
    child.name = child_name;
    return child;
  }
  std::string path() const;  // "stage2.0.conv1"; "" at the root

  // For values that are no layer's output: `value`, or what a tap set on this name makes of it.
  Tensor tap(std::string_view value_name, const Tensor& value) const {
    return taps ? taps->visit(in(value_name).path(), value) : value;
  }
};

}  // namespace fewer
