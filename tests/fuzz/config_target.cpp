#include "core/config.h"
#include "datasets/config.h"
#include "datasets/tables/table_datasets.h"
#include "tests/core/config_example.h"
#include "tests/fuzz/target.h"

namespace fewer::testing {
namespace {

std::vector<std::string> texts() {
  return {R"({"flag": true, "big": -9007199254740993, "byte": 255, "real": 1e-300, "single": 3e38, "text": "\u00fc\n", "raw": {"a": [1]},
              "mode": "running", "maybe": null, "maybe_list": [1, 2.5], "pair": [1, 2], "structs": [{"lr": 1}],
              "grid": [[1], []], "chosen": "adam", "choices": ["sgd", {"name": "adam", "steps": 3}]})",
          R"({"name": "cifar10", "validation": 5000, "augment": ["flip", {"name": "crop", "pad": 4}]})",
          R"({"name": "csv", "positive": ["a"], /* own */ "csv": {"file": "x", "target": "y", "ignore": ["id"]}})"};
}

// What reads must write and read back to the same.
template <class Config>
void read_as(const std::string& text) {
  Config config;
  read_json(config, text, "config");
  const std::string written = write_json(config);
  Config back;
  read_json(back, written, "written");
  ENSURE(write_json(back) == written, "config: expected the same fields after writing and reading");
}

// The input is a config of one struct or another; it is damaged when it suits none.
void read(const std::string& bytes) {
  bool suits = false;
  std::string complaint;
  for (const auto read_it : {read_as<example::Everything>, read_as<DataConfig>, read_as<TableConfig>}) {
    try {
      read_it(bytes);
      suits = true;
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::kConfig) throw;
      complaint = error.what();
    }
  }
  if (!suits) fail_config(complaint);
  apply_override(bytes, "csv.file=[1, 2]", "override");
}

}  // namespace

FuzzTarget config_target() { return {"config", texts, read}; }

}  // namespace fewer::testing
