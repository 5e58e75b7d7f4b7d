// Collecting is a tree of places and one pointer into it. For the report the tree is turned into rows of three phases: ops outside of
// spans are the forward pass, `grad` is the backward pass, and all other spans stand for themselves.
#include "nn/profile.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string_view>

#include "core/record.h"
#include "core/text_table.h"
#include "nn/op_cost.h"
#include "nn/optimizer.h"

namespace fewer {
namespace {

Place::Kind kind_of(SpanKind kind) {
  switch (kind) {
    case SpanKind::kGradient: return Place::Kind::kGradient;
    case SpanKind::kRules: return Place::Kind::kRules;
    case SpanKind::kWork: break;
  }
  return Place::Kind::kWork;
}

// A line of the report. The path names phases and places from the outside in.
struct Row {
  std::vector<std::string> path;
  int64_t calls = 0;  // 0: not something that is called
  Place::Cost cost = {};
  bool phase = false;  // adds up the rows below it; rates of a mixture say nothing
};

class Rows {
 public:
  explicit Rows(const Place& root) {
    begin_phase("forward");
    for (const Place* place : by_time(root))
      if (place->kind == Place::Kind::kOp) add({"forward"}, *place);
    end_phase();
    begin_phase("backward");
    for (const auto& place : root.inside)
      if (place->kind == Place::Kind::kGradient) add_gradient(*place);
    end_phase();
    for (const Place* place : by_time(root))
      if (place->kind == Place::Kind::kWork) add({}, *place);
    rows_.push_back({.path = {"outside of ops"}, .cost = {.seconds = root.own.seconds}});
  }
  std::vector<Row> take() { return std::move(rows_); }

 private:
  static std::vector<const Place*> by_time(const Place& place) {
    std::vector<const Place*> sorted;
    for (const auto& inner : place.inside) sorted.push_back(inner.get());
    std::stable_sort(sorted.begin(), sorted.end(),
                     [](const Place* a, const Place* b) { return a->total().seconds > b->total().seconds; });
    return sorted;
  }

  void begin_phase(const char* name) {
    phase_ = rows_.size();
    rows_.push_back({.path = {name}, .phase = true});
  }
  void end_phase() {  // the phase is what stands directly below it
    for (size_t i = phase_ + 1; i < rows_.size(); ++i)
      if (rows_[i].path.size() == 2) rows_[phase_].cost.seconds += rows_[i].cost.seconds;
  }

  void add_gradient(const Place& gradient) {
    for (const Place* place : by_time(gradient)) add({"backward"}, *place);
    rows_.push_back({.path = {"backward", "engine"}, .cost = {.seconds = gradient.own.seconds}});
  }

  void add(std::vector<std::string> path, const Place& place) {
    path.push_back(place.name);
    rows_.push_back({.path = path, .calls = place.calls, .cost = place.total(), .phase = place.kind == Place::Kind::kWork});
    if (place.inside.size() < 2) return;  // one op in the rules of another: the line above says it all
    for (const Place* inner : by_time(place)) add(path, *inner);
  }

  std::vector<Row> rows_;
  size_t phase_ = 0;
};

std::string fixed(double value, int digits) {
  char text[32];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}

std::string count(double calls) { return fixed(calls, calls == std::floor(calls) ? 0 : calls < 1 ? 3 : 1); }

// 10^9 per second; nothing where nothing was counted.
std::string rate(int64_t amount, double seconds) {
  return amount == 0 || seconds <= 0 ? "" : fixed(static_cast<double>(amount) / seconds * 1e-9, 1);
}

}  // namespace

Place& Place::find(Kind wanted, const char* called) {
  for (const auto& place : inside)
    if (place->kind == wanted && (place->name == called || std::string_view(place->name) == called)) return *place;
  inside.push_back(std::make_unique<Place>(Place{.kind = wanted, .name = called, .parent = this}));
  return *inside.back();
}

Place::Cost Place::total() const {
  Cost sum = own;
  for (const auto& place : inside) {
    const Cost inner = place->total();
    sum.seconds += inner.seconds;
    sum.multiply_adds += inner.multiply_adds;
    sum.bytes += inner.bytes;
  }
  return sum;
}

void Profile::charge(Place& place) {
  const Clock::time_point now = Clock::now();
  place.own.seconds += std::chrono::duration<double>(now - last_look_).count();
  last_look_ = now;
}

void Profile::on_op(const OpEvent& event) {
  Place& place = here_->find(Place::Kind::kOp, event.op);
  charge(place);
  ++place.calls;
  place.own.multiply_adds += multiply_adds(event);
  place.own.bytes += bytes_moved(event);
}

void Profile::on_span_begin(SpanKind kind, const char* name) {
  charge(*here_);
  here_ = &here_->find(kind_of(kind), name);
  ++here_->calls;
}

void Profile::on_span_end() {
  charge(*here_);
  if (here_->kind == Place::Kind::kWork && std::string_view(here_->name) == Optimizer::kSpan && steps_++ == 0)
    first_step_seconds_ = std::chrono::duration<double>(last_look_ - started_).count();
  if (here_->parent != nullptr) here_ = here_->parent;
}

std::string format_profile(const Profile& profile) {
  const double all = profile.root().total().seconds, steps = static_cast<double>(std::max<int64_t>(1, profile.steps()));
  std::vector<std::vector<std::string>> lines{{"", "calls", "ms", "share", "GFLOP/s", "GB/s"}};
  for (const Row& row : Rows(profile.root()).take()) {
    const double seconds = row.cost.seconds;
    lines.push_back({std::string(2 * (row.path.size() - 1), ' ') + row.path.back(),
                     row.calls > 0 ? count(static_cast<double>(row.calls) / steps) : "", fixed(seconds / steps * 1e3, 3),
                     fixed(100 * seconds / all, 1) + " %", row.phase ? "" : rate(2 * row.cost.multiply_adds, seconds),
                     row.phase ? "" : rate(row.cost.bytes, seconds)});
  }
  return "time per step, of " + count(steps) + " steps in " + fixed(all, 2) + " s; the first was over after " +
         fixed(profile.first_step_seconds(), 2) + " s\n\n" + text_table(lines, 1);
}

std::string profile_json(const Profile& profile) {
  std::vector<Record> rows;
  for (const Row& row : Rows(profile.root()).take()) {
    Record& record = rows.emplace_back();
    record.set("place", std::span<const std::string>(row.path)).set("calls", row.calls).set("seconds", row.cost.seconds);
    if (row.cost.multiply_adds > 0) record.set("flop", 2 * row.cost.multiply_adds);
    if (row.cost.bytes > 0) record.set("bytes", row.cost.bytes);
  }
  Record result;
  result.set("steps", profile.steps())
      .set("seconds", profile.root().total().seconds)
      .set("first_step_seconds", profile.first_step_seconds())
      .set("rows", std::span<const Record>(rows));
  return result.pretty();
}

}  // namespace fewer
