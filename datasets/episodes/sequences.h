// Episodes as sequences, for networks that learn within a stream: memory-augmented and temporal ones.
//
// Two forms. With delayed labels (Santoro et al. 2016, MANN) every image must be classified and its label comes one
// step late: the input at t is (x_t, y_{t-1}). With a query at the end (Mishra et al. 2018, SNAIL) the labelled support
// comes first and only the last image, whose label is missing, is classified.
//
//   EpisodeSampler episodes(pool, normalization, {.ways = 5, .shots = 10, .queries = 0}, rng);
//   const DelayedSequences s = as_sequence(episodes.next(16), OneHotLabels{}, episodes.rng());   // T = 50, B = 16
#pragma once

#include <cstdint>
#include <span>
#include <variant>

#include "core/describe.h"
#include "core/rng.h"
#include "core/tensor.h"
#include "datasets/episodes/episode_sampler.h"

namespace fewer {

// How a label is shown to the network. Class k of an episode is ...
struct OneHotLabels {  // ... place k of N
  static constexpr const char* kName = "one_hot";
  void describe(Visitor&) {}
};
// ... a word, drawn anew for every class of every episode, no two alike; each letter is a one-hot vector. With five
// letters and five places there are 3,125 words, so the number of classes may change without changing the network.
struct StringLabels {
  static constexpr const char* kName = "strings";
  int64_t letters = 5;  // 'a' to 'e'
  int64_t length = 5;
  void describe(Visitor& v);
};
using LabelCode = std::variant<OneHotLabels, StringLabels>;

int64_t label_width(const LabelCode& code, int64_t ways);  // L: N, or letters * length

// Time first, as recurrent layers take it.
struct DelayedSequences {
  Tensor x;            // [T, B, H, W, C], T = N*K
  Tensor label_shown;  // [T, B, L], the label of step t-1; zeros at t = 0
  IntTensor target;    // [T, B], 0..N-1; of words [T, B, length], each letter 0..letters-1
  IntTensor label;     // [T, B], 0..N-1, whatever the code
  IntTensor instance;  // [T, B], 1 where a class is met for the first time, 2 for the second: accuracy is told by it
};

// The support images of each episode in their (random) order. Words depend on `rng` and the number of the episode
// alone. Throws when episodes differ in shape or have queries, and when there are more classes than words.
DelayedSequences as_sequence(std::span<const Episode> episodes, const LabelCode& code, const Rng& rng);

// Batch first, as temporal convolutions and attention take it.
struct QuerySequences {
  Tensor x;            // [B, T, H, W, C], T = N*K + 1
  Tensor label_shown;  // [B, T, N], one-hot; zeros at the last step
  IntTensor target;    // [B], of the last image
};

// The support of each episode in its random order, then its query number `query`: number 0 is of a random class.
// Throws when episodes differ in shape or have no such query.
QuerySequences as_sequence_with_query(std::span<const Episode> episodes, int64_t query = 0);

}  // namespace fewer
