// The folder of a run and what lies in it:
//
//   config.json         the config as it was understood: every default filled in
//   metrics.jsonl       a line per epoch
//   last.safetensors    the newest checkpoint: an interrupted run goes on from here
//   model.safetensors   the chosen model
//   profile.json        with --profile: where the time went (nn/profile.h)
//   summary.json        written last: a folder that has it is finished
//
// Files are written under a temporary name and renamed, except metrics.jsonl, which grows; a resumed run cuts off what the
// checkpoint does not know of.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "core/record.h"

namespace fewer {

class RunFolder {
 public:
  // Opens `path`, creating it when needed. Throws Error(kOther) when that cannot be done, and Error(kConfig), showing what
  // differs, when the folder holds an unfinished or finished run of another config.
  RunFolder(std::string path, const std::string& resolved_config);

  const std::string& path() const { return path_; }
  std::string file(const std::string& name) const { return path_ + "/" + name; }
  bool finished() const;
  bool has_checkpoint() const;

  void append_metrics(const Record& row);
  int64_t metrics_bytes() const;
  void truncate_metrics(int64_t bytes);  // back to what a checkpoint knew
  void write_summary(const Record& summary);
  std::string read_summary() const;
  std::vector<std::pair<std::string, double>> summary_metrics() const;  // of the finished run, in order

 private:
  std::string path_;
};

// <out>/<name>, or the newest of <out>/<name>, <name>-2, <name>-3 ...; `fresh`: the first of those that does not exist.
std::string choose_run_folder(const std::string& out, const std::string& name, bool fresh);

}  // namespace fewer
