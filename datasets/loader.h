// Loader: a split as an endless sequence of batches, epoch after epoch.
//
//   Loader loader(data.train, data.normalization, {.batch = 128, .augment = augment}, Rng(seed).stream("loader"));
//   for (const Batch& batch : loader.epoch()) { ... }  // the rest of the current epoch
//   Batch batch = loader.next();                       // or one at a time, for methods that count steps
//
// Where it stands is two integers, (epoch, batch): the order of an epoch is a pure function of the stream and the
// epoch's number, so a checkpoint that keeps them resumes with exactly the batches that were still to come.
//
// With `prefetch` a thread of its own prepares the next batch while the caller computes with this one. A batch is a pure function of where
// the loader stands, so it is the same with and without.
#pragma once

#include <cstdint>
#include <iterator>
#include <memory>
#include <vector>

#include "core/rng.h"
#include "core/tensor.h"
#include "datasets/augment.h"
#include "datasets/background.h"
#include "datasets/image_set.h"
#include "datasets/normalization.h"

namespace fewer {

struct Batch {
  Tensor x;                        // [B, H, W, C], normalised
  IntTensor y;                     // [B]
  std::vector<int64_t> positions;  // [B] within the split: for what is kept per image, a teacher's answers say
  int64_t size() const { return y.numel(); }
};

// The images at `positions` of a split, normalised, not augmented. Parallel over images.
Batch read_batch(const Split& split, const Normalization& normalization, std::span<const int64_t> positions);

struct LoaderOptions {
  int64_t batch = 128;
  bool shuffle = true;     // a new order every epoch; false: the split's own order
  bool drop_last = false;  // leave out the last batch when it is smaller than the others
  bool prefetch = false;   // prepare the next batch in the background
  std::vector<Augmentation> augment = {};
};

class Loader {
 public:
  struct State {
    int64_t epoch = 0;
    int64_t batch = 0;  // the next one to deliver, 0 <= batch < batches_per_epoch()
    bool operator==(const State&) const = default;
    void describe(Visitor& v);
  };

  // Copies stand where the original does and prepare batches of their own.
  // Throws when the split is empty, the batch is not positive, or drop_last would leave nothing.
  Loader(Split split, Normalization normalization, LoaderOptions options, Rng rng);
  // In order, each image once per epoch, nothing random: for evaluation.
  Loader(Split split, Normalization normalization, int64_t batch);

  Batch next();  // the next batch; after an epoch's last one the next epoch begins

  // The batches from here to the end of the current epoch, as a range for one `for` loop. state() inside the loop
  // already points behind the batch at hand. REQUIRES: the loader outlives the range.
  class Epoch;
  Epoch epoch();

  int64_t batches_per_epoch() const;
  int64_t images_per_epoch() const;
  const Split& split() const { return source_->split; }
  State state() const { return state_; }
  void set_state(State state);  // throws when there is no such batch

 private:
  // What batches are made of. Shared with the thread that prepares one, so that a loader may be moved meanwhile.
  struct Source {
    Split split;
    Normalization normalization;
    LoaderOptions options;
    Rng rng;
    void fill(Batch& batch, int64_t epoch) const;  // the pixels, in parallel over images
  };
  // The batch prepared ahead of its time. A copy starts without one.
  struct Ahead {
    Ahead() = default;
    Ahead(const Ahead&) {}
    Ahead& operator=(const Ahead&);
    State state = {};       // the batch it is
    Batch batch = {};
    bool pending = false;
    std::unique_ptr<Background> thread = {};  // last, so that it ends first
  };

  Batch take(State state);                // its pixels not filled yet
  bool prepared(State state);             // waits for what was begun; whether it is that batch
  void prepare(State state);              // begins it in the background
  State after(State state) const;
  void order_epoch(int64_t epoch);

  std::shared_ptr<const Source> source_;
  State state_;
  std::vector<int64_t> order_;  // positions within the split, in the order of epoch ordered_
  int64_t ordered_ = -1;
  Ahead ahead_;
};

class Loader::Epoch {
 public:
  class Iterator {
   public:
    explicit Iterator(Loader* loader) : loader_(loader) { ++*this; }
    const Batch& operator*() const { return batch_; }
    Iterator& operator++();
    bool operator==(std::default_sentinel_t) const { return done_; }

   private:
    Loader* loader_;
    Batch batch_;
    bool last_ = false;  // batch_ was the epoch's last
    bool done_ = false;
  };
  explicit Epoch(Loader* loader) : loader_(loader) {}
  Iterator begin() { return Iterator(loader_); }
  std::default_sentinel_t end() const { return {}; }

 private:
  Loader* loader_;
};

}  // namespace fewer
