// The verb that shows what is in a data set: data.
#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "core/config.h"
#include "core/error.h"
#include "core/files.h"
#include "core/spelling.h"
#include "datasets/contact_sheet.h"
#include "datasets/data_report.h"
#include "datasets/pictures/encode.h"
#include "datasets/registry.h"
#include "datasets/tables/table_datasets.h"
#include "datasets/tables/table_report.h"
#include "learners/commands/commands.h"

namespace fewer {
namespace {

// {"name": NAME} with what --set says: --set omniglot.size=105.
template <class Config>
Config config_of(const CommandLine& line) {
  const std::string where = "trainer data " + line.arguments[0];
  std::string json = apply_override("{}", "name=" + line.arguments[0], where);
  for (const std::string& assignment : line.overrides) json = apply_override(json, assignment, where);
  Config config;
  read_json(config, json, where);
  return config;
}

// Whether it is a table or a set of images. Throws when it is neither.
bool is_table(const std::string& name) {
  std::vector<std::string> known;
  for (const DatasetEntry& entry : dataset_registry()) known.emplace_back(entry.name);
  if (std::find(known.begin(), known.end(), name) != known.end()) return false;
  for (const TableEntry& entry : table_registry()) known.emplace_back(entry.name);
  if (std::find(known.begin(), known.end(), name) != known.end()) return true;
  fail_config("trainer data: there is no data set \"", name, "\"", did_you_mean(name, known),
              "; `trainer list datasets` shows what there is");
}

void show_table(const CommandLine& line) {
  const TableConfig config = config_of<TableConfig>(line);
  const TableEntry& entry = table_entry(config.name);
  std::printf("%s: %s\n%s", entry.name, entry.summary, report_table(entry.load(config, line.data_dir)).c_str());
}

void show_images(const CommandLine& line) {
  const DataConfig config = config_of<DataConfig>(line);
  const std::filesystem::path folder = dataset_folder(config, line.data_dir);
  const Dataset data = load_as_found(config, line.data_dir);
  const ContactSheet sheet = contact_sheet(data);
  const std::string file = (std::filesystem::path(line.out) / (config.name + "_sheet.png")).string();
  make_folders(line.out);
  write_file_atomically(file, encode_png(sheet.image));
  std::printf("%s: %s\nfiles    %s\n%s\n", config.name.c_str(), dataset_entry(config.name).summary,
              folder.empty() ? "none" : folder.c_str(), report_dataset(data).c_str());
  std::printf("%s shows %zu of the %zu classes:\n\n%s", file.c_str(), sheet.classes.size(), data.classes().size(),
              report_sheet(sheet, data).c_str());
}

}  // namespace

void command_data(const CommandLine& line) {
  if (line.arguments.size() != 1) fail_config("trainer data: expected the name of a data set; `trainer list datasets` shows them");
  is_table(line.arguments[0]) ? show_table(line) : show_images(line);
}

}  // namespace fewer
