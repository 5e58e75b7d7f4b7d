#include "learners/preview.h"

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <utility>
#include <vector>

#include "core/autograd.h"
#include "core/rng.h"
#include "core/storage.h"
#include "learners/progress.h"
#include "nn/summary.h"

namespace fewer {
namespace {

double seconds_of(FunctionRef<void()> work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// The median of `times` repetitions after one that warms caches and pool.
double median_seconds(int times, FunctionRef<void()> work) {
  work();
  std::vector<double> seconds;
  for (int i = 0; i < times; ++i) seconds.push_back(seconds_of(work));
  std::nth_element(seconds.begin(), seconds.begin() + times / 2, seconds.end());
  return seconds[static_cast<size_t>(times / 2)];
}

std::pair<Tensor, IntTensor> synthetic_batch(const Preview& preview, int64_t images) {
  Rng rng(1);
  IntTensor labels = IntTensor::uninitialized({images});
  for (int64_t i = 0; i < images; ++i) labels.mutable_data()[i] = static_cast<int32_t>(i % preview.classes);
  return {Tensor::normal(preview.input_shape.inserted(0, images), 0, 1, rng), labels};
}

int64_t peak_memory() {  // of this process, in bytes
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return int64_t{usage.ru_maxrss} << 10;
}

double mebibytes(int64_t bytes) { return static_cast<double>(bytes) / (1 << 20); }

}  // namespace

void print_preview(const Preview& preview) {
  constexpr int kRepetitions = 5;
  std::printf("%s\n", format_summary(summarize(preview.net, preview.input_shape)).c_str());
  const auto [x, y] = synthetic_batch(preview, preview.batch);
  reset_pool_peak();
  const double step = median_seconds(kRepetitions, [&] { preview.train_step(x, y); });
  const int64_t working = pool_statistics().peak_large_bytes;
  const auto [last_x, last_y] = synthetic_batch(preview, preview.last_batch);
  preview.train_step(last_x, last_y);
  const auto [evaluated_x, evaluated_y] = synthetic_batch(preview, preview.evaluation_batch);
  const double forward = median_seconds(kRepetitions, [&] {
    const NoGrad no_grad;
    preview.net.forward(evaluated_x, Pass{});
  });

  const double total = step * static_cast<double>(preview.steps) +
                       forward * static_cast<double>(preview.evaluated) / static_cast<double>(preview.evaluation_batch);
  std::printf("memory   %.0f MiB (training step %.0f, data %.0f)\n", mebibytes(peak_memory()), mebibytes(working),
              mebibytes(preview.data_bytes));
  std::printf("time     %s (%lld steps of %.1f ms, %lld images evaluated)\n", format_seconds(total).c_str(),
              static_cast<long long>(preview.steps), step * 1e3, static_cast<long long>(preview.evaluated));
}

}  // namespace fewer
