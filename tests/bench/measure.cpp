// Interleaved timing: ours, theirs, ours, theirs, ..., so that a change of the machine's mood falls on both alike.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <thread>

#include "tests/bench/bench.h"
#include "tests/bench/load.h"

namespace fewer::bench {
namespace {

constexpr int kRounds = 9;
constexpr double kSlice = 0.06;  // seconds a side works per round, if a repetition is shorter than that
constexpr int kMaxRepetitions = 20000;

double seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// After a parallel region the workers of an OpenMP pool spin for some milliseconds: the other side waits until they sleep.
void let_pools_fall_asleep() { std::this_thread::sleep_for(std::chrono::milliseconds(15)); }

class InProcess final : public Side {
 public:
  InProcess(std::function<void()> work, std::string setting) : work_(std::move(work)), setting_(std::move(setting)) {}
  double measure(int repetitions) override {
    work_();
    const double begin = seconds();
    for (int i = 0; i < repetitions; ++i) work_();
    return (seconds() - begin) / repetitions;
  }
  std::string setting() const override { return setting_; }

 private:
  std::function<void()> work_;
  std::string setting_;
};

double measure_alone(Side& side, int repetitions) {
  let_pools_fall_asleep();
  return side.measure(repetitions);
}

int repetitions_for(Side& side, Quantity quantity) {
  if (quantity != Quantity::kSeconds) return 1;
  const double once = measure_alone(side, 1);
  return std::clamp(static_cast<int>(std::lround(kSlice / std::max(once, 1e-9))), 1, kMaxRepetitions);
}

}  // namespace

SidePtr in_process(std::function<void()> work, std::string setting) {
  return std::make_unique<InProcess>(std::move(work), std::move(setting));
}

SidePtr better_of(std::vector<SidePtr> sides) {
  size_t best = 0;
  double least = INFINITY;
  for (size_t i = 0; i < sides.size(); ++i) {
    const double value = measure_alone(*sides[i], 30);
    if (value < least) least = value, best = i;
  }
  return std::move(sides[best]);
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

Result run(const Workload& w, double peak_flops) {
  const double flop = w.flop ? w.flop() : 0;
  const SidePtr ours = w.ours(), peer = w.peer();
  const int our_repetitions = repetitions_for(*ours, w.quantity);
  const int peer_repetitions = peer ? repetitions_for(*peer, w.quantity) : 0;
  std::vector<double> our_values, peer_values, ratios;
  const Neighbours neighbours;
  for (int round = 0; round < kRounds; ++round) {
    our_values.push_back(measure_alone(*ours, our_repetitions) / w.per);
    if (!peer) continue;
    peer_values.push_back(measure_alone(*peer, peer_repetitions) / w.per);
    const double speedup = peer_values.back() / our_values.back();
    ratios.push_back(w.quantity == Quantity::kSeconds ? speedup : 1 / speedup);
  }
  Result r{.name = w.name,
           .peer_name = peer ? w.peer_name : "",
           .setting = peer ? peer->setting() : "",
           .quantity = w.quantity,
           .ours = median(our_values),
           .must = w.must,
           .others = neighbours.share()};
  if (flop > 0) r.limit_share = flop / (r.ours * w.per) / peak_flops;
  if (!peer) return r;
  r.peer = median(peer_values);
  r.ratio = w.quantity == Quantity::kSeconds ? r.peer / r.ours : r.ours / r.peer;
  r.least = *std::min_element(ratios.begin(), ratios.end());
  r.greatest = *std::max_element(ratios.begin(), ratios.end());
  return r;
}

}  // namespace fewer::bench
