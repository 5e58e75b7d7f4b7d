// Record: a JSON object put together field by field, for the files a run writes (metrics.jsonl, summary.json).
//
//   Record line;
//   line.set("epoch", 3).set("loss", 0.25);
//   append_line(path, line.json());            // {"epoch": 3, "loss": 0.25}
//
// Fields keep the order they were first set in; setting one again replaces it. NaN and infinity, which JSON lacks, are
// written as null: readers of the file take it for a missing number.
#pragma once

#include <concepts>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fewer {

class Record {
 public:
  Record& set(std::string_view key, bool value) { return set_json(key, value ? "true" : "false"); }
  Record& set(std::string_view key, std::integral auto value) { return set_json(key, std::to_string(value)); }
  Record& set(std::string_view key, double value);
  Record& set(std::string_view key, float value);  // in as few digits as a float needs
  Record& set(std::string_view key, std::string_view value);
  Record& set(std::string_view key, const char* value) { return set(key, std::string_view(value)); }
  Record& set(std::string_view key, const Record& value) { return set_json(key, value.json()); }
  Record& set(std::string_view key, std::span<const double> values);
  Record& set(std::string_view key, std::span<const int64_t> values);
  Record& set(std::string_view key, std::span<const std::string> values);
  Record& set(std::string_view key, std::span<const Record> values);
  Record& set_json(std::string_view key, std::string json);  // REQUIRES: `json` is the text of one JSON value

  bool empty() const { return fields_.empty(); }
  std::string json() const;    // on one line
  std::string pretty() const;  // indented, with a newline at the end

 private:
  struct Field {
    std::string key;
    std::string json;
  };
  std::vector<Field> fields_;
};

}  // namespace fewer
