#include "learners/run_folder.h"

#include <filesystem>
#include <sstream>

#include "core/error.h"
#include "core/files.h"
#include "core/json.h"

namespace fewer {
namespace {

namespace fs = std::filesystem;

// The lines in which two resolved configs differ, "-" the folder's, "+" the new one's. Both list the same fields in the same order
// unless the method changed, so lines are compared one by one.
std::string difference(const std::string& before, const std::string& now) {
  std::istringstream a(before), b(now);
  std::string left, right, result;
  while (true) {
    const bool more_left = static_cast<bool>(std::getline(a, left)), more_right = static_cast<bool>(std::getline(b, right));
    if (!more_left && !more_right) return result;
    if (more_left && more_right && left == right) continue;
    if (more_left) result += "\n  - " + left;
    if (more_right) result += "\n  + " + right;
  }
}

}  // namespace

RunFolder::RunFolder(std::string path, const std::string& resolved_config) : path_(std::move(path)) {
  make_folders(path_);
  const std::string config_file = file("config.json");
  if (!file_exists(config_file)) {
    write_file_atomically(config_file, resolved_config + "\n");
    return;
  }
  const std::string before = read_file(config_file);
  if (before != resolved_config + "\n")
    fail_config(path_, ": holds a run of another config; use --fresh for a new folder or --out for another place",
                difference(before, resolved_config));
}

bool RunFolder::finished() const { return file_exists(file("summary.json")); }
bool RunFolder::has_checkpoint() const { return file_exists(file("last.safetensors")); }

void RunFolder::append_metrics(const Record& row) { append_line(file("metrics.jsonl"), row.json()); }

int64_t RunFolder::metrics_bytes() const {
  std::error_code none;
  const uintmax_t bytes = fs::file_size(file("metrics.jsonl"), none);
  return none ? 0 : static_cast<int64_t>(bytes);
}

void RunFolder::truncate_metrics(int64_t bytes) {
  const int64_t present = metrics_bytes();
  if (present < bytes)
    fail_data(file("metrics.jsonl"), ": has ", present, " bytes, but the checkpoint knows of ", bytes,
              "; it was cut by somebody else. Start anew with --fresh");
  if (present > bytes) fs::resize_file(file("metrics.jsonl"), static_cast<uintmax_t>(bytes));
}

void RunFolder::write_summary(const Record& summary) { write_file_atomically(file("summary.json"), summary.pretty()); }
std::string RunFolder::read_summary() const { return read_file(file("summary.json")); }

std::vector<std::pair<std::string, double>> RunFolder::summary_metrics() const {
  const std::string path = file("summary.json");
  const Json summary = parse_json(read_file(path), path, ErrorKind::kData);
  const Json* metrics = summary.find("metrics");
  if (!metrics) fail_data(path, ": expected an object with \"metrics\"; it is not a summary of this program");
  std::vector<std::pair<std::string, double>> result;
  for (size_t i = 0; i < metrics->items.size(); ++i) {
    double value = 0;
    to_real(metrics->items[i], value);
    result.emplace_back(metrics->keys[i], value);
  }
  return result;
}

std::string choose_run_folder(const std::string& out, const std::string& name, bool fresh) {
  const std::string base = out + "/" + name;
  std::string newest = base;
  for (int number = 2; fs::exists(newest); ++number) {
    const std::string next = base + "-" + std::to_string(number);
    if (!fs::exists(next)) return fresh ? next : newest;
    newest = next;
  }
  return newest;
}

}  // namespace fewer
