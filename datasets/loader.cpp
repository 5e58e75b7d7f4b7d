#include "datasets/loader.h"

#include <algorithm>
#include <numeric>

#include "core/error.h"
#include "core/observer.h"
#include "core/parallel.h"

namespace fewer {
namespace {

constexpr int64_t kChunkElements = 32768;  // some dozens of microseconds of work

// Memory for the images at `positions`, with their labels.
Batch empty_batch(const Split& split, std::span<const int64_t> positions) {
  const int64_t n = static_cast<int64_t>(positions.size());
  const Shape s = split.images().image_shape();
  Batch batch{Tensor::uninitialized({n, s[0], s[1], s[2]}), IntTensor::uninitialized({n}), {positions.begin(), positions.end()}};
  int32_t* y = batch.y.mutable_data();
  for (int64_t i = 0; i < n; ++i) y[i] = split.label(positions[static_cast<size_t>(i)]);
  return batch;
}

// `fill(position, x)` writes the numbers of one image, in parallel over images; then all are whitened.
template <class Fill>
void fill_pixels(Batch& batch, const Split& split, const Normalization& normalization, Fill fill) {
  Real* x = batch.x.mutable_data();
  const int64_t numbers = split.images().image_bytes(), images_per_chunk = std::max<int64_t>(1, kChunkElements / numbers);
  parallel_for(batch.size(), images_per_chunk, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) fill(batch.positions[static_cast<size_t>(i)], x + i * numbers);
  });
  normalization.whiten(x, batch.size());
}

void fill_plain(Batch& batch, const Split& split, const Normalization& normalization) {
  fill_pixels(batch, split, normalization, [&](int64_t position, Real* x) { normalization.apply(split.image(position), x); });
}

}  // namespace

Batch read_batch(const Split& split, const Normalization& normalization, std::span<const int64_t> positions) {
  Batch batch = empty_batch(split, positions);
  fill_plain(batch, split, normalization);
  return batch;
}

Loader::Loader(Split split, Normalization normalization, LoaderOptions options, Rng rng)
    : source_(std::make_shared<const Source>(Source{std::move(split), std::move(normalization), std::move(options), rng})) {
  const Source& s = *source_;
  ENSURE(!s.split.empty(), "loader: expected images, but the split \"", s.split.name(), "\" is empty");
  ENSURE(s.options.batch > 0, "loader: expected a batch of at least 1 image, got ", s.options.batch);
  ENSURE(batches_per_epoch() > 0, "loader: drop_last leaves nothing: the split \"", s.split.name(), "\" has ",
         s.split.size(), " images, fewer than one batch of ", s.options.batch);
}

Loader::Loader(Split split, Normalization normalization, int64_t batch)
    : Loader(std::move(split), std::move(normalization), {.batch = batch, .shuffle = false}, Rng(0)) {}

int64_t Loader::batches_per_epoch() const {
  const int64_t n = split().size(), b = source_->options.batch;
  return source_->options.drop_last ? n / b : (n + b - 1) / b;
}

int64_t Loader::images_per_epoch() const { return std::min(split().size(), batches_per_epoch() * source_->options.batch); }

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

Loader::State Loader::after(State state) const {
  if (state.batch + 1 == batches_per_epoch()) return {.epoch = state.epoch + 1, .batch = 0};
  return {.epoch = state.epoch, .batch = state.batch + 1};
}

void Loader::order_epoch(int64_t epoch) {
  if (ordered_ == epoch) return;
  if (source_->options.shuffle) {
    order_ = source_->rng.stream("order").stream(static_cast<uint64_t>(epoch)).permutation(split().size());
  } else if (order_.empty()) {
    order_.resize(static_cast<size_t>(split().size()));
    std::iota(order_.begin(), order_.end(), int64_t{0});
  }
  ordered_ = epoch;
}

Batch Loader::take(State state) {
  order_epoch(state.epoch);
  const int64_t batch = source_->options.batch, begin = state.batch * batch, end = std::min(begin + batch, split().size());
  return empty_batch(split(), std::span(order_.data() + begin, static_cast<size_t>(end - begin)));
}

Batch Loader::next() {
  Batch batch;
  if (prepared(state_)) {
    batch = std::move(ahead_.batch);
  } else {
    const Span span(SpanKind::kWork, "load batch");
    batch = take(state_);
    source_->fill(batch, state_.epoch);
  }
  state_ = after(state_);
  if (source_->options.prefetch) prepare(state_);
  return batch;
}

bool Loader::prepared(State state) {
  if (!ahead_.pending) return false;
  const Span span(SpanKind::kWork, "wait for batch");
  ahead_.pending = false;
  ahead_.thread->wait();
  return ahead_.state == state;
}

void Loader::prepare(State state) {
  ahead_.state = state;
  ahead_.batch = take(state);
  ahead_.pending = true;
  if (!ahead_.thread) ahead_.thread = std::make_unique<Background>();
  ahead_.thread->start([source = source_, batch = &ahead_.batch, epoch = state.epoch] { source->fill(*batch, epoch); });
}

Loader::Ahead& Loader::Ahead::operator=(const Ahead&) {
  thread.reset();
  pending = false;
  batch = {};
  return *this;
}

void Loader::Source::fill(Batch& batch, int64_t epoch) const {
  if (options.augment.empty()) return fill_plain(batch, split, normalization);
  const Rng epoch_rng = rng.stream("augment").stream(static_cast<uint64_t>(epoch));
  fill_pixels(batch, split, normalization, [&](int64_t position, Real* x) {
    const std::span<const uint8_t> original = split.image(position);
    std::vector<uint8_t> image(original.begin(), original.end());
    Rng image_rng = epoch_rng.stream(static_cast<uint64_t>(position));
    augment(image, split.images().image_shape(), options.augment, image_rng);
    normalization.apply(image, x);
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
