// Episodes: little classification tasks, drawn anew from a pool of classes.
//
// An N-way K-shot episode has N classes, renamed 0 to N-1 in random order, K labelled images of each to learn from
// (the support) and Q others of each to be classified (the queries). Methods train on episodes of some classes and are
// tested on episodes of others.
//
//   EpisodeSampler episodes(pools.train, normalization, {.ways = 5, .shots = 1}, Rng(seed).stream("episodes"));
//   const Episode episode = episodes.next();
//
// Episode i is a pure function of the stream and i: threads and the order of requests do not matter, and where a
// sampler stands is one integer.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/describe.h"
#include "core/rng.h"
#include "core/tensor.h"
#include "datasets/augment.h"
#include "datasets/episodes/class_pool.h"
#include "datasets/episodes/image_choice.h"
#include "datasets/normalization.h"

namespace fewer {

// A character turned by 90, 180 or 270 degrees is another character: data for free.
enum class Rotations {
  kNone,
  kClasses,     // four classes for each, listed before anything is drawn: a character can meet itself turned
  kPerEpisode,  // classes are drawn first, then a turn for each, kept through the episode: it cannot
};

// Which classes and images may meet in an episode.
enum class Protocol {
  kAny,       // classes of the whole pool
  kAlphabet,  // all classes from one alphabet (or other group), each alphabet as often as any other
  kLake,      // as kAlphabet, and the support is by one drawer, the queries by another
};

struct EpisodeConfig {
  int64_t ways = 5;      // N, classes
  int64_t shots = 1;     // K, support images of each
  int64_t queries = 15;  // Q, query images of each
  Rotations rotations = Rotations::kNone;
  Protocol protocol = Protocol::kAny;
  void describe(Visitor& v);
};

// Which images an episode shows.
struct EpisodePlan {
  std::vector<ImageChoice> support, query;  // N*K and N*Q, in random order: their place must not tell their class
  std::vector<std::string> classes;         // [N]: label k is classes[k]
};

struct Episode {
  int64_t index = 0;                 // which one of its sampler
  Tensor support_x;                  // [N*K, H, W, C], normalised
  IntTensor support_y;               // [N*K], 0..N-1
  Tensor query_x;                    // [N*Q, H, W, C]
  IntTensor query_y;                 // [N*Q]
  std::vector<std::string> classes;  // [N], for people to read
  int64_t ways() const { return static_cast<int64_t>(classes.size()); }
};

// Episodes of one kind side by side, for networks that embed all their images in one pass.
struct EpisodeBatch {
  Tensor support_x;     // [B, N*K, H, W, C]
  IntTensor support_y;  // [B, N*K]
  Tensor query_x;       // [B, N*Q, H, W, C]
  IntTensor query_y;    // [B, N*Q]
};
EpisodeBatch stack_episodes(std::span<const Episode> episodes);  // throws unless all have the same shapes

class EpisodeSampler {
 public:
  struct State {
    int64_t index = 0;  // the next episode to deliver
    bool operator==(const State&) const = default;
    void describe(Visitor& v);
  };

  // Throws Error(kConfig) when the pool cannot give such episodes, saying how many classes or images are missing.
  EpisodeSampler(ClassPool pool, Normalization normalization, EpisodeConfig config, Rng rng,
                 std::vector<Augmentation> augment = {});

  Episode next();
  std::vector<Episode> next(int64_t count);  // a meta-batch

  // Any episode, whatever was drawn before. Safe from several threads. REQUIRES: index >= 0.
  Episode episode(int64_t index) const;
  EpisodePlan plan(int64_t index) const;

  const ClassPool& pool() const { return pool_; }  // with rotations as classes: the turned ones
  const EpisodeConfig& config() const { return config_; }
  const Rng& rng() const { return rng_; }
  State state() const { return state_; }
  void set_state(State state);  // throws when the index is negative

 private:
  void add_class(const PoolClass& drawn, std::span<const int32_t> drawers, EpisodePlan& plan, Rng& rng) const;

  ClassPool pool_;
  Normalization normalization_;
  EpisodeConfig config_;
  Rng rng_;
  std::vector<Augmentation> augment_;
  std::vector<ClassGroup> groups_;             // an episode stays within one; Protocol::kAny: all classes are one
  std::vector<std::vector<int32_t>> drawers_;  // Protocol::kLake: of each group, who drew all its classes
  State state_;
};

// Fixed episodes to measure a method on: a seed and a number, apart from the seed of the run, so that every method is
// measured on the same ones.
struct EpisodeSetConfig {
  int64_t episodes = 600;
  uint64_t seed = 1;
  void describe(Visitor& v);
};

class EpisodeSet {
 public:
  EpisodeSet(ClassPool pool, Normalization normalization, const EpisodeConfig& config, const EpisodeSetConfig& set);

  int64_t size() const { return set_.episodes; }
  Episode operator[](int64_t i) const;  // throws unless 0 <= i < size(). Safe from several threads
  // What a measured figure must be quoted with: "600 episodes (seed 1), 5-way 1-shot, 15 queries per class, of ...".
  std::string description() const;

 private:
  EpisodeSampler sampler_;
  EpisodeSetConfig set_;
};

}  // namespace fewer
