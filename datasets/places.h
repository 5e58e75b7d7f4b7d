// Where the files of data sets are looked for.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace fewer {

// The folders searched, in order: `data_dir` (when not empty), $FEWER_DATA (when set), ./data, /usr/share/datasets.
std::vector<std::filesystem::path> data_places(const std::string& data_dir);

// The first file or folder that is there of `names` in each place. Throws Error(kData) naming every path looked at and
// how to get the files of `data_set`.
std::filesystem::path find_in_places(const std::string& data_set, std::span<const std::string> names,
                                     const std::string& how_to_get, const std::string& data_dir);

}  // namespace fewer
