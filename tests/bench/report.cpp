#include "tests/bench/report.h"

#include <sys/utsname.h>

#include <algorithm>
#include <ctime>
#include <fstream>

#include "core/error.h"
#include "core/json.h"
#include "core/parallel.h"
#include "ops/kernels/isa.h"
#include "tests/bench/child.h"
#include "tests/bench/load.h"
#include "tests/bench/onednn.h"

namespace fewer::bench {
namespace {

std::string first_field(const char* path, const std::string& key) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);)
    if (line.starts_with(key)) return line.substr(line.find(':') + 2);
  return "unknown";
}

std::string today() {
  char date[32];
  const std::time_t now = std::time(nullptr);
  std::strftime(date, sizeof(date), "%Y-%m-%d %H:%M", std::localtime(&now));
  return date;
}

std::string with_digits(const char* format, double value) {
  char buffer[64];
  std::snprintf(buffer, sizeof(buffer), format, value);
  return buffer;
}

// Three digits and a unit: 1.23 ms.
std::string readable(double value, Quantity quantity) {
  if (value == 0) return "-";
  if (quantity == Quantity::kMegabytes) return with_digits("%.0f MB", value);
  const struct { double scale; const char* unit; } kUnits[] = {{1, "s"}, {1e-3, "ms"}, {1e-6, "us"}, {1e-9, "ns"}};
  for (const auto& u : kUnits)
    if (value >= u.scale || u.scale == 1e-9) return with_digits("%.3g ", value / u.scale) + u.unit;
  return "";
}

bool reached(const Result& r) { return r.quantity == Quantity::kSeconds ? r.ratio >= r.must : r.ratio <= r.must; }

std::string verdict(const Result& r) {
  if (r.must == 0 || r.ratio == 0) return "";
  return with_digits("%.1fx ", r.must) + (reached(r) ? "reached" : "**missed**");
}

}  // namespace

Report::Report(const Limits& limits, const std::string& json_path) {
  if (!json_path.empty()) {
    json_ = std::fopen(json_path.c_str(), "w");
    ENSURE(json_, "bench: cannot write ", json_path);
  }
  const std::string machine = text(today(), "; ", first_field("/proc/cpuinfo", "model name"), ", ", threads(), " threads, ",
                                   kernels::isa_name(), "; g++ ", __VERSION__, "; load average ", load_average());
  const std::string peer = torch_version();
  std::printf("%s\n", machine.c_str());
  std::printf("peak %.1f GFLOP/s, copy (read and write) %.1f GB/s\n", limits.flops / 1e9, limits.copy_bytes / 1e9);
  std::printf("peers: %s; oneDNN %s\n\n", peer.empty() ? "no PyTorch" : peer.c_str(), have_onednn() ? "found" : "not found");
  std::printf("| workload | ours | peer's | ratio | rounds | must | of peak | others | peer |\n"
              "| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n");
  std::fflush(stdout);
  if (!json_) return;
  Json line = Json::object();
  line.add("machine", Json::string(machine)).add("peer", Json::string(peer));
  line.add("peak_flops", Json::number(limits.flops)).add("copy_bytes", Json::number(limits.copy_bytes));
  std::fprintf(json_, "%s\n", compact_json(line).c_str());
}

Report::~Report() {
  if (json_) std::fclose(json_);
}

void Report::add(const Result& r) {
  results_.push_back(r);
  const std::string ratio = r.ratio == 0 ? "-" : with_digits("%.2fx", r.ratio);
  const std::string range = r.ratio == 0 ? "-" : with_digits("%.2f-", r.least) + with_digits("%.2f", r.greatest);
  const std::string share = r.limit_share == 0 ? "-" : with_digits("%.0f %%", 100 * r.limit_share);
  std::printf("| %s | %s | %s | %s | %s | %s | %s | %.2f | %s |\n", r.name.c_str(), readable(r.ours, r.quantity).c_str(),
              readable(r.peer, r.quantity).c_str(), ratio.c_str(), range.c_str(), verdict(r).c_str(), share.c_str(), r.others,
              (r.peer_name + (r.setting.empty() ? "" : ": " + r.setting)).c_str());
  std::fflush(stdout);
  if (json_) write_json(r);
}

void Report::write_json(const Result& r) {
  Json line = Json::object();
  const auto number_or_null = [](double value) { return value == 0 ? Json() : Json::number(value); };
  line.add("workload", Json::string(r.name)).add("unit", Json::string(r.quantity == Quantity::kSeconds ? "s" : "MB"));
  line.add("ours", Json::number(r.ours)).add("peer", number_or_null(r.peer)).add("ratio", number_or_null(r.ratio));
  line.add("ratio_least", number_or_null(r.least)).add("ratio_greatest", number_or_null(r.greatest));
  line.add("must", number_or_null(r.must)).add("share_of_peak", number_or_null(r.limit_share));
  line.add("peer_name", Json::string(r.peer_name)).add("peer_setting", Json::string(r.setting));
  line.add("others", Json::number(r.others));
  std::fprintf(json_, "%s\n", compact_json(line).c_str());
  std::fflush(json_);
}

void Report::summarize(const std::string& group, double must) {
  std::vector<double> ratios;
  for (const Result& r : results_)
    if (r.name.starts_with(group + "/") && r.must > 0 && r.ratio > 0) ratios.push_back(r.ratio);
  if (ratios.empty()) return;
  const double middle = median(ratios), least = *std::min_element(ratios.begin(), ratios.end());
  std::printf("| **%s: median of %zu rows with a target** | | | %.2fx | least %.2f | %.1fx %s | | | |\n", group.c_str(),
              ratios.size(), middle, least, must, middle >= must ? "reached" : "**missed**");
}

void Report::finish() { std::printf("\nload average at the end %s\n", load_average().c_str()); }

}  // namespace fewer::bench
