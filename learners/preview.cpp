#include "learners/preview.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
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

double mebibytes(int64_t bytes) { return static_cast<double>(bytes) / (1 << 20); }

}  // namespace

void print_preview(const Preview& preview) {
  constexpr int kRepetitions = 5;
  Rng rng(1);
  const Tensor x = Tensor::normal(preview.input_shape.inserted(0, preview.batch), 0, 1, rng);
  IntTensor y = IntTensor::uninitialized({preview.batch});
  for (int64_t i = 0; i < preview.batch; ++i) y.mutable_data()[i] = static_cast<int32_t>(i % preview.classes);

  std::printf("%s\n", format_summary(summarize(preview.net, preview.input_shape)).c_str());
  reset_pool_peak();
  const double step = median_seconds(kRepetitions, [&] { preview.train_step(x, y); });
  const double forward = median_seconds(kRepetitions, [&] {
    const NoGrad no_grad;
    preview.net.forward(x, Pass{});
  });
  const int64_t parameter_bytes = parameter_count(preview.net) * static_cast<int64_t>(sizeof(Real));
  const int64_t working = pool_statistics().peak_large_bytes;
  const int64_t memory = working + preview.copies * parameter_bytes + preview.data_bytes;
  const double total = step * static_cast<double>(preview.steps) +
                       forward * static_cast<double>(preview.evaluated) / static_cast<double>(preview.batch);
  std::printf("memory   %.0f MiB (training step %.0f, data %.0f, kept copies %.0f)\n", mebibytes(memory), mebibytes(working),
              mebibytes(preview.data_bytes), mebibytes(preview.copies * parameter_bytes));
  std::printf("time     %s (%lld steps of %.1f ms, %lld images evaluated)\n", format_seconds(total).c_str(),
              static_cast<long long>(preview.steps), step * 1e3, static_cast<long long>(preview.evaluated));
}

}  // namespace fewer
