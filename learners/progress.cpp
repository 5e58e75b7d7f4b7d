#include "learners/progress.h"

#include <unistd.h>

#include <cmath>
#include <cstdio>

#include "core/error.h"

namespace fewer {

bool stderr_is_terminal() { return isatty(STDERR_FILENO) == 1; }

std::string format_seconds(double seconds) {
  const int64_t whole = std::llround(seconds);
  char buffer[48];
  if (whole < 60)
    std::snprintf(buffer, sizeof buffer, "%lld s", static_cast<long long>(whole));
  else if (whole < 3600)
    std::snprintf(buffer, sizeof buffer, "%lld min %02lld s", static_cast<long long>(whole / 60), static_cast<long long>(whole % 60));
  else
    std::snprintf(buffer, sizeof buffer, "%lld h %02lld min", static_cast<long long>(whole / 3600), static_cast<long long>(whole % 3600 / 60));
  return buffer;
}

void Progress::begin(const std::string& stage, int64_t total, int64_t done) {
  stage_ = stage;
  total_ = total;
  done_ = done;
  done_here_ = items_ = 0;
  started_ = last_drawn_ = Clock::now();
}

void Progress::step(int64_t items, double loss) {
  ++done_;
  ++done_here_;
  items_ += items;
  if (!live_) return;
  const Clock::time_point now = Clock::now();
  if (now - last_drawn_ < std::chrono::milliseconds(100)) return;
  last_drawn_ = now;
  draw(loss);
}

double Progress::items_per_second() const {
  const double seconds = std::chrono::duration<double>(Clock::now() - started_).count();
  return seconds > 0 ? static_cast<double>(items_) / seconds : 0;
}

double Progress::seconds_left() const {
  const double seconds = std::chrono::duration<double>(Clock::now() - started_).count();
  return done_here_ > 0 ? seconds / static_cast<double>(done_here_) * static_cast<double>(total_ - done_) : 0;
}

void Progress::draw(double loss) {
  drawn_ = true;
  std::fprintf(stderr, "\r\033[K%s  %5.1f %%  %.0f/s  loss %.4f  %s left", stage_.c_str(),
               100.0 * static_cast<double>(done_) / static_cast<double>(total_ > 0 ? total_ : 1), items_per_second(), loss,
               format_seconds(seconds_left()).c_str());
}

void Progress::clear() {
  if (drawn_) std::fprintf(stderr, "\r\033[K");
  drawn_ = false;
}

}  // namespace fewer
