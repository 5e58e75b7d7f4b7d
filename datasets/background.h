// One thread beside the training loop that does one piece of work at a time.
#pragma once

#include <condition_variable>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>

namespace fewer {

class Background {
 public:
  Background() = default;
  ~Background();  // waits for the work at hand
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;

  // Hands over `work` and returns at once; kernels in it run serially. The thread starts with the first piece.
  // REQUIRES: the piece before was waited for.
  void start(std::function<void()> work);
  void wait();  // until the work is done; throws what it threw. Nothing to wait for: returns at once

 private:
  void loop();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::function<void()> work_;  // empty: none at hand
  std::exception_ptr error_;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace fewer
