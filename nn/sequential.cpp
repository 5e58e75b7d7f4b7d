#include "nn/sequential.h"

#include <algorithm>

#include "core/error.h"

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

Tensor Sequential::run(const Tensor& x, const Pass& pass, size_t begin, size_t end, const Ending& ending) const {
  Tensor h = x;
  bool ended = false;
  for (size_t i = begin; i < end;) {
    FusedRun fused = run_fused({*this, i, end, pass, ending}, h);
    if (fused.layers == 0) {
      h = layers_[i].forward(h, pass, names_[i]);
      ++i;
      continue;
    }
    i += fused.layers;
    ended = fused.ended;
    h = ended ? std::move(fused.y) : pass.tap(names_[i - 1], fused.y);
  }
  return ended ? h : ending.apply(h, pass);
}

}  // namespace fewer
