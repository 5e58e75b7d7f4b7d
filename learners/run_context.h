// RunContext: what the trainer gives a learner. Plumbing hides behind a range, not behind a base class:
//
//   for (Epoch& epoch : context.epochs("train", config.epochs, state))
//     for (const Batch& batch : epoch.batches(loader)) { ...forward, loss, grad, step...  epoch.log("loss", loss); }
//
// The range resumes where a checkpoint left off, shows progress, writes a metrics line and a checkpoint after each epoch, and
// leaves with Stopped when a signal asked for it, after saving. `state` is everything that must survive: it describes itself.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/rng.h"
#include "datasets/loader.h"
#include "learners/learner.h"
#include "learners/progress.h"
#include "learners/run_folder.h"
#include "nn/state.h"

namespace fewer {

class EpochRange;
class RunContext;

class Epoch {
 public:
  int64_t index() const { return index_; }         // from 0
  int64_t number() const { return index_ + 1; }    // as people count
  int64_t step() const { return step_; }           // training steps done in the whole stage, this one not counted
  std::string where() const;                       // "epoch 3, step 17", for messages
  // Averages of what was logged under one name in this epoch go into metrics.jsonl and the line printed. Order of first use.
  void log(const std::string& name, double value);

  class Batches;
  Batches batches(Loader& loader);  // the rest of the loader's epoch

 private:
  friend class EpochRange;
  friend class Batches;
  struct Sum {
    std::string name;
    double sum = 0;
    int64_t count = 0;
    void describe(Visitor& v);
  };
  void describe(Visitor& v);
  double average(const std::string& name) const;  // NaN when there is none

  EpochRange* range_ = nullptr;
  int64_t index_ = 0;
  int64_t step_ = 0;
  std::vector<Sum> sums_;
};

class Epoch::Batches {
 public:
  class Iterator {
   public:
    Iterator(Epoch* epoch, Loader* loader);
    const Batch& operator*() const { return *inner_; }
    Iterator& operator++();
    bool operator==(std::default_sentinel_t end) const { return inner_ == end; }

   private:
    Epoch* epoch_;
    Loader* loader_;
    Loader::Epoch::Iterator inner_;
  };
  Batches(Epoch* epoch, Loader* loader) : epoch_(epoch), loader_(loader) {}
  Iterator begin() { return Iterator(epoch_, loader_); }
  std::default_sentinel_t end() const { return {}; }

 private:
  Epoch* epoch_;
  Loader* loader_;
};

// The epochs of one stage. Its iterator is single-pass; leaving the loop early leaves the last checkpoint as it is.
class EpochRange {
 public:
  using State = std::function<void(StateVisitor&)>;
  EpochRange(RunContext& context, std::string stage, int64_t count, State state);

  class Iterator {
   public:
    explicit Iterator(EpochRange* range) : range_(range) {}
    Epoch& operator*() const { return range_->epoch_; }
    Iterator& operator++() {
      range_->finish_epoch();
      return *this;
    }
    bool operator==(std::default_sentinel_t) const { return range_->epoch_.index() >= range_->count_; }

   private:
    EpochRange* range_;
  };
  Iterator begin();
  std::default_sentinel_t end() const { return {}; }

 private:
  friend class Epoch;
  friend class Epoch::Batches;
  void begin_progress(int64_t steps_per_epoch);
  void finish_step(int64_t images, bool last_of_epoch);
  void finish_epoch();
  void save();
  void restore();
  void describe(StateVisitor& v);

  RunContext& context_;
  std::string stage_;
  int64_t count_;
  State state_;
  Epoch epoch_;
  int64_t metrics_bytes_ = 0;
  double seconds_ = 0;         // of the run, when the checkpoint was written
  bool progress_begun_ = false;
};

class RunContext {
 public:
  RunContext(RunFolder* folder, uint64_t seed, std::string data_dir, bool quiet)
      : folder_(folder), rng_(seed), data_dir_(std::move(data_dir)), quiet_(quiet), progress_(!quiet && stderr_is_terminal()) {}

  const Rng& rng() const { return rng_; }  // the root of the run's streams
  const std::string& data_dir() const { return data_dir_; }
  bool previewing() const { return folder_ == nullptr; }

  // `state` outlives the range and has describe(StateVisitor&).
  template <class State>
  EpochRange epochs(const std::string& stage, int64_t count, State& state) {
    return EpochRange(*this, stage, count, [&state](StateVisitor& v) { state.describe(v); });
  }

  void print(const std::string& line);  // to standard output, unless quiet
  void clear_progress() { progress_.clear(); }
  double seconds() const;               // of the whole run, earlier sessions included

 private:
  friend class EpochRange;
  friend class Epoch;
  RunFolder* folder_;
  Rng rng_;
  std::string data_dir_;
  bool quiet_;
  Progress progress_;
  double seconds_before_ = 0;
  std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
};

}  // namespace fewer
