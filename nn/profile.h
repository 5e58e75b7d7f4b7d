// Profile: where the time of training goes, by op.
//
//   Profile profile;
//   {
//     const ObserverScope scope(profile);
//     for (...) { ...training steps... }
//   }
//   std::printf("%s", format_profile(profile).c_str());
//
// It looks at the clock whenever an op ends and a span (core/observer.h) begins or ends, and charges the time since its last look
// to what ran then: nothing is counted twice and nothing is lost, the rows add up to the time observed. So the time of an op
// is that since the op before it, with the allocation and recording that belong to it. Looking costs some 50 ns per op.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/observer.h"

namespace fewer {

// What ran in one place of the program: an op or a span, within the spans around it.
struct Place {
  enum class Kind { kRoot, kOp, kGradient, kRules, kWork };  // the root is outside all spans
  // Of the place itself; total() adds what ran inside.
  struct Cost {
    double seconds = 0;
    int64_t multiply_adds = 0, bytes = 0;  // as nn/op_cost.h counts them
  };
  Kind kind = Kind::kRoot;
  const char* name = "";
  Place* parent = nullptr;
  int64_t calls = 0;
  Cost own = {};
  std::vector<std::unique_ptr<Place>> inside = {};  // in the order of first use

  Place& find(Kind wanted, const char* called);  // the place of that kind and name inside this one; made when new
  Cost total() const;
};

class Profile final : public Observer {
 public:
  Profile() = default;
  Profile(const Profile&) = delete;
  Profile& operator=(const Profile&) = delete;
  void on_op(const OpEvent& event) override;
  void on_span_begin(SpanKind kind, const char* name) override;
  void on_span_end() override;

  const Place& root() const { return root_; }
  int64_t steps() const { return steps_; }                          // a step is a step of an optimiser
  double first_step_seconds() const { return first_step_seconds_; } // from the beginning to the end of the first; 0 before

 private:
  using Clock = std::chrono::steady_clock;
  void charge(Place& place);  // the time since the last look

  Place root_;
  Place* here_ = &root_;  // the innermost open span
  const Clock::time_point started_ = Clock::now();
  Clock::time_point last_look_ = started_;
  int64_t steps_ = 0;
  double first_step_seconds_ = 0;
};

// A table: by phase and op, the calls and milliseconds per step, the share of the time, GFLOP/s and GB/s. Ends with a newline.
std::string format_profile(const Profile& profile);
// The same rows, not divided by the steps: {"steps": n, "seconds": s, "rows": [{"place": ["backward", "conv2d"], ...}]}.
std::string profile_json(const Profile& profile);

}  // namespace fewer
