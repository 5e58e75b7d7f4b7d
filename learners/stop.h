// Stopping on a signal: the run finishes its step, saves a checkpoint and ends with exit code 128 + signal.
#pragma once

namespace fewer {

// Thrown out of the training loop once the checkpoint is written. Not an Error: nothing went wrong.
struct Stopped {
  int signal;
};

// From now on SIGINT and SIGTERM only set a flag; a second one ends the process at once, with the default action. A file-size limit
// or a closed pipe is an error of the write that met it, with a message, instead of a silent death.
void catch_stop_signals();
int stop_signal();  // the signal that asked for a stop; 0 when none did

}  // namespace fewer
