// Pairs of images, of the same class or not, for networks that learn to tell (Koch et al. 2015).
//
//   PairSampler pairs(pools.train, normalization, {.pairs = 30000}, Rng(seed).stream("pairs"));
//   const PairBatch batch = pairs.next(128);   // forward both towers
//
// Half of all pairs are of one class (two images of it), half of two. Every alphabet (what stands before the slash of a
// class's name; without one all classes are one alphabet) gives as many of each half as any other, to within one pair.
// Pair i is a pure function of the stream and i.
#pragma once

#include <cstdint>
#include <vector>

#include "core/describe.h"
#include "core/rng.h"
#include "core/tensor.h"
#include "datasets/augment.h"
#include "datasets/episodes/class_pool.h"
#include "datasets/episodes/image_choice.h"
#include "datasets/normalization.h"

namespace fewer {

// Where the other class of a pair of different classes comes from.
enum class DifferentPairs {
  kAlphabet,  // the same alphabet: the harder question, and the one that trials within an alphabet ask
  kAny,       // anywhere in the pool
};

struct PairConfig {
  int64_t pairs = 30000;  // of the set, half of them of one class
  DifferentPairs different = DifferentPairs::kAlphabet;
  void describe(Visitor& v);
};

struct Pair {
  ImageChoice first, second;
  bool same = false;  // of one class
};

struct PairBatch {
  Tensor first, second;  // [B, H, W, C], normalised
  Tensor same;           // [B], 1 or 0: what a binary cross-entropy takes
};

class PairSampler {
 public:
  struct State {
    int64_t delivered = 0;  // pairs so far
    bool operator==(const State&) const = default;
    void describe(Visitor& v);
  };

  // With `augment`, each of the two images is changed by itself, and anew in every epoch. Throws Error(kConfig) when
  // the pool lacks a class or an image for such pairs.
  PairSampler(ClassPool pool, Normalization normalization, PairConfig config, Rng rng,
              std::vector<Augmentation> augment = {});

  // The next pairs of endless epochs, each a new order of the set. Throws unless count > 0.
  PairBatch next(int64_t count);

  // Pairs first to first + count - 1 of the set, in its order and without augmentation: the sets on which verification
  // is measured. Throws when there are not so many.
  PairBatch batch(int64_t first, int64_t count) const;
  Pair pair(int64_t i) const;  // REQUIRES: 0 <= i < size()

  int64_t size() const { return config_.pairs; }
  const ClassPool& pool() const { return pool_; }
  State state() const { return state_; }
  void set_state(State state);  // throws when it is negative

 private:
  int64_t other_class(int64_t first, const ClassGroup& group, Rng& rng) const;
  PairBatch read(const std::vector<Pair>& pairs, std::span<const Augmentation> augment,
                 int64_t first_number) const;
  int64_t in_order(int64_t delivered);

  ClassPool pool_;
  Normalization normalization_;
  PairConfig config_;
  Rng rng_;
  std::vector<Augmentation> augment_;
  std::vector<ClassGroup> groups_;
  State state_;
  std::vector<int64_t> order_;  // of epoch ordered_
  int64_t ordered_ = -1;
};

}  // namespace fewer
