#include "learners/stop.h"

#include <csignal>

namespace fewer {
namespace {

volatile std::sig_atomic_t received = 0;

extern "C" void remember_signal(int signal) {
  received = signal;
  std::signal(signal, SIG_DFL);  // the next one is not caught
}

}  // namespace

void catch_stop_signals() {
  std::signal(SIGINT, remember_signal);
  std::signal(SIGTERM, remember_signal);
  std::signal(SIGXFSZ, SIG_IGN);
  std::signal(SIGPIPE, SIG_IGN);
}

int stop_signal() { return received; }

}  // namespace fewer
