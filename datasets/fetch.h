// Fetching: the files of a data set from their official address or a mirror, checked and unpacked. Nothing is fetched unless asked for.
//
//   fetch(fetch_plan("mnist"), "data", {});
//
// A download grows as `<file>.part`; a broken one goes on where it stopped, also in the next run. It gets its name, or is unpacked, only
// after its SHA-256 was found right. An archive is unpacked beside its destination and then renamed into it: a data set is there whole or
// not at all. `curl`, `tar` and `unzip` do the work.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace fewer {

enum class Archive { kNone, kZip, kTarGz };

struct Download {
  std::string file;                    // what it is called in the plan's folder
  std::vector<std::string> addresses;  // the official one first, then mirrors; tried in this order
  std::string sha256;                  // of the file as downloaded; empty where its publishers give none
  int64_t bytes = 0;                   // its size; 0: not known
  Archive archive = Archive::kNone;
  std::string into = {};               // of an archive: the sub-folder it is unpacked in
  std::string result = {};             // of an archive: a file or folder of the plan's folder that is there once it is unpacked
};

struct FetchPlan {
  std::string name;    // of the data set
  std::string folder;  // under the place for data; may be "."
  std::vector<Download> downloads;
};

struct FetchOptions {
  std::function<void(const std::string&)> tell = {};  // takes a line on each step, for the user
  bool progress = false;                              // curl draws a progress bar on standard error
  int attempts = 3;                                   // per address, as long as the connection breaks
};

// What can be fetched, by name of the data set.
const std::vector<FetchPlan>& fetch_plans();
// Throws Error(kConfig) listing the names there are.
const FetchPlan& fetch_plan(const std::string& name);

// Gets what is missing into `place / plan.folder`. Throws Error(kData), saying what each address answered and how to do it by hand, when
// no address has the right file; what was downloaded so far stays for the next try.
void fetch(const FetchPlan& plan, const std::filesystem::path& place, const FetchOptions& options);

}  // namespace fewer
