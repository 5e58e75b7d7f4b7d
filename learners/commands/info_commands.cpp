// The verbs that tell: list, explain, schema, check.
#include <cstdio>

#include "core/config.h"
#include "core/error.h"
#include "datasets/registry.h"
#include "datasets/tables/table_datasets.h"
#include "learners/commands/commands.h"
#include "learners/commands/config_file.h"
#include "learners/registry.h"
#include "nn/networks.h"

namespace fewer {
namespace {

void list_methods() {
  for (const MethodEntry& m : method_registry())
    std::printf("%-24s %-11s %s\n", m.name, to_string(m.status), m.paper);
}

void list_datasets() {
  for (const DatasetEntry& d : dataset_registry()) std::printf("%-16s %s\n", d.name, d.summary);
  std::printf("\ntables, for methods that learn from rows:\n");
  for (const TableEntry& t : table_registry()) std::printf("%-16s %s\n", t.name, t.summary);
}

// Every network with its fields, as the variant lists them.
template <class... Configs>
void print_networks(const std::variant<Configs...>&) {
  (std::printf("%s\n%s\n", Configs::kName, help_text<Configs>().c_str()), ...);
}
void list_models() { print_networks(NetworkConfig{}); }

std::string schema_of(const MethodEntry& method) {
  const std::unique_ptr<Learner> learner = make_learner(method.name);
  learner->header().method = method.name;
  return json_schema([&](Visitor& v) { learner->describe(v); }, text("fewer: ", method.name));
}

}  // namespace

void command_list(const CommandLine& line) {
  const std::string what = line.arguments.empty() ? "methods" : line.arguments[0];
  if (line.arguments.size() > 1) fail_config("trainer list: expected one of methods, models, datasets");
  if (what == "methods") return list_methods();
  if (what == "models") return list_models();
  if (what == "datasets") return list_datasets();
  fail_config("trainer list: expected methods, models or datasets, got \"", what, "\"");
}

void command_explain(const CommandLine& line) {
  if (line.arguments.size() != 1) fail_config("trainer explain: expected the name of a method");
  const MethodEntry& method = method_entry(line.arguments[0]);
  std::printf("%s (%s)\n%s\n", method.name, to_string(method.status), method.paper);
  if (!method.make) return;
  const std::unique_ptr<Learner> learner = method.make();
  learner->header().method = method.name;
  std::printf("\nRead learners/%s.cpp. Fields of its config:\n\n%s", method.source, help_text([&](Visitor& v) { learner->describe(v); }).c_str());
}

void command_schema(const CommandLine& line) {
  if (line.arguments.size() > 1) fail_config("trainer schema: expected one method or none");
  if (!line.arguments.empty()) {
    std::printf("%s\n", schema_of(method_entry(line.arguments[0])).c_str());
    return;
  }
  std::string all;
  for (const MethodEntry& method : method_registry())
    if (method.make) all += (all.empty() ? "\n" : ",\n") + schema_of(method);
  std::printf("{\"$schema\": \"https://json-schema.org/draft/2020-12/schema\", \"title\": \"fewer\", \"oneOf\": [%s\n]}\n", all.c_str());
}

// Reads every file, then reports: a mistake in one does not hide those in the others.
void command_check(const CommandLine& line) {
  if (line.arguments.empty()) fail_config("trainer check: expected at least one config file");
  std::string mistakes;
  for (const std::string& file : line.arguments) {
    try {
      learner_from_text(read_config_text(file, line.overrides), file);
      if (!line.quiet) std::printf("%s: fine\n", file.c_str());
    } catch (const Error& error) {
      mistakes += (mistakes.empty() ? "" : "\n") + std::string(error.what());
    }
  }
  if (!mistakes.empty()) fail_config(mistakes);
}

}  // namespace fewer
