#include "nn/module.h"

#include "core/error.h"
#include "nn/tree_visitor.h"

namespace fewer {
namespace {

// Calls on_parameter(name(), parameter, role): the name is built only when asked for.
template <class OnParameter>
class ParameterWalk final : public TreeVisitor {
 public:
  explicit ParameterWalk(OnParameter on_parameter) : on_parameter_(std::move(on_parameter)) {}
  void parameter(std::string_view name, Parameter& parameter, const Shape&, ParameterRole role) override {
    if (parameter.defined()) on_parameter_([&] { return full(name); }, parameter, role);
  }

 private:
  OnParameter on_parameter_;
};

// describe() is not const because readers write through it; a walk changes only what its lambda changes.
template <class OnParameter>
void for_each_parameter(const Layer& net, OnParameter on_parameter) {
  ParameterWalk<OnParameter>(std::move(on_parameter)).walk(const_cast<Layer&>(net));
}

}  // namespace

void Parameter::set_trainable(bool on) {
  trainable_ = on;
  if (defined()) set(value_);
}

Real* Parameter::mutable_data() {
  NodePtr leaf = value_.node();
  const uint32_t output = value_.output_index();
  value_.hang_on({}, 0);
  Real* data = value_.mutable_data();
  value_.hang_on(std::move(leaf), output);
  return data;
}

std::vector<Tensor> parameters(const Layer& net) {
  std::vector<Tensor> result;
  for_each_parameter(net, [&](auto&&, Parameter& p, ParameterRole) {
    if (p.trainable()) result.push_back(p.value());
  });
  return result;
}

std::vector<NamedParameter> named_parameters(Layer& net, bool include_frozen) {
  std::vector<NamedParameter> result;
  for_each_parameter(net, [&](auto&& name, Parameter& p, ParameterRole role) {
    if (p.trainable() || include_frozen) result.push_back({name(), &p, role});
  });
  return result;
}

std::vector<NamedBuffer> named_buffers(Layer& net) {
  struct Walk final : TreeVisitor {
    std::vector<NamedBuffer> found;
    void buffer(std::string_view name, Tensor& buffer, const Shape&) override { found.push_back({full(name), &buffer}); }
  } walk;
  walk.walk(net);
  return std::move(walk.found);
}

std::vector<NamedModule> named_modules(Layer& net) {
  struct Walk final : TreeVisitor {
    std::vector<NamedModule> found;
    void enter(Layer& layer) override { found.push_back({path_, &*layer}); }
  } walk;
  walk.walk(net);
  return std::move(walk.found);
}

Layer* find_layer(Layer& net, std::string_view name) {
  struct Walk final : TreeVisitor {
    std::string_view wanted;
    Layer* found = nullptr;
    void enter(Layer& layer) override {
      if (path_ == wanted) found = &layer;
    }
  } walk;
  walk.wanted = name;
  walk.walk(net);
  return walk.found;
}

int64_t parameter_count(const Layer& net) {
  int64_t count = 0;
  for_each_parameter(net, [&](auto&&, Parameter& p, ParameterRole) { count += p.shape().numel(); });
  return count;
}

void freeze(Layer& net) {
  for_each_parameter(net, [](auto&&, Parameter& p, ParameterRole) { p.set_trainable(false); });
}

Layer with_parameters(const Layer& net, std::span<const Tensor> theta) {
  Layer copy = net;
  size_t next = 0;
  for_each_parameter(copy, [&](auto&& name, Parameter& p, ParameterRole) {
    if (!p.trainable()) return;
    ENSURE(next < theta.size(), "with_parameters: ", theta.size(), " tensors were given, but the network has more parameters");
    ENSURE(theta[next].shape() == p.shape(), "with_parameters: ", name(), " has shape ", p.shape(), ", tensor ", next, " has ",
           theta[next].shape());
    p.bind(theta[next++]);
  });
  ENSURE(next == theta.size(), "with_parameters: ", theta.size(), " tensors were given for ", next, " parameters");
  return copy;
}

}  // namespace fewer
