// Modules: networks as trees of values.
//
// A layer is a value. Copying one is a snapshot: the copy shares storage until somebody writes, and has leaves of its own in
// the gradient graph, so a teacher, a best-so-far copy or a clone for MAML never changes under its owner. A layer lists its
// fields, parameters, buffers and children in one method, `describe`; parameters(net), files, surgery and tables are
// visitors over it. `forward` is const: what a pass collects (batch statistics) goes into the Pass, and the training loop
// commits it.
//
//   struct Linear final : ModuleKind<Linear> {
//     static constexpr const char* kKind = "linear";
//     int64_t in = 0, out = 0;
//     Parameter weight;                                            // [in, out]
//     void describe(ModuleVisitor& v) override {
//       v.field("in", in, {.min = 1});
//       v.field("out", out, {.min = 1});
//       v.parameter("weight", weight, {in, out}, ParameterRole::kWeight);
//     }
//     Tensor forward(const Tensor& x, const Pass&) const override { return matmul(x, weight.value()); }
//   };
#pragma once

#include <concepts>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/autograd.h"
#include "core/describe.h"
#include "core/tensor.h"
#include "nn/pass.h"

namespace fewer {

class Layer;

// What a parameter is for, so that optimiser groups can say "no weight decay on biases and norms".
enum class ParameterRole { kWeight, kBias, kNormScale, kNormShift };

// A tensor that training changes. Trainable: a leaf that gradients reach. Frozen: a constant that costs no gradient work.
class Parameter {
 public:
  Parameter() = default;  // undefined; a constructor or a file fills it
  explicit Parameter(const Tensor& initial) { set(initial); }
  Parameter(const Parameter& other) : trainable_(other.trainable_) {
    if (other.defined()) set(other.value_);
  }
  Parameter(Parameter&&) noexcept = default;
  Parameter& operator=(Parameter other) noexcept {
    value_ = std::move(other.value_);
    trainable_ = other.trainable_;
    return *this;
  }

  bool defined() const { return value_.defined(); }
  const Tensor& value() const { return value_; }
  const Shape& shape() const { return value_.shape(); }
  bool trainable() const { return trainable_; }

  void set(const Tensor& value) { value_ = trainable_ ? variable(value) : value.detach(); }  // new values, new leaf
  void set_trainable(bool on);
  void bind(const Tensor& value) { value_ = value; }  // stands for `value` and its history: functional calling
  Real* mutable_data();  // for optimisers: in place when nobody shares the storage, else on a copy; the leaf stays

 private:
  Tensor value_;
  bool trainable_ = true;
};

// Lists a module. Fields as in core/describe.h; what follows is what only modules have.
class ModuleVisitor : public ForwardingVisitor {
 public:
  using ForwardingVisitor::ForwardingVisitor;
  // `shape` is what the fields described before imply: a file must agree with it.
  virtual void parameter(std::string_view name, Parameter& parameter, const Shape& shape, ParameterRole role) = 0;
  virtual void buffer(std::string_view name, Tensor& buffer, const Shape& shape) = 0;  // saved, not trained
  virtual void child(std::string_view name, Layer& child) = 0;                         // exactly one
  virtual void children(std::string_view name, std::vector<Layer>& children) = 0;      // a list, named by position
};

class Module {
 public:
  virtual ~Module() = default;
  virtual const char* kind() const = 0;
  virtual void describe(ModuleVisitor& v) = 0;
  virtual Tensor forward(const Tensor& x, const Pass& pass) const = 0;
  virtual std::unique_ptr<Module> clone() const = 0;
};

// Gives a kind its name and its copy; the kind itself declares kKind.
template <class Self>
class ModuleKind : public Module {
 public:
  const char* kind() const override { return Self::kKind; }
  std::unique_ptr<Module> clone() const override { return std::make_unique<Self>(static_cast<const Self&>(*this)); }
};

// A module by value: owns one, copies it when copied. Calling it also serves the taps of the pass.
class Layer {
 public:
  Layer() = default;  // empty
  template <class M>
    requires std::derived_from<M, Module>
  Layer(M module) : module_(std::make_unique<M>(std::move(module))) {}  // NOLINT: implicit, so that {Conv2d(...), Relu()} is a list
  explicit Layer(std::unique_ptr<Module> module) : module_(std::move(module)) {}
  Layer(const Layer& other) : module_(other.module_ ? other.module_->clone() : nullptr) {}
  Layer(Layer&&) noexcept = default;
  Layer& operator=(Layer other) noexcept {
    module_ = std::move(other.module_);
    return *this;
  }

  // The module's result at this place of the pass, or what a tap set on the place makes of it.
  Tensor forward(const Tensor& x, const Pass& pass) const {
    Tensor y = module_->forward(x, pass);
    return pass.taps ? pass.taps->visit(pass.path(), y) : y;
  }
  Tensor forward(const Tensor& x, const Pass& parent, std::string_view name) const {
    const Pass pass = parent.in(name);
    return forward(x, pass);
  }

  bool empty() const { return !module_; }
  Module& operator*() { return *module_; }
  const Module& operator*() const { return *module_; }
  Module* operator->() { return module_.get(); }
  const Module* operator->() const { return module_.get(); }
  template <class M>
  M* as() { return dynamic_cast<M*>(module_.get()); }  // nullptr when it is of another kind
  template <class M>
  const M* as() const { return dynamic_cast<const M*>(module_.get()); }

 private:
  std::unique_ptr<Module> module_;
};

// --- what visitors over a tree answer. Order: as described, depth first; names joined by '.'. ---

struct NamedParameter {
  std::string name;  // "stage2.0.conv1.weight"
  Parameter* parameter;
  ParameterRole role;
};
struct NamedBuffer {
  std::string name;
  Tensor* buffer;
};
struct NamedModule {
  std::string name;  // "" for the root
  Module* module;
};

std::vector<Tensor> parameters(const Layer& net);  // the trainable ones' values: for grad()
std::vector<NamedParameter> named_parameters(Layer& net, bool include_frozen = false);
std::vector<NamedBuffer> named_buffers(Layer& net);
std::vector<NamedModule> named_modules(Layer& net);
Layer* find_layer(Layer& net, std::string_view name);  // nullptr when there is none of that name
int64_t parameter_count(const Layer& net);             // elements, frozen ones included

void freeze(Layer& net);  // no parameter is trainable any more
// A copy whose trainable parameters stand for `theta`, in the order of parameters(net): f(x; theta), differentiable in theta.
Layer with_parameters(const Layer& net, std::span<const Tensor> theta);

}  // namespace fewer
