#include "datasets/episodes/episode_sampler.h"

#include <algorithm>

#include "core/error.h"

namespace fewer {
namespace {

// "1 class is", "4 classes are"
std::string counted(int64_t n, const char* one, const char* many) { return text(n, " ", n == 1 ? one : many); }

constexpr int kQuarterTurns = 4;

std::vector<ClassGroup> whole_pool(const ClassPool& pool) {
  ClassGroup all;
  for (int64_t c = 0; c < pool.size(); ++c) all.classes.push_back(c);
  return {all};
}

void check_classes(const ClassGroup& group, const ClassPool& pool, const EpisodeConfig& config) {
  const int64_t there = std::ssize(group.classes), missing = config.ways - there;
  if (missing > 0)
    fail_config("episodes: ", config.ways, "-way episodes need ", config.ways, " classes, but ",
                config.protocol == Protocol::kAny ? "" : "the alphabet \"" + group.name + "\" of ", pool.name, " has ",
                there, ": ", counted(missing, "is", "are"), " missing; lower `ways`");
}

void check_images(const ClassPool& pool, const EpisodeConfig& config) {
  const auto fewer_images = [](const PoolClass& a, const PoolClass& b) {
    return a.positions.size() < b.positions.size();
  };
  const PoolClass& least = *std::min_element(pool.classes.begin(), pool.classes.end(), fewer_images);
  const int64_t needed = config.shots + config.queries, there = std::ssize(least.positions);
  const int64_t affected = std::count_if(pool.classes.begin(), pool.classes.end(), [&](const PoolClass& c) {
    return std::ssize(c.positions) < needed;
  });
  if (affected > 0)
    fail_config("episodes: ", config.shots, " support and ", config.queries, " query images per class make ", needed,
                ", but class ", least.name, " of ", pool.name, " has ", there, ": ",
                counted(needed - there, "image is", "images are"), " missing (",
                counted(affected, "class has", "classes have"), " too few); lower `shots` or `queries`");
}

void check_turns(const ClassPool& pool, const EpisodeConfig& config) {
  const ImageSet& set = pool.images.images();
  if (config.rotations != Rotations::kPerEpisode) return;
  if (set.height != set.width)
    fail_config("episodes: rotations need square images, but those of ", pool.name, " are ", set.image_shape());
  for (const PoolClass& c : pool.classes)
    if (c.turns != 0)
      fail_config("episodes: rotations per episode, but the classes of ", pool.name, " are turned already");
}

// Who drew every class of the group; a trial of Lake's needs two of them.
std::vector<int32_t> common_drawers(const ClassGroup& group, const ClassPool& pool) {
  std::vector<int32_t> common = drawers_of(pool[group.classes[0]], pool.images);
  for (const int64_t c : group.classes) {
    const std::vector<int32_t> here = drawers_of(pool[c], pool.images);
    std::erase_if(common, [&](int32_t d) { return !std::binary_search(here.begin(), here.end(), d); });
  }
  if (common.size() < 2)
    fail_config("episodes: the protocol \"lake\" needs two who drew every character of the alphabet \"", group.name,
                "\" of ", pool.name, ", got ", common.size(),
                pool.images.images().drawers.empty() ? ": this data does not say who drew its images" : "");
  return common;
}

int64_t image_by(int32_t drawer, const PoolClass& drawn, const Split& images) {
  return *std::find_if(drawn.positions.begin(), drawn.positions.end(),
                       [&](int64_t position) { return drawer_of(images, position) == drawer; });
}

Tensor stacked(std::span<const Episode> episodes, Tensor Episode::*member) {
  Shape shape = (episodes[0].*member).shape();
  Tensor all = Tensor::uninitialized(shape.inserted(0, std::ssize(episodes)));
  Real* out = all.mutable_data();
  for (const Episode& e : episodes) {
    ENSURE((e.*member).shape() == shape, "stack_episodes: expected images ", shape, " as in the first episode, got ",
           (e.*member).shape());
    out = std::copy_n((e.*member).data(), shape.numel(), out);
  }
  return all;
}

IntTensor stacked(std::span<const Episode> episodes, IntTensor Episode::*member) {
  IntTensor all = IntTensor::uninitialized({std::ssize(episodes), (episodes[0].*member).numel()});
  int32_t* out = all.mutable_data();
  for (const Episode& e : episodes) out = std::copy_n((e.*member).data(), (e.*member).numel(), out);
  return all;
}

}  // namespace

void EpisodeConfig::describe(Visitor& v) {
  v.field("ways", ways, {.help = "classes of an episode", .min = 2, .max = 100000});
  v.field("shots", shots, {.help = "labelled images of each", .min = 1, .max = 100000});
  v.field("queries", queries, {.help = "images of each to classify", .min = 0, .max = 100000});
  v.choice("rotations", rotations,
           {{"none", Rotations::kNone}, {"classes", Rotations::kClasses}, {"per_episode", Rotations::kPerEpisode}},
           {.help = "classes: a class and its turned copies are four classes; per_episode: a turn is drawn per class"});
  v.choice("protocol", protocol,
           {{"any", Protocol::kAny}, {"alphabet", Protocol::kAlphabet}, {"lake", Protocol::kLake}},
           {.help = "classes from anywhere, or of one alphabet, or also drawn by one hand and queried by another"});
  v.check(protocol != Protocol::kLake || (shots == 1 && queries == 1),
          "the protocol \"lake\" has one support and one query image per class: set shots and queries to 1",
          {"shots", "queries"});
}

void EpisodeSetConfig::describe(Visitor& v) {
  v.field("episodes", episodes, {.help = "how many", .min = 1, .max = 1e7});
  v.field("seed", seed, {.help = "which ones; apart from the run's seed, so that all methods meet the same"});
}

void EpisodeSampler::State::describe(Visitor& v) {
  v.field("index", index, {.help = "the next episode to deliver", .min = 0});
}

EpisodeBatch stack_episodes(std::span<const Episode> episodes) {
  ENSURE(!episodes.empty(), "stack_episodes: expected episodes, got none");
  return {stacked(episodes, &Episode::support_x), stacked(episodes, &Episode::support_y),
          stacked(episodes, &Episode::query_x), stacked(episodes, &Episode::query_y)};
}

EpisodeSampler::EpisodeSampler(ClassPool pool, Normalization normalization, EpisodeConfig config, Rng rng,
                               std::vector<Augmentation> augment)
    : pool_(config.rotations == Rotations::kClasses ? turned_classes(pool) : std::move(pool)),
      normalization_(std::move(normalization)),
      config_(config),
      rng_(rng),
      augment_(std::move(augment)),
      groups_(config.protocol == Protocol::kAny ? whole_pool(pool_) : class_groups(pool_)) {
  if (groups_.empty()) fail_config("episodes: ", pool_.name, " has no classes to draw from");
  for (const ClassGroup& group : groups_) {
    check_classes(group, pool_, config_);
    if (config_.protocol == Protocol::kLake) drawers_.push_back(common_drawers(group, pool_));
  }
  check_images(pool_, config_);
  check_turns(pool_, config_);
}

void EpisodeSampler::set_state(State state) {
  ENSURE(state.index >= 0, "episodes: expected an index from 0, got ", state.index);
  state_ = state;
}

Episode EpisodeSampler::next() { return episode(state_.index++); }

std::vector<Episode> EpisodeSampler::next(int64_t count) {
  std::vector<Episode> episodes;
  for (int64_t i = 0; i < count; ++i) episodes.push_back(next());
  return episodes;
}

EpisodePlan EpisodeSampler::plan(int64_t index) const {
  Rng rng = rng_.stream("plan").stream(static_cast<uint64_t>(index));
  const size_t group = static_cast<size_t>(rng.below(std::ssize(groups_)));
  std::vector<int32_t> drawers = drawers_.empty() ? std::vector<int32_t>() : drawers_[group];
  rng.shuffle(drawers);
  EpisodePlan plan;
  for (const int64_t i : rng.sample(std::ssize(groups_[group].classes), config_.ways))
    add_class(pool_[groups_[group].classes[static_cast<size_t>(i)]], drawers, plan, rng);
  // Shuffled, so that neither the place of an image nor its neighbours tell its class.
  rng.shuffle(plan.support);
  rng.shuffle(plan.query);
  return plan;
}

void EpisodeSampler::add_class(const PoolClass& drawn, std::span<const int32_t> drawers, EpisodePlan& plan,
                               Rng& rng) const {
  const bool turn_now = config_.rotations == Rotations::kPerEpisode;
  const int turns = turn_now ? static_cast<int>(rng.below(kQuarterTurns)) : drawn.turns;
  const int32_t label = static_cast<int32_t>(plan.classes.size());
  plan.classes.push_back(turn_now ? turned_name(drawn.name, turns) : drawn.name);
  if (!drawers.empty()) {
    plan.support.push_back({image_by(drawers[0], drawn, pool_.images), turns, label});
    plan.query.push_back({image_by(drawers[1], drawn, pool_.images), turns, label});
    return;
  }
  const std::vector<int64_t> images = rng.sample(std::ssize(drawn.positions), config_.shots + config_.queries);
  for (size_t i = 0; i < images.size(); ++i) {
    std::vector<ImageChoice>& part = std::cmp_less(i, config_.shots) ? plan.support : plan.query;
    part.push_back({drawn.positions[static_cast<size_t>(images[i])], turns, label});
  }
}

Episode EpisodeSampler::episode(int64_t index) const {
  const EpisodePlan p = plan(index);
  const Rng rng = rng_.stream("augment").stream(static_cast<uint64_t>(index));
  return {.index = index,
          .support_x = read_images(pool_.images, normalization_, p.support, {augment_, rng.stream("support")}),
          .support_y = labels_of(p.support),
          .query_x = read_images(pool_.images, normalization_, p.query, {augment_, rng.stream("query")}),
          .query_y = labels_of(p.query),
          .classes = p.classes};
}

EpisodeSet::EpisodeSet(ClassPool pool, Normalization normalization, const EpisodeConfig& config,
                       const EpisodeSetConfig& set)
    : sampler_(std::move(pool), std::move(normalization), config, Rng(set.seed).stream("episode set")), set_(set) {}

Episode EpisodeSet::operator[](int64_t i) const {
  ENSURE(i >= 0 && i < size(), "episode set: expected an episode from 0 to ", size() - 1, ", got ", i);
  return sampler_.episode(i);
}

std::string EpisodeSet::description() const {
  const EpisodeConfig& c = sampler_.config();
  const char* rotations[] = {"", ", rotations as classes", ", rotated per episode"};
  const char* protocols[] = {"", ", within alphabets", ", within alphabets and between drawers"};
  return text(size(), " episodes (seed ", set_.seed, "), ", c.ways, "-way ", c.shots, "-shot, ", c.queries,
              c.queries == 1 ? " query" : " queries", " per class, of ", sampler_.pool().size(), " classes of ",
              sampler_.pool().name, rotations[static_cast<int>(c.rotations)], protocols[static_cast<int>(c.protocol)]);
}

}  // namespace fewer
