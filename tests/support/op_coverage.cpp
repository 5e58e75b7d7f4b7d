#include "tests/support/op_coverage.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <regex>

#include "tests/ops/gradient_table.h"

namespace fewer::testing {
namespace {

std::set<std::string> observe_table() {
  OpNames seen;
  const ObserverScope scope(seen);
  for (const GradientRow& row : gradient_table())
    gradient_mistakes(row.f, row.inputs, {.order = row.order, .compare = false});
  return seen.names;
}

}  // namespace

const std::set<std::string>& ops_in_gradient_table() {
  static const std::set<std::string> names = observe_table();
  return names;
}

std::set<std::string> menu_ops() {
  const std::filesystem::path root = std::filesystem::path(__FILE__).parent_path().parent_path().parent_path();
  std::ifstream header(root / "ops/ops.h");
  REQUIRE_MESSAGE(header.is_open(), "run the tests from the top of the source tree: they read ops/ops.h");
  const std::regex declaration(R"(^(Tensor|std::vector<Tensor>|TopK|BatchNormResult|LstmResult) (\w+)\()");
  std::set<std::string> names;
  for (std::string line; std::getline(header, line);) {
    std::smatch match;
    if (std::regex_search(line, match, declaration)) names.insert(match[2]);
  }
  return names;
}

void check_ops_covered(const std::set<std::string>& names) {
  for (const std::string& name : names)
    CHECK_MESSAGE(ops_in_gradient_table().count(name) == 1,
                  "op \"" << name << "\" is used, but no row of the gradient table runs it");
}

}  // namespace fewer::testing
