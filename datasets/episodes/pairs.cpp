#include "datasets/episodes/pairs.h"

#include <algorithm>

#include "core/error.h"

namespace fewer {
namespace {

void check_groups(const std::vector<ClassGroup>& groups, const ClassPool& pool, DifferentPairs different) {
  if (pool.size() < 2)
    fail_config("pairs: two classes make a different pair, but ", pool.name, " has ", pool.size(), ": ",
                2 - pool.size(), " missing");
  for (const ClassGroup& group : groups)
    if (group.classes.size() < 2 && different == DifferentPairs::kAlphabet)
      fail_config("pairs: two classes of one alphabet make a different pair, but \"", group.name, "\" of ", pool.name,
                  " has one: leave it out, or set `different` to \"any\"");
}

void check_images(const ClassPool& pool) {
  for (const PoolClass& c : pool.classes)
    if (c.positions.size() < 2)
      fail_config("pairs: two images of a class make a same pair, but class ", c.name, " of ", pool.name,
                  " has one: leave it out");
}

}  // namespace

void PairConfig::describe(Visitor& v) {
  v.field("pairs", pairs, {.help = "of the set, half of them of one class", .min = 2, .max = 1e9});
  v.choice("different", different, {{"alphabet", DifferentPairs::kAlphabet}, {"any", DifferentPairs::kAny}},
           {.help = "the other class of a different pair: of the same alphabet, or any"});
  v.check(pairs % 2 == 0, "half of the pairs are of one class: their number must be even", {"pairs"});
}

void PairSampler::State::describe(Visitor& v) {
  v.field("delivered", delivered, {.help = "pairs so far", .min = 0});
}

PairSampler::PairSampler(ClassPool pool, Normalization normalization, PairConfig config, Rng rng,
                         std::vector<Augmentation> augment)
    : pool_(std::move(pool)),
      normalization_(std::move(normalization)),
      config_(config),
      rng_(rng),
      augment_(std::move(augment)),
      groups_(class_groups(pool_)) {
  if (config_.pairs < 2 || config_.pairs % 2 != 0)
    fail_config("pairs: half of them are of one class, so their number must be even and positive, got ", config_.pairs);
  check_groups(groups_, pool_, config_.different);
  check_images(pool_);
}

void PairSampler::set_state(State state) {
  ENSURE(state.delivered >= 0, "pairs: expected a number from 0, got ", state.delivered);
  state_ = state;
}

Pair PairSampler::pair(int64_t i) const {
  Rng rng = rng_.stream("pair").stream(static_cast<uint64_t>(i));
  const ClassGroup& group = groups_[static_cast<size_t>(i / 2 % std::ssize(groups_))];
  const int64_t first = group.classes[static_cast<size_t>(rng.below(std::ssize(group.classes)))];
  const auto choose = [&](int64_t c, int64_t image) {
    return ImageChoice{pool_[c].positions[static_cast<size_t>(image)], pool_[c].turns};
  };
  if (i % 2 == 0) {
    const std::vector<int64_t> two = rng.sample(std::ssize(pool_[first].positions), 2);
    return {choose(first, two[0]), choose(first, two[1]), true};
  }
  const int64_t second = other_class(first, group, rng);
  return {choose(first, rng.below(std::ssize(pool_[first].positions))),
          choose(second, rng.below(std::ssize(pool_[second].positions))), false};
}

// A class other than `first`, each as likely: the last one stands in where the draw hits `first` itself.
int64_t PairSampler::other_class(int64_t first, const ClassGroup& group, Rng& rng) const {
  if (config_.different == DifferentPairs::kAny) {
    const int64_t drawn = rng.below(pool_.size() - 1);
    return drawn == first ? pool_.size() - 1 : drawn;
  }
  const int64_t drawn = group.classes[static_cast<size_t>(rng.below(std::ssize(group.classes) - 1))];
  return drawn == first ? group.classes.back() : drawn;
}

// The place in the set of the pair delivered as number `delivered`.
int64_t PairSampler::in_order(int64_t delivered) {
  const int64_t epoch = delivered / size();
  if (ordered_ != epoch) order_ = rng_.stream("order").stream(static_cast<uint64_t>(epoch)).permutation(size());
  ordered_ = epoch;
  return order_[static_cast<size_t>(delivered % size())];
}

PairBatch PairSampler::next(int64_t count) {
  ENSURE(count > 0, "pairs: expected a batch of at least 1 pair, got ", count);
  const int64_t first = state_.delivered;
  std::vector<Pair> pairs;
  while (std::ssize(pairs) < count) pairs.push_back(pair(in_order(state_.delivered++)));
  return read(pairs, augment_, first);
}

PairBatch PairSampler::batch(int64_t first, int64_t count) const {
  ENSURE(first >= 0 && count > 0 && first + count <= size(), "pairs: expected a part of the ", size(),
         " pairs, got ", count, " from number ", first);
  std::vector<Pair> pairs;
  for (int64_t i = first; i < first + count; ++i) pairs.push_back(pair(i));
  return read(pairs, {}, first);
}

PairBatch PairSampler::read(const std::vector<Pair>& pairs, std::span<const Augmentation> augment,
                            int64_t first_number) const {
  std::vector<ImageChoice> first, second;
  std::vector<Real> same;
  for (const Pair& p : pairs) {
    first.push_back(p.first);
    second.push_back(p.second);
    same.push_back(p.same ? 1 : 0);
  }
  const Rng rng = rng_.stream("augment");
  return {read_images(pool_.images, normalization_, first, {augment, rng.stream("first"), first_number}),
          read_images(pool_.images, normalization_, second, {augment, rng.stream("second"), first_number}),
          Tensor::from(same, {std::ssize(pairs)})};
}

}  // namespace fewer
