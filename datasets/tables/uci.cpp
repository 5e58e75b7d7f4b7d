#include "datasets/tables/uci.h"

#include <filesystem>

#include "core/error.h"
#include "core/files.h"
#include "datasets/places.h"
#include "datasets/tables/table_reader.h"

namespace fewer {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kMostBytes = int64_t{64} << 20;

// The folder with `file`: "uci", or one that has the data set to itself.
fs::path find_folder(const std::string& data_set, const std::string& file, const std::string& data_dir) {
  const std::vector<std::string> names = {"uci/" + file, data_set + "/" + file};
  const std::string how = text("Run `trainer fetch ", data_set, "`, or get it from https://archive.ics.uci.edu");
  return find_in_places(data_set, names, how, data_dir).parent_path();
}

// Fewer rows than were published mean that the file was cut off between two.
void add_file(TableReader& reader, const fs::path& path, int64_t published_rows) {
  const int64_t rows = reader.add(read_file(path.string(), kMostBytes), path.string());
  if (rows != published_rows)
    fail_data(path.string(), ": expected ", published_rows, " rows, got ", rows,
              ": the file is damaged, fetch it again");
}

}  // namespace

Table load_letter(const std::string& data_dir) {
  TableSchema schema{.target = "letter",
                     .numeric = {"x-box", "y-box", "width", "high",  "onpix", "x-bar", "y-bar", "x2bar",
                                 "y2bar", "xybar", "x2ybr", "xy2br", "x-ege", "xegvy", "y-ege", "yegvx"}};
  schema.names = schema.numeric;
  schema.names.insert(schema.names.begin(), schema.target);
  TableReader reader(schema);
  const std::string file = "letter-recognition.data";
  add_file(reader, find_folder("letter", file, data_dir) / file, 20000);
  return reader.finish();
}

Table load_adult(const std::string& data_dir) {
  TableReader reader({.target = "income",
                      .names = {"age", "workclass", "fnlwgt", "education", "education-num", "marital-status",
                                "occupation", "relationship", "race", "sex", "capital-gain", "capital-loss",
                                "hours-per-week", "native-country", "income"},
                      .comment = "|",
                      .label_end = ".",
                      .numeric = {"age", "fnlwgt", "education-num", "capital-gain", "capital-loss", "hours-per-week"}});
  const fs::path folder = find_folder("adult", "adult.data", data_dir);
  add_file(reader, folder / "adult.data", 32561);
  add_file(reader, folder / "adult.test", 16281);
  return reader.finish();
}

}  // namespace fewer
