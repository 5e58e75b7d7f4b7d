#include "datasets/episodes/class_list.h"

#include <algorithm>
#include <map>
#include <set>
#include <sstream>

#include "core/error.h"
#include "core/files.h"
#include "core/spelling.h"

namespace fewer {
namespace {

constexpr std::pair<const char*, ClassPart> kLists[] = {
    {"train.txt", ClassPart::kTrain}, {"val.txt", ClassPart::kValidation}, {"test.txt", ClassPart::kTest}};
constexpr int64_t kMaxListBytes = int64_t{64} << 20;

// "X" and the turn of "X/rot090"; {"X", -1} of "X".
std::pair<std::string, int> without_turn(const std::string& line) {
  for (int turns = 0; turns < 4; ++turns) {
    const std::string suffix = turned_name("", turns);
    if (line.ends_with(suffix)) return {line.substr(0, line.size() - suffix.size()), turns};
  }
  return {line, -1};
}

}  // namespace

std::vector<std::string> read_class_list(const std::filesystem::path& file) {
  std::istringstream lines(read_file(file.string(), kMaxListBytes));
  std::vector<std::string> names;
  std::map<std::string, std::set<int>> turns;
  int64_t number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    if (line.ends_with('\r')) line.pop_back();
    if (line.empty()) continue;
    const auto [name, turn] = without_turn(line);
    if (!turns.contains(name)) names.push_back(name);
    if (!turns[name].insert(turn).second)
      fail_data(file.string(), " line ", number, ": expected every class once, got ", line, " again");
  }
  for (const auto& [name, shown] : turns)
    if (shown.size() != (shown.contains(-1) ? 1 : 4))
      fail_data(file.string(), ": expected ", name, " by itself or in its four rotations, got ", shown.size(),
                " lines for it");
  return names;
}

ClassPools listed_class_split(const Split& all, const std::filesystem::path& folder) {
  const std::vector<std::string> known = class_names(all);
  std::map<std::string, ClassPart> part_of;
  for (const auto& [file, part] : kLists)
    for (const std::string& name : read_class_list(folder / file)) {
      if (!std::binary_search(known.begin(), known.end(), name))
        fail_data((folder / file).string(), ": expected names of classes of ", all.name(), ", got \"", name, "\"",
                  did_you_mean(name, known));
      if (!part_of.emplace(name, part).second)
        fail_data((folder / file).string(), ": ", name, " is in another list already; every class belongs to one");
    }
  return divide_classes(all, parts_by_name(all, part_of), "lists of " + folder.string());
}

}  // namespace fewer
