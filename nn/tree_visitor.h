// The base of visitors that walk a network: depth first, as described, keeping the path. Plain fields are ignored.
//
//   struct CountBuffers final : TreeVisitor {
//     int64_t count = 0;
//     void buffer(std::string_view, Tensor&, const Shape&) override { ++count; }
//   } counter;
//   counter.walk(net);
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/error.h"
#include "nn/module.h"

namespace fewer {

class TreeVisitor : public ModuleVisitor {
 public:
  TreeVisitor() : ModuleVisitor(ignore_fields_) {}
  TreeVisitor(const TreeVisitor&) = delete;  // refers to a member of its own
  TreeVisitor& operator=(const TreeVisitor&) = delete;

  void walk(Layer& root) {
    enter(root);
    root->describe(*this);
  }
  void parameter(std::string_view, Parameter&, const Shape&, ParameterRole) override {}
  void buffer(std::string_view, Tensor&, const Shape&) override {}
  void child(std::string_view name, Layer& child) override {
    if (child.empty()) return;
    const size_t length = path_.size();
    path_ = full(name);
    walk(child);
    path_.resize(length);
  }
  void children(std::string_view name, std::vector<Layer>& children) override {
    for (size_t i = 0; i < children.size(); ++i)
      child(name.empty() ? std::to_string(i) : text(name, ".", i), children[i]);
  }

 protected:
  virtual void enter(Layer&) {}  // before the layer is described; its path is path_
  std::string full(std::string_view name) const { return path_.empty() ? std::string(name) : text(path_, ".", name); }
  std::string path_;

 private:
  IgnoringVisitor ignore_fields_;
};

}  // namespace fewer
