#include "learners/run_context.h"

#include <cmath>
#include <cstdio>
#include <limits>

#include "core/error.h"
#include "core/observer.h"
#include "learners/stop.h"

namespace fewer {

// --- one epoch ---

std::string Epoch::where() const { return text("epoch ", number(), ", step ", step_ + 1); }

void Epoch::log(const std::string& name, double value) {
  for (Sum& sum : sums_) {
    if (sum.name != name) continue;
    sum.sum += value;
    ++sum.count;
    return;
  }
  sums_.push_back({name, value, 1});
}

double Epoch::average(const std::string& name) const {
  for (const Sum& sum : sums_)
    if (sum.name == name) return sum.sum / static_cast<double>(sum.count);
  return std::numeric_limits<double>::quiet_NaN();
}

void Epoch::Sum::describe(Visitor& v) {
  v.field("name", name);
  v.field("sum", sum);
  v.field("count", count);
}

void Epoch::describe(Visitor& v) {
  v.field("index", index_);
  v.field("step", step_);
  v.field("sums", sums_);
}

Epoch::Batches Epoch::batches(Loader& loader) {
  range_->begin_progress(loader.batches_per_epoch());
  return Batches(this, &loader);
}

Epoch::Batches::Iterator::Iterator(Epoch* epoch, Loader* loader)
    : epoch_(epoch), loader_(loader), inner_(loader->epoch().begin()) {}

Epoch::Batches::Iterator& Epoch::Batches::Iterator::operator++() {
  // A checkpoint is saved before the next batch is drawn: the loader then stands behind the batch just used, no further.
  const bool last_of_epoch = loader_->state().batch == 0;
  epoch_->range_->finish_step((*inner_).y.numel(), last_of_epoch);
  ++inner_;
  return *this;
}

// --- the epochs of a stage ---

EpochRange::EpochRange(RunContext& context, std::string stage, int64_t count, State state)
    : context_(context), stage_(std::move(stage)), count_(count), state_(std::move(state)) {
  epoch_.range_ = this;
}

EpochRange::Iterator EpochRange::begin() {
  if (context_.folder_->has_checkpoint()) restore();
  return Iterator(this);
}

void EpochRange::begin_progress(int64_t steps_per_epoch) {
  if (progress_begun_) return;
  progress_begun_ = true;
  context_.progress_.begin(stage_, count_ * steps_per_epoch, epoch_.step_);
}

void EpochRange::finish_step(int64_t images, bool last_of_epoch) {
  ++epoch_.step_;
  context_.progress_.step(images, epoch_.average("loss"));
  if (stop_signal() == 0 || last_of_epoch) return;  // after the last step the epoch is finished first
  save();
  throw Stopped{stop_signal()};
}

void EpochRange::finish_epoch() {
  Record row;
  row.set("stage", stage_).set("epoch", epoch_.number());
  std::string line = text(stage_, "  epoch ", epoch_.number(), "/", count_);
  for (const Epoch::Sum& sum : epoch_.sums_) {
    const double average = sum.sum / static_cast<double>(sum.count);
    row.set(sum.name, average);
    char value[32];
    std::snprintf(value, sizeof value, "%.5g", average);
    line += "  " + sum.name + " " + value;
  }
  row.set("seconds", context_.seconds()).set("images_per_second", context_.progress_.items_per_second());
  context_.folder_->append_metrics(row);
  context_.print(text(line, "  ", std::llround(context_.progress_.items_per_second()), " images/s  ",
                      format_seconds(context_.progress_.seconds_left()), " left"));
  epoch_.sums_.clear();
  ++epoch_.index_;
  save();
  if (stop_signal() != 0 && epoch_.index_ < count_) throw Stopped{stop_signal()};
}

void EpochRange::describe(StateVisitor& v) {
  v.field("stage", stage_);
  v.scope("epoch", [this](StateVisitor& inner) { epoch_.describe(inner); });
  v.field("metrics_bytes", metrics_bytes_);
  v.field("seconds", seconds_);
  v.scope("state", state_);
}

void EpochRange::save() {
  const Span span(SpanKind::kWork, "save checkpoint");
  metrics_bytes_ = context_.folder_->metrics_bytes();
  seconds_ = context_.seconds();
  save_state(context_.folder_->file("last.safetensors"), [this](StateVisitor& v) { describe(v); });
}

void EpochRange::restore() {
  const std::string expected = stage_;
  load_state(context_.folder_->file("last.safetensors"), [this](StateVisitor& v) { describe(v); });
  ENSURE(stage_ == expected, context_.folder_->file("last.safetensors"), ": a checkpoint of stage \"", stage_,
         "\", but the run is at stage \"", expected, "\"; start anew with --fresh");
  context_.folder_->truncate_metrics(metrics_bytes_);
  context_.seconds_before_ = seconds_;
  if (epoch_.index_ < count_) context_.print(text("resuming at ", epoch_.where()));
}

// --- the run ---

void RunContext::print(const std::string& line) {
  progress_.clear();
  if (quiet_) return;
  std::printf("%s\n", line.c_str());
  std::fflush(stdout);
}

double RunContext::seconds() const {
  return seconds_before_ + std::chrono::duration<double>(std::chrono::steady_clock::now() - started_).count();
}

}  // namespace fewer
