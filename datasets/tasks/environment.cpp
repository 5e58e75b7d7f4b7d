#include "datasets/tasks/environment.h"

#include "core/error.h"

namespace fewer {

int64_t discrete_action(const char* where, std::span<const Real> action, int64_t choices) {
  ENSURE(action.size() == 1, where, ": an action is one number, got ", action.size());
  const bool known = action[0] >= 0 && action[0] < static_cast<Real>(choices);
  const int64_t chosen = known ? static_cast<int64_t>(action[0]) : 0;
  ENSURE(known && static_cast<Real>(chosen) == action[0], where, ": expected an action from 0 to ", choices - 1,
         ", got ", action[0]);
  return chosen;
}

void ensure_running(const char* where, bool running) {
  ENSURE(running, where, ": no episode is running: draw_task(), then reset() before each episode");
}

}  // namespace fewer
