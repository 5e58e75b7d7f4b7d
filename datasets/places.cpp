#include "datasets/places.h"

#include <cstdlib>

#include "core/error.h"

namespace fewer {

namespace fs = std::filesystem;

std::vector<fs::path> data_places(const std::string& data_dir) {
  std::vector<fs::path> places;
  if (!data_dir.empty()) places.emplace_back(data_dir);
  if (const char* variable = std::getenv("FEWER_DATA"); variable && *variable) places.emplace_back(variable);
  places.emplace_back("data");
  places.emplace_back("/usr/share/datasets");
  return places;
}

fs::path find_in_places(const std::string& data_set, std::span<const std::string> names, const std::string& how_to_get,
                        const std::string& data_dir) {
  std::string looked_at;
  for (const fs::path& place : data_places(data_dir))
    for (const std::string& name : names) {
      std::error_code ignored;
      if (fs::exists(place / name, ignored)) return place / name;
      looked_at += "\n  " + (place / name).string();
    }
  fail_data("data set ", data_set, ": expected one of these, but none is there:", looked_at, "\n", how_to_get,
            "\nand name the place with --data-dir DIR or $FEWER_DATA.");
}

}  // namespace fewer
