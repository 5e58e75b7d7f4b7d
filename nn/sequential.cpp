#include "nn/sequential.h"

#include <algorithm>

#include "core/error.h"
#include "nn/activation.h"
#include "nn/norm.h"

namespace fewer {
namespace {

bool is_name(const std::string& name) { return !name.empty() && name.find('.') == std::string::npos; }

bool all_names_good(const std::vector<std::string>& names) {
  for (auto name = names.begin(); name != names.end(); ++name)
    if (!is_name(*name) || std::find(names.begin(), name, *name) != name) return false;
  return true;
}

}  // namespace

Sequential::Sequential(std::initializer_list<NamedLayer> layers) {
  for (const NamedLayer& item : layers) add(item.name, item.layer);
}

Sequential::Sequential(std::initializer_list<Layer> layers) {
  for (const Layer& layer : layers) add(std::to_string(size()), layer);
}

void Sequential::add(std::string name, Layer layer) {
  ENSURE(is_name(name), "sequential: \"", name, "\" is no name for a layer; use one without dots");
  ENSURE(std::find(names_.begin(), names_.end(), name) == names_.end(), "sequential: there are two layers named \"", name, "\"");
  ENSURE(!layer.empty(), "sequential: layer \"", name, "\" is empty");
  names_.push_back(std::move(name));
  layers_.push_back(std::move(layer));
}

void Sequential::describe(ModuleVisitor& v) {
  v.field("names", names_, {.help = "of the layers, in order"});
  const bool good = all_names_good(names_);
  v.check(good, "names must be unique, not empty and without dots", {"names"});
  if (!good) return;
  layers_.resize(names_.size());
  for (size_t i = 0; i < layers_.size(); ++i) {
    v.child(names_[i], layers_[i]);
    if (layers_[i].empty()) v.check(false, text("layer \"", names_[i], "\" is null"), {"names"});
  }
}

Tensor Sequential::run(const Tensor& x, const Pass& pass, size_t begin, size_t end) const {
  Tensor h = x;
  for (size_t i = begin; i < end; ++i) {
    if (const BatchNorm* norm = fusible_norm(i, end, pass)) {
      h = norm->run(h, pass.in(names_[i]), FusedActivation::kRelu);
      h = pass.tap(names_[++i], h);
    } else {
      h = layers_[i].forward(h, pass, names_[i]);
    }
  }
  return h;
}

const BatchNorm* Sequential::fusible_norm(size_t i, size_t end, const Pass& pass) const {
  const BatchNorm* norm = layers_[i].as<BatchNorm>();
  if (!norm || i + 1 == end) return nullptr;
  const Activation* activation = layers_[i + 1].as<Activation>();
  if (!activation || activation->function != ActivationFunction::kRelu) return nullptr;
  return pass.taps && pass.taps->wants(pass.in(names_[i]).path()) ? nullptr : norm;
}

}  // namespace fewer
