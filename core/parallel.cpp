#include "core/parallel.h"

#include <omp.h>
#include <pthread.h>
#include <sched.h>

#include <atomic>
#include <exception>
#include <thread>

#include "core/error.h"

namespace fewer {
namespace {

thread_local bool in_parallel = false;

int allowed_cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof(set), &set) != 0) return static_cast<int>(std::thread::hardware_concurrency());
  return CPU_COUNT(&set);
}

// The cores this process had before any thread of ours was pinned to one of them.
const cpu_set_t& process_cores() {
  static const cpu_set_t cores = [] {
    cpu_set_t set;
    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof(set), &set) != 0) CPU_ZERO(&set);
    return set;
  }();
  return cores;
}

int& thread_count() {
  static int count = allowed_cores();
  return count;
}

}  // namespace

int threads() { return thread_count(); }

void set_threads(int n) {
  ENSURE(n >= 0 && n <= 1024, "set_threads: expected 0 (one per core) to 1024, got ", n);
  thread_count() = n == 0 ? allowed_cores() : n;
}

void bind_threads() {
  if (threads() == 1) return;  // nobody waits for a single thread: let it go where there is room
  const cpu_set_t allowed = process_cores();
  if (CPU_COUNT(&allowed) < threads()) return;
  int cores[CPU_SETSIZE];
  int found = 0;
  for (int core = 0; core < CPU_SETSIZE; ++core)
    if (CPU_ISSET(core, &allowed)) cores[found++] = core;
#pragma omp parallel num_threads(threads())
  {
    cpu_set_t own;
    CPU_ZERO(&own);
    CPU_SET(cores[omp_get_thread_num()], &own);
    pthread_setaffinity_np(pthread_self(), sizeof(own), &own);  // a refusal only costs speed
  }
}

void unbind_this_thread() {
  const cpu_set_t allowed = process_cores();
  if (CPU_COUNT(&allowed) > 0) pthread_setaffinity_np(pthread_self(), sizeof(allowed), &allowed);
}

bool inside_parallel() { return in_parallel; }

SerialScope::SerialScope() : previous_(in_parallel) { in_parallel = true; }
SerialScope::~SerialScope() { in_parallel = previous_; }

namespace detail {

bool worth_a_region(int64_t chunks) { return chunks > 1 && !in_parallel && thread_count() > 1; }

void run_chunks(int64_t chunks, ChunkFunction function, void* context) {
  const int team = static_cast<int>(chunks < thread_count() ? chunks : thread_count());
  std::exception_ptr first_error;
  int64_t first_error_chunk = chunks;
  std::atomic<int64_t> next{0};
#pragma omp parallel num_threads(team)
  {
    SerialScope serial;
    for (int64_t c = next.fetch_add(1, std::memory_order_relaxed); c < chunks;
         c = next.fetch_add(1, std::memory_order_relaxed)) {
      try {
        function(context, c);
      } catch (...) {
#pragma omp critical(fewer_first_error)
        if (c < first_error_chunk) {
          first_error_chunk = c;
          first_error = std::current_exception();
        }
      }
    }
  }
  if (first_error) std::rethrow_exception(first_error);
}

}  // namespace detail
}  // namespace fewer
