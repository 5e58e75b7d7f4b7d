#include "datasets/episodes/class_pool.h"

#include <algorithm>
#include <cstdio>
#include <map>
#include <set>

#include "core/error.h"
#include "core/spelling.h"

namespace fewer {
namespace {

constexpr int kTurns = 4;  // 0, 90, 180 and 270 degrees

void sort_by_name(std::vector<PoolClass>& classes) {
  std::sort(classes.begin(), classes.end(), [](const PoolClass& a, const PoolClass& b) { return a.name < b.name; });
}

// The class of this name in a pool, which is ordered by name.
const PoolClass& find_class(const ClassPool& pool, const std::string& name) {
  const auto found = std::lower_bound(pool.classes.begin(), pool.classes.end(), name,
                                      [](const PoolClass& c, const std::string& wanted) { return c.name < wanted; });
  if (found != pool.classes.end() && found->name == name) return *found;
  std::vector<std::string> known;
  for (const PoolClass& c : pool.classes) known.push_back(c.name);
  fail_data("classes: expected names of classes of ", pool.name, ", got \"", name, "\", which is none of its ",
            pool.size(), did_you_mean(name, known));
}

}  // namespace

int64_t ClassPool::image_count() const {
  int64_t count = 0;
  for (const PoolClass& c : classes) count += static_cast<int64_t>(c.positions.size());
  return count;
}

ClassPool class_pool(const Split& images, std::string name) {
  std::vector<PoolClass> all(images.classes().size());
  for (size_t c = 0; c < all.size(); ++c) all[c].name = images.classes()[c];
  for (int64_t i = 0; i < images.size(); ++i) all[static_cast<size_t>(images.label(i))].positions.push_back(i);
  std::erase_if(all, [](const PoolClass& c) { return c.positions.empty(); });
  sort_by_name(all);
  return {std::move(name), images, std::move(all)};
}

ClassPool chosen_classes(const ClassPool& pool, std::span<const std::string> names, std::string name) {
  ClassPool chosen{std::move(name), pool.images, {}};
  for (const std::string& wanted : names) chosen.classes.push_back(find_class(pool, wanted));
  sort_by_name(chosen.classes);
  for (int64_t i = 1; i < chosen.size(); ++i)
    if (chosen[i].name == chosen[i - 1].name)
      fail_data("classes: expected each class of ", chosen.name, " once, got ", chosen[i].name, " twice");
  return chosen;
}

std::string turned_name(const std::string& class_name, int turns) {
  char suffix[16];
  std::snprintf(suffix, sizeof suffix, "/rot%03d", 90 * turns);
  return class_name + suffix;
}

ClassPool turned_classes(const ClassPool& pool) {
  const ImageSet& set = pool.images.images();
  ENSURE(set.height == set.width, "rotations as classes: expected square images, got ", set.image_shape(),
         ": resize them first");
  ClassPool turned{pool.name, pool.images, {}};
  for (const PoolClass& c : pool.classes) {
    ENSURE(c.turns == 0, "rotations as classes: the classes of ", pool.name, " are turned already");
    for (int turns = 0; turns < kTurns; ++turns)
      turned.classes.push_back({turned_name(c.name, turns), c.positions, turns});
  }
  sort_by_name(turned.classes);
  return turned;
}

std::string_view group_of(std::string_view class_name) {
  const size_t slash = class_name.find('/');
  return slash == std::string_view::npos ? std::string_view() : class_name.substr(0, slash);
}

std::vector<ClassGroup> class_groups(const ClassPool& pool) {
  std::map<std::string_view, std::vector<int64_t>> by_name;
  for (int64_t c = 0; c < pool.size(); ++c) by_name[group_of(pool[c].name)].push_back(c);
  std::vector<ClassGroup> groups;
  for (auto& [name, classes] : by_name) groups.push_back({std::string(name), std::move(classes)});
  return groups;
}

int32_t drawer_of(const Split& images, int64_t position) {
  return images.images().drawers[static_cast<size_t>(images.indices()[static_cast<size_t>(position)])];
}

std::vector<int32_t> drawers_of(const PoolClass& one_class, const Split& images) {
  if (images.images().drawers.empty()) return {};
  std::set<int32_t> drawers;
  for (const int64_t position : one_class.positions) drawers.insert(drawer_of(images, position));
  return {drawers.begin(), drawers.end()};
}

}  // namespace fewer
