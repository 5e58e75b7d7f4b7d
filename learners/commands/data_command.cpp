// The verb that shows what is in a data set: data.
#include <cstdio>
#include <filesystem>

#include "core/config.h"
#include "core/error.h"
#include "core/files.h"
#include "datasets/contact_sheet.h"
#include "datasets/data_report.h"
#include "datasets/pictures/encode.h"
#include "datasets/registry.h"
#include "learners/commands/commands.h"

namespace fewer {
namespace {

// {"name": NAME} with what --set says: --set omniglot.size=105.
DataConfig config_of(const CommandLine& line) {
  std::string json = text("{\"name\": \"", dataset_entry(line.arguments[0]).name, "\"}");
  const std::string where = "trainer data " + line.arguments[0];
  for (const std::string& assignment : line.overrides) json = apply_override(json, assignment, where);
  DataConfig config;
  read_json(config, json, where);
  return config;
}

}  // namespace

void command_data(const CommandLine& line) {
  if (line.arguments.size() != 1) fail_config("trainer data: expected the name of a data set; `trainer list datasets` shows them");
  const DataConfig config = config_of(line);
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

}  // namespace fewer
