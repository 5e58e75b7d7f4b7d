#include "datasets/episodes/class_split.h"

#include <algorithm>
#include <map>
#include <set>

#include "core/error.h"
#include "core/rng.h"

namespace fewer {
namespace {

constexpr NamedValue<ClassSplitKind> kNames[] = {
    {"default", ClassSplitKind::kDefault},       {"given", ClassSplitKind::kGiven},
    {"random", ClassSplitKind::kRandom},         {"random1200", ClassSplitKind::kRandom1200},
    {"vinyals", ClassSplitKind::kVinyals},       {"lake", ClassSplitKind::kLake},
    {"koch", ClassSplitKind::kKoch},             {"lists", ClassSplitKind::kLists}};

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

std::vector<std::string> names_of(const Split& all, const std::vector<ClassPart>& part, ClassPart wanted) {
  std::set<std::string> names;
  for (int64_t i = 0; i < all.size(); ++i)
    if (part[static_cast<size_t>(i)] == wanted) names.insert(all.classes()[static_cast<size_t>(all.label(i))]);
  return {names.begin(), names.end()};
}

}  // namespace

void ClassSplitConfig::describe(Visitor& v) {
  v.choice("name", name, kNames, {.help = "which classes to train, validate and test on"});
  v.field("train", train,
          {.help = "of random: classes not to test on; three quarters when null", .min = 1, .max = 1e6});
  v.field("validation", validation,
          {.help = "of random, given, lake: classes held out of those; one in twelve when null", .min = 0, .max = 1e6});
  v.field("seed", seed, {.help = "of random choices; apart from the run's seed"});
  v.field("folder", folder, {.help = "of lists: where train.txt, val.txt and test.txt are"});
  v.check(name != ClassSplitKind::kLists || !folder.empty(), "a split by lists needs the folder of the lists",
          {"name", "folder"});
}

std::string class_split_name(ClassSplitKind kind) {
  return std::ranges::find(kNames, kind, &NamedValue<ClassSplitKind>::value)->name;
}

std::string ClassPools::description() const {
  return text("split ", split, ": ", summary(train), ", ", summary(validation), ", ", summary(test));
}

std::vector<std::string> class_names(const Split& all) {
  std::vector<std::string> names;
  for (const PoolClass& c : class_pool(all, all.name()).classes) names.push_back(c.name);
  return names;
}

std::vector<ClassPart> parts_by_name(const Split& all, const std::map<std::string, ClassPart>& part_of) {
  std::vector<ClassPart> part;
  for (int64_t i = 0; i < all.size(); ++i) {
    const auto found = part_of.find(all.classes()[static_cast<size_t>(all.label(i))]);
    part.push_back(found == part_of.end() ? ClassPart::kNone : found->second);
  }
  return part;
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

void hold_out_classes(const Split& all, const ClassSplitConfig& config, std::vector<ClassPart>& part) {
  const std::vector<std::string> names = names_of(all, part, ClassPart::kTrain);
  const int64_t train = std::ssize(names), count = config.validation.value_or(train / 12);
  if (count > 0 && count >= train)
    fail_config("class_split.validation: expected fewer than the ", train, " classes it is held out of, got ", count);
  std::set<std::string> chosen;
  Rng rng = Rng(config.seed).stream("validation classes");
  for (const int64_t i : rng.sample(train, count)) chosen.insert(names[static_cast<size_t>(i)]);
  for (int64_t i = 0; i < all.size(); ++i)
    if (chosen.contains(all.classes()[static_cast<size_t>(all.label(i))]))
      part[static_cast<size_t>(i)] = ClassPart::kValidation;
}

ClassPools random_class_split(const Split& all, const ClassSplitConfig& config) {
  const std::vector<std::string> names = class_names(all);
  const int64_t there = std::ssize(names), train = config.train.value_or(there * 3 / 4);
  if (train >= there)
    fail_config("class_split.train: ", train, " classes to train on and at least 1 to test on need ", train + 1,
                ", but ", all.name(), " has ", there, ": ", train + 1 - there, " missing");
  std::map<std::string, ClassPart> part_of;
  for (const std::string& name : names) part_of[name] = ClassPart::kTest;
  Rng rng = Rng(config.seed).stream("training classes");
  for (const int64_t i : rng.sample(there, train)) part_of[names[static_cast<size_t>(i)]] = ClassPart::kTrain;
  std::vector<ClassPart> part = parts_by_name(all, part_of);
  hold_out_classes(all, config, part);
  return divide_classes(all, part, text("random ", train, " (seed ", config.seed, ")"));
}

}  // namespace fewer
