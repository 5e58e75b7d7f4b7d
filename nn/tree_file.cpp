#include "nn/tree_file.h"

#include <algorithm>

#include "core/error.h"
#include "nn/kinds.h"
#include "nn/tree_visitor.h"

namespace fewer {
namespace {

// Turns what a module lists into plain fields: children into objects, parameters and buffers into nothing.
class TreeFields final : public ModuleVisitor {
 public:
  using ModuleVisitor::ModuleVisitor;
  void parameter(std::string_view, Parameter&, const Shape&, ParameterRole) override {}
  void buffer(std::string_view, Tensor&, const Shape&) override {}

  void child(std::string_view name, Layer& child) override {
    const auto set_present = [&](bool present) {
      if (!present) child = Layer();
    };
    const auto describe = [&](Visitor& v) { v.object(name, [&](Visitor& fields) { describe_tree(fields, child); }); };
    target_.optional(name, !child.empty(), set_present, describe, {.required = true});
  }

  void children(std::string_view name, std::vector<Layer>& children) override {
    const auto resize = [&](int64_t size) { children.resize(static_cast<size_t>(size)); };
    const auto element = [&](int64_t i, Visitor& item) {
      item.object("", [&](Visitor& fields) { describe_tree(fields, children[static_cast<size_t>(i)]); });
    };
    target_.list(name.empty() ? "children" : name, static_cast<int64_t>(children.size()), resize, element,
                 {.required = true});
  }
};

// Calls on_value(name, shape, Parameter*, Tensor*) for everything that has values; one of the two pointers is null.
template <class OnValue>
class ValueWalk final : public TreeVisitor {
 public:
  explicit ValueWalk(OnValue on_value) : on_value_(std::move(on_value)) {}
  void parameter(std::string_view name, Parameter& parameter, const Shape& shape, ParameterRole) override {
    on_value_(full(name), shape, &parameter, nullptr);
  }
  void buffer(std::string_view name, Tensor& buffer, const Shape& shape) override {
    on_value_(full(name), shape, nullptr, &buffer);
  }

 private:
  OnValue on_value_;
};

// describe() is not const because readers write through it; a walk changes only what its lambda changes.
template <class OnValue>
void for_each_value(const Layer& net, OnValue on_value) {
  if (!net.empty()) ValueWalk<OnValue>(std::move(on_value)).walk(const_cast<Layer&>(net));
}

}  // namespace

void describe_tree(Visitor& v, Layer& layer) {
  std::string kind = layer.empty() ? "" : layer->kind();
  v.field("kind", kind, {.choices = known_kinds(), .required = true});
  if (kind.empty()) return;  // the reader found no kind that is known, and said so
  if (layer.empty() || kind != layer->kind()) layer = make_layer(kind);
  TreeFields fields(v);
  layer->describe(fields);
}

void store_values(const Layer& net, const std::string& prefix, Safetensors& file) {
  for_each_value(net, [&](const std::string& name, const Shape& shape, Parameter* parameter, Tensor* buffer) {
    const Tensor& value = parameter ? parameter->value() : *buffer;
    ENSURE(value.defined(), "cannot save the network: ", name, " ", shape, " has no value yet");
    ENSURE(value.shape() == shape, "cannot save the network: ", name, " should be ", shape, ", but is ", value.shape());
    file.add(prefix + name, value);
  });
}

void load_values(Layer& net, const std::string& prefix, const Safetensors& file, const std::string& where) {
  for_each_value(net, [&](const std::string& name, const Shape& shape, Parameter* parameter, Tensor* buffer) {
    const Safetensors::Entry* entry = file.find(prefix + name);
    if (!entry) fail_data(where, ": tensor \"", prefix, name, "\" ", shape, " is missing");
    const Tensor value = to_tensor(*entry, where);
    if (value.shape() != shape)
      fail_data(where, ": tensor \"", prefix, name, "\" should be ", shape, ", but is ", value.shape());
    if (parameter) parameter->set(value);
    else *buffer = value;
  });
}

std::vector<std::string> frozen_parameters(const Layer& net) {
  std::vector<std::string> names;
  for_each_value(net, [&](const std::string& name, const Shape&, Parameter* parameter, Tensor*) {
    if (parameter && !parameter->trainable()) names.push_back(name);
  });
  return names;
}

void freeze_parameters(Layer& net, const std::vector<std::string>& names, const std::string& where) {
  size_t frozen = 0;
  for_each_value(net, [&](const std::string& name, const Shape&, Parameter* parameter, Tensor*) {
    if (!parameter || std::find(names.begin(), names.end(), name) == names.end()) return;
    parameter->set_trainable(false);
    ++frozen;
  });
  if (frozen != names.size())
    fail_data(where, ": of the ", names.size(), " frozen parameters only ", frozen, " are in the network");
}

int64_t value_count(const Layer& net) {
  int64_t count = 0;
  for_each_value(net, [&](const std::string&, const Shape&, Parameter*, Tensor*) { ++count; });
  return count;
}

}  // namespace fewer
