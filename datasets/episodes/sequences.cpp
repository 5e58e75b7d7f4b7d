#include "datasets/episodes/sequences.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"

namespace fewer {
namespace {

using Word = std::vector<int32_t>;  // a class's label: its number, or its letters

void check_alike(std::span<const Episode> episodes, const char* where) {
  ENSURE(!episodes.empty(), where, ": expected episodes, got none");
  for (const Episode& e : episodes)
    ENSURE(e.support_x.shape() == episodes[0].support_x.shape() && e.ways() == episodes[0].ways(), where,
           ": expected episodes of one shape, got support ", episodes[0].support_x.shape(), " of ", episodes[0].ways(),
           " classes and ", e.support_x.shape(), " of ", e.ways());
}

// A label is `parts` one-hot vectors of `values` places each, side by side.
struct LabelLayout {
  int64_t parts = 1, values = 0;
};
LabelLayout layout_of(const LabelCode& code, int64_t ways) {
  if (const StringLabels* words = std::get_if<StringLabels>(&code)) return {words->length, words->letters};
  return {1, ways};
}

std::vector<Word> draw_words(const OneHotLabels&, int64_t ways, Rng) {
  std::vector<Word> numbers;
  for (int64_t k = 0; k < ways; ++k) numbers.push_back({static_cast<int32_t>(k)});
  return numbers;
}
std::vector<Word> draw_words(const StringLabels& code, int64_t ways, Rng rng) {
  const double all = std::pow(static_cast<double>(code.letters), static_cast<double>(code.length));
  ENSURE(static_cast<double>(ways) <= all, "as_sequence: ", ways, " classes need as many labels, but of ", code.length,
         " letters out of ", code.letters, " there are ", all, " words; use longer ones");
  std::vector<Word> drawn;
  while (std::ssize(drawn) < ways) {
    Word word;
    for (int64_t i = 0; i < code.length; ++i) word.push_back(static_cast<int32_t>(rng.below(code.letters)));
    if (std::find(drawn.begin(), drawn.end(), word) == drawn.end()) drawn.push_back(std::move(word));
  }
  return drawn;
}

// Writes column b: the labels of episode `e`, class k of which is called words[k].
void write_labels(const Episode& e, const std::vector<Word>& words, LabelLayout layout, int64_t b,
                  DelayedSequences& s) {
  const int64_t steps = s.label.size(0), batch = s.label.size(1), width = layout.parts * layout.values;
  Real* shown = s.label_shown.mutable_data();
  int32_t *target = s.target.mutable_data(), *label = s.label.mutable_data(), *instance = s.instance.mutable_data();
  std::vector<int32_t> met(words.size(), 0);
  for (int64_t t = 0; t < steps; ++t) {
    const int64_t here = t * batch + b, next = here + batch;
    const size_t k = static_cast<size_t>(e.support_y[t]);
    label[here] = e.support_y[t];
    instance[here] = ++met[k];
    std::copy(words[k].begin(), words[k].end(), target + here * layout.parts);
    for (int64_t p = 0; p < layout.parts && t + 1 < steps; ++p)
      shown[next * width + p * layout.values + words[k][static_cast<size_t>(p)]] = 1;
  }
}

// Copies step t of episode b to place t*B + b.
Tensor time_first_images(std::span<const Episode> episodes) {
  const Shape s = episodes[0].support_x.shape();  // [T, H, W, C]
  const int64_t steps = s[0], batch = std::ssize(episodes), image = s.numel() / steps;
  Tensor x = Tensor::uninitialized(s.inserted(1, batch));
  Real* out = x.mutable_data();
  for (int64_t t = 0; t < steps; ++t)
    for (const Episode& e : episodes) out = std::copy_n(e.support_x.data() + t * image, image, out);
  return x;
}

}  // namespace

void StringLabels::describe(Visitor& v) {
  v.field("letters", letters, {.help = "of the alphabet, from a", .min = 2, .max = 26});
  v.field("length", length, {.help = "letters of a word", .min = 1, .max = 16});
}

int64_t label_width(const LabelCode& code, int64_t ways) {
  const LabelLayout layout = layout_of(code, ways);
  return layout.parts * layout.values;
}

DelayedSequences as_sequence(std::span<const Episode> episodes, const LabelCode& code, const Rng& rng) {
  check_alike(episodes, "as_sequence");
  ENSURE(episodes[0].query_y.numel() == 0, "as_sequence: every image of such a sequence is classified, so it takes ",
         "episodes without queries, got ", episodes[0].query_y.numel(), ": set `queries` to 0");
  const int64_t steps = episodes[0].support_y.numel(), batch = std::ssize(episodes), ways = episodes[0].ways();
  const LabelLayout layout = layout_of(code, ways);
  const bool words = std::holds_alternative<StringLabels>(code);
  const Shape times = {steps, batch};
  DelayedSequences s{.x = time_first_images(episodes),
                     .label_shown = Tensor::zeros(times.inserted(2, layout.parts * layout.values)),
                     .target = IntTensor::uninitialized(words ? times.inserted(2, layout.parts) : times),
                     .label = IntTensor::uninitialized(times),
                     .instance = IntTensor::uninitialized(times)};
  for (int64_t b = 0; b < batch; ++b) {
    const Episode& e = episodes[static_cast<size_t>(b)];
    const Rng stream = rng.stream("words").stream(static_cast<uint64_t>(e.index));
    write_labels(e, std::visit([&](const auto& c) { return draw_words(c, ways, stream); }, code), layout, b, s);
  }
  return s;
}

QuerySequences as_sequence_with_query(std::span<const Episode> episodes, int64_t query) {
  check_alike(episodes, "as_sequence_with_query");
  const Shape s = episodes[0].support_x.shape();  // [N*K, H, W, C]
  const int64_t shown = s[0], ways = episodes[0].ways(), batch = std::ssize(episodes), image = s.numel() / shown;
  QuerySequences result{.x = Tensor::uninitialized(s.with(0, shown + 1).inserted(0, batch)),
                        .label_shown = Tensor::zeros({batch, shown + 1, ways}),
                        .target = IntTensor::full({batch}, 0)};
  Real *x = result.x.mutable_data(), *label = result.label_shown.mutable_data();
  int32_t* target = result.target.mutable_data();
  for (const Episode& e : episodes) {
    ENSURE(query >= 0 && query < e.query_y.numel(), "as_sequence_with_query: expected a query from 0 to ",
           e.query_y.numel() - 1, ", got ", query, ": set `queries` to at least 1");
    x = std::copy_n(e.support_x.data(), s.numel(), x);
    x = std::copy_n(e.query_x.data() + query * image, image, x);
    for (int64_t t = 0; t < shown; ++t) label[t * ways + e.support_y[t]] = 1;
    label += (shown + 1) * ways;
    *target++ = e.query_y[query];
  }
  return result;
}

}  // namespace fewer
