// The line a terminal shows while a run works: where it is, how fast, what the loss is, how long it will take. Nothing when the
// output is not a terminal or the run is quiet; the lines printed once per epoch are the log's.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace fewer {

class Progress {
 public:
  explicit Progress(bool live) : live_(live) {}
  ~Progress() { clear(); }

  // Begins a stage of `total` steps of which `done` are done (a resumed run).
  void begin(const std::string& stage, int64_t total, int64_t done);
  // After each step: `items` is how many images or tasks it held. Redraws at most ten times a second.
  void step(int64_t items, double loss);
  void clear();                            // wipes the line, so that something else can be printed
  double items_per_second() const;
  double seconds_left() const;

 private:
  using Clock = std::chrono::steady_clock;
  void draw(double loss);

  bool live_;
  bool drawn_ = false;
  std::string stage_;
  int64_t total_ = 0, done_ = 0, done_here_ = 0, items_ = 0;
  Clock::time_point started_, last_drawn_;
};

bool stderr_is_terminal();
std::string format_seconds(double seconds);  // "42 s", "3 min 20 s", "2 h 05 min"

}  // namespace fewer
