#include "datasets/episodes/class_split.h"

#include <algorithm>
#include <map>
#include <set>
#include <sstream>

#include "core/error.h"
#include "core/files.h"
#include "core/spelling.h"
#include "datasets/episodes/omniglot_split.h"
#include "datasets/registry.h"

namespace fewer {
namespace {

constexpr NamedValue<ClassSplitKind> kNames[] = {
    {"default", ClassSplitKind::kDefault}, {"random", ClassSplitKind::kRandom},
    {"random1200", ClassSplitKind::kRandom1200}, {"vinyals", ClassSplitKind::kVinyals},
    {"lake", ClassSplitKind::kLake}, {"koch", ClassSplitKind::kKoch}, {"lists", ClassSplitKind::kLists}};

constexpr std::pair<const char*, ClassPart> kLists[] = {
    {"train.txt", ClassPart::kTrain}, {"val.txt", ClassPart::kValidation}, {"test.txt", ClassPart::kTest}};
constexpr int64_t kRandom1200 = 1200;
constexpr int64_t kMaxListBytes = int64_t{64} << 20;

std::string name_of(ClassSplitKind kind) {
  return std::ranges::find(kNames, kind, &NamedValue<ClassSplitKind>::value)->name;
}

ClassPool pool_of(const Split& all, const std::vector<ClassPart>& part, ClassPart wanted, const char* name) {
  std::vector<int64_t> indices;
  for (int64_t i = 0; i < all.size(); ++i)
    if (part[static_cast<size_t>(i)] == wanted) indices.push_back(all.indices()[static_cast<size_t>(i)]);
  return class_pool(Split(name, all.shared_images(), std::move(indices)), name);
}

void check_disjoint(const ClassPools& pools) {
  std::map<std::string, std::string> seen;  // class -> pool
  for (const ClassPool* pool : {&pools.train, &pools.validation, &pools.test})
    for (const PoolClass& c : pool->classes)
      if (const auto [entry, is_new] = seen.emplace(c.name, pool->name); !is_new)
        fail_data("class split ", pools.split, ": expected every class in one part, but ", c.name, " is in ",
                  entry->second, " and in ", pool->name);
}

std::string summary(const ClassPool& pool) {
  const std::vector<ClassGroup> groups = class_groups(pool);
  const bool grouped = !groups.empty() && !groups[0].name.empty();
  return text(pool.name, " ", pool.size(), " classes", grouped ? text(" of ", groups.size(), " alphabets") : "", " (",
              pool.image_count(), " images)");
}

// The classes that have images, by name.
std::vector<std::string> class_names(const Split& all) {
  std::vector<std::string> names;
  for (const PoolClass& c : class_pool(all, all.name()).classes) names.push_back(c.name);
  return names;
}

ClassPools divide_by_name(const Split& all, const std::map<std::string, ClassPart>& part_of, std::string split) {
  std::vector<ClassPart> part;
  for (int64_t i = 0; i < all.size(); ++i) {
    const auto found = part_of.find(all.classes()[static_cast<size_t>(all.label(i))]);
    part.push_back(found == part_of.end() ? ClassPart::kNone : found->second);
  }
  return divide_classes(all, part, std::move(split));
}

// "X" and the turn of "X/rot090"; {"X", -1} of "X".
std::pair<std::string, int> without_turn(const std::string& line) {
  for (int turns = 0; turns < 4; ++turns) {
    const std::string suffix = turned_name("", turns);
    if (line.ends_with(suffix)) return {line.substr(0, line.size() - suffix.size()), turns};
  }
  return {line, -1};
}

}  // namespace

void ClassSplitConfig::describe(Visitor& v) {
  v.choice("name", name, kNames, {.help = "which classes to train, validate and test on"});
  v.field("train", train,
          {.help = "of random: classes not to test on; three quarters when null", .min = 1, .max = 1e6});
  v.field("validation", validation,
          {.help = "of random and lake: classes held out of those; one in twelve when null", .min = 0, .max = 1e6});
  v.field("seed", seed, {.help = "of random choices; apart from the run's seed"});
  v.field("folder", folder, {.help = "of lists: where train.txt, val.txt and test.txt are"});
  v.check(name != ClassSplitKind::kLists || !folder.empty(), "a split by lists needs the folder of the lists",
          {"name", "folder"});
}

std::string ClassPools::description() const {
  return text("split ", split, ": ", summary(train), ", ", summary(validation), ", ", summary(test));
}

ClassPools divide_classes(const Split& all, const std::vector<ClassPart>& part, std::string split) {
  ENSURE(std::ssize(part) == all.size(), "class split: expected a part for each of ", all.size(), " images, got ",
         part.size());
  ClassPools pools{.split = std::move(split),
                   .train = pool_of(all, part, ClassPart::kTrain, "train"),
                   .validation = pool_of(all, part, ClassPart::kValidation, "validation"),
                   .test = pool_of(all, part, ClassPart::kTest, "test"),
                   .normalization = {}};
  check_disjoint(pools);
  return pools;
}

ClassPools random_class_split(const Split& all, const ClassSplitConfig& config) {
  const std::vector<std::string> names = class_names(all);
  const int64_t there = std::ssize(names), train = config.train.value_or(there * 3 / 4),
                validation = config.validation.value_or(train / 12);
  if (train >= there)
    fail_config("class_split.train: ", train, " classes to train on and at least 1 to test on need ", train + 1,
                ", but ", all.name(), " has ", there, ": ", train + 1 - there, " missing");
  if (validation >= train)
    fail_config("class_split.validation: expected fewer than the ", train, " classes it is held out of, got ",
                validation);
  std::map<std::string, ClassPart> part_of;
  const std::vector<int64_t> order = Rng(config.seed).stream("class split").permutation(there);
  for (int64_t i = 0; i < there; ++i)
    part_of[names[static_cast<size_t>(order[static_cast<size_t>(i)])]] =
        i < train - validation ? ClassPart::kTrain : i < train ? ClassPart::kValidation : ClassPart::kTest;
  return divide_by_name(all, part_of, text("random ", train, " (seed ", config.seed, ")"));
}

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
  return divide_by_name(all, part_of, "lists of " + folder.string());
}

ClassPools general_class_split(const Split& all, const ClassSplitConfig& config) {
  ClassSplitConfig random = config;
  switch (config.name) {
    case ClassSplitKind::kLists:
      return listed_class_split(all, config.folder);
    case ClassSplitKind::kRandom1200:
      random.train = kRandom1200;
      [[fallthrough]];
    case ClassSplitKind::kDefault:
    case ClassSplitKind::kRandom:
      return random_class_split(all, random);
    default:
      fail_config("class_split.name: \"", name_of(config.name),
                  "\" divides Omniglot; set data.name to \"omniglot\", or divide these classes by \"random\" or \"lists\"");
  }
}

ClassPools load_class_pools(const DataConfig& data, const ClassSplitConfig& split, const std::string& data_dir) {
  ClassPools pools;
  const DatasetEntry& entry = dataset_entry(data.name);
  const std::filesystem::path folder = *entry.origin ? find_data(data.name, data_dir) : std::filesystem::path();
  if (data.name == "omniglot") {
    pools = omniglot_class_split(read_omniglot(folder, data.omniglot), split);
  } else {
    Dataset loaded;
    entry.load(data, folder, loaded);
    pools = general_class_split(loaded.train, split);
  }
  pools.normalization = data.normalization == NormalizationKind::kChannel
                            ? Normalization::of(pools.train.images)
                            : Normalization::none(pools.train.images.images().channels);
  return pools;
}

}  // namespace fewer
