// Class splits from files: one list of names for each part.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "datasets/episodes/class_split.h"

namespace fewer {

// A list of classes: one name a line; with rotations ("X/rot000", ...) every class must come with all four, since
// whether turned classes count is said by the episodes (Rotations). Throws Error(kData) with file and line.
std::vector<std::string> read_class_list(const std::filesystem::path& file);

// The lists train.txt, val.txt and test.txt; classes in none of them are left out.
ClassPools listed_class_split(const Split& all, const std::filesystem::path& folder);

}  // namespace fewer
