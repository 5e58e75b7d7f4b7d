#include "tests/support/forgotten_member.h"

#include <algorithm>
#include <set>

#include "core/error.h"

namespace fewer::testing {
namespace {

// Nodes without inputs that can be reached from `output`.
std::set<const Node*> leaves_of(const Tensor& output) {
  std::set<const Node*> seen, leaves;
  std::vector<const Node*> stack;
  const auto visit = [&](const Node* node) {
    if (node && seen.insert(node).second) stack.push_back(node);
  };
  visit(output.node().get());
  while (!stack.empty()) {
    const Node* node = stack.back();
    stack.pop_back();
    if (node->edge_count() == 0) leaves.insert(node);
    for (uint32_t i = 0; i < node->edge_count(); ++i) visit(node->edge(i).node.get());
  }
  return leaves;
}

}  // namespace

std::vector<std::string> forgotten_members(const Layer& net, const Tensor& output) {
  std::set<const Node*> leaves = leaves_of(output);
  std::vector<std::string> mistakes;
  for (const NamedParameter& named : named_parameters(const_cast<Layer&>(net)))
    if (leaves.erase(named.parameter->value().node().get()) == 0)
      mistakes.push_back(text("parameter ", named.name, " is described, but the forward pass does not use it"));
  if (!leaves.empty())
    mistakes.push_back(text("the forward pass uses ", leaves.size(), " leaves that describe() does not list"));
  return mistakes;
}

}  // namespace fewer::testing
