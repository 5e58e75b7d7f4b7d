#include "tests/bench/load.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <fstream>

namespace fewer::bench {
namespace {

double seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

double ticks_to_seconds(double ticks) { return ticks / static_cast<double>(sysconf(_SC_CLK_TCK)); }

// First line of /proc/stat: user nice system idle iowait irq softirq steal.
double machine_seconds() {
  std::ifstream stat("/proc/stat");
  std::string word;
  stat >> word;
  double busy = 0, ticks = 0;
  for (int field = 0; field < 8 && stat >> ticks; ++field)
    if (field != 3 && field != 4) busy += ticks;
  return ticks_to_seconds(busy);
}

double used(int who) {
  rusage usage;
  getrusage(who, &usage);
  const auto in_seconds = [](const timeval& t) { return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec); };
  return in_seconds(usage.ru_utime) + in_seconds(usage.ru_stime);
}

// /proc/PID/stat: user and system time are the 12th and 13th word after the name in parentheses.
double used_by_process(const std::string& pid) {
  std::ifstream stat("/proc/" + pid + "/stat");
  std::string word;
  std::getline(stat, word, ')');
  for (int i = 0; i < 11; ++i) stat >> word;
  double user = 0, system = 0;
  stat >> user >> system;
  return ticks_to_seconds(user + system);
}

// This process, its children that have ended and those that have not.
double our_seconds() {
  double total = used(RUSAGE_SELF) + used(RUSAGE_CHILDREN);
  const std::string self = std::to_string(getpid());
  std::ifstream children("/proc/self/task/" + self + "/children");
  for (std::string pid; children >> pid;) total += used_by_process(pid);
  return total;
}

}  // namespace

Neighbours::Neighbours() : begin_(seconds()), others_(machine_seconds() - our_seconds()) {}

double Neighbours::share() const {
  return std::max(0.0, (machine_seconds() - our_seconds() - others_) / (seconds() - begin_));
}

std::string load_average() {
  std::ifstream file("/proc/loadavg");
  std::string load = "unknown";
  file >> load;
  return load;
}

}  // namespace fewer::bench
