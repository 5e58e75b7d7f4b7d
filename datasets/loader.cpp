#include "datasets/loader.h"

#include <algorithm>
#include <numeric>

#include "core/error.h"
#include "core/observer.h"
#include "core/parallel.h"

namespace fewer {
namespace {

constexpr int64_t kChunkElements = 32768;  // some dozens of microseconds of work

// A batch of the right size with its labels; `fill` writes the pixels of one image, in parallel over images.
template <class Fill>
Batch make_batch(const Split& split, std::span<const int64_t> positions, Fill fill) {
  const int64_t n = static_cast<int64_t>(positions.size());
  const Shape s = split.images().image_shape();
  Batch batch{Tensor::uninitialized({n, s[0], s[1], s[2]}),
              IntTensor::uninitialized({n}),
              {positions.begin(), positions.end()}};
  Real* x = batch.x.mutable_data();
  int32_t* y = batch.y.mutable_data();
  for (int64_t i = 0; i < n; ++i) y[i] = split.label(positions[static_cast<size_t>(i)]);
  const int64_t images_per_chunk = std::max<int64_t>(1, kChunkElements / s.numel());
  parallel_for(n, images_per_chunk, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) fill(positions[static_cast<size_t>(i)], x + i * s.numel());
  });
  return batch;
}

}  // namespace

Batch read_batch(const Split& split, const Normalization& normalization, std::span<const int64_t> positions) {
  return make_batch(split, positions,
                    [&](int64_t position, Real* x) { normalization.apply(split.image(position), x); });
}

Loader::Loader(Split split, Normalization normalization, LoaderOptions options, Rng rng)
    : split_(std::move(split)), normalization_(std::move(normalization)), options_(std::move(options)), rng_(rng) {
  ENSURE(!split_.empty(), "loader: expected images, but the split \"", split_.name(), "\" is empty");
  ENSURE(options_.batch > 0, "loader: expected a batch of at least 1 image, got ", options_.batch);
  ENSURE(batches_per_epoch() > 0, "loader: drop_last leaves nothing: the split \"", split_.name(), "\" has ",
         split_.size(), " images, fewer than one batch of ", options_.batch);
}

Loader::Loader(Split split, Normalization normalization, int64_t batch)
    : Loader(std::move(split), std::move(normalization), {.batch = batch, .shuffle = false}, Rng(0)) {}

int64_t Loader::batches_per_epoch() const {
  const int64_t n = split_.size(), b = options_.batch;
  return options_.drop_last ? n / b : (n + b - 1) / b;
}

int64_t Loader::images_per_epoch() const { return std::min(split_.size(), batches_per_epoch() * options_.batch); }

void Loader::State::describe(Visitor& v) {
  v.field("epoch", epoch, {.help = "the epoch it is in", .min = 0});
  v.field("batch", batch, {.help = "the next batch to deliver", .min = 0});
}

void Loader::set_state(State state) {
  ENSURE(state.epoch >= 0 && state.batch >= 0 && state.batch < batches_per_epoch(),
         "loader: expected an epoch from 0 and a batch from 0 to ", batches_per_epoch() - 1, ", got epoch ",
         state.epoch, ", batch ", state.batch, ": was the batch size or the data changed?");
  state_ = state;
}

void Loader::order_epoch() {
  if (ordered_ == state_.epoch) return;
  if (options_.shuffle) {
    order_ = rng_.stream("order").stream(static_cast<uint64_t>(state_.epoch)).permutation(split_.size());
  } else if (order_.empty()) {
    order_.resize(static_cast<size_t>(split_.size()));
    std::iota(order_.begin(), order_.end(), int64_t{0});
  }
  ordered_ = state_.epoch;
}

Batch Loader::next() {
  const Span span(SpanKind::kWork, "load batch");
  order_epoch();
  const int64_t begin = state_.batch * options_.batch, end = std::min(begin + options_.batch, split_.size());
  const std::span<const int64_t> positions(order_.data() + begin, static_cast<size_t>(end - begin));
  Batch batch = options_.augment.empty() ? read_batch(split_, normalization_, positions) : augmented_batch(positions);
  if (++state_.batch == batches_per_epoch()) state_ = {.epoch = state_.epoch + 1, .batch = 0};
  return batch;
}

Batch Loader::augmented_batch(std::span<const int64_t> positions) const {
  const Rng epoch_rng = rng_.stream("augment").stream(static_cast<uint64_t>(state_.epoch));
  return make_batch(split_, positions, [&](int64_t position, Real* x) {
    const std::span<const uint8_t> original = split_.image(position);
    std::vector<uint8_t> image(original.begin(), original.end());
    Rng image_rng = epoch_rng.stream(static_cast<uint64_t>(position));
    augment(image, split_.images().image_shape(), options_.augment, image_rng);
    normalization_.apply(image, x);
  });
}

Loader::Epoch Loader::epoch() { return Epoch(this); }

Loader::Epoch::Iterator& Loader::Epoch::Iterator::operator++() {
  done_ = last_;
  if (!done_) {
    batch_ = loader_->next();
    last_ = loader_->state().batch == 0;
  }
  return *this;
}

}  // namespace fewer
