// Results as a table to read (Markdown) and as lines of JSON.
#pragma once

#include <cstdio>
#include <string>

#include "tests/bench/bench.h"
#include "tests/bench/limits.h"

namespace fewer::bench {

class Report {
 public:
  // Prints the machine and the head of the table. `json_path` may be empty.
  Report(const Limits& limits, const std::string& json_path);
  ~Report();
  Report(const Report&) = delete;
  Report& operator=(const Report&) = delete;

  void add(const Result& result);
  // Of a group of like rows: the median and least ratio among those with a target, against `must`, the median to reach.
  void summarize(const std::string& group, double must);
  void finish();  // the load average at the end

 private:
  void write_json(const Result& result);

  std::FILE* json_ = nullptr;
  std::vector<Result> results_;
};

}  // namespace fewer::bench
