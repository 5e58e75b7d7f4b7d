// What a benchmark is: something we do, somebody else who does the same, and how much work it is.
//
// Workloads stand in explicit lists, one function per family (below). Building the two sides is left until the workload's
// turn comes, so that one workload's memory is gone before the next begins.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace fewer::bench {

// One contestant of one workload. While the other one measures, it neither computes nor spins.
class Side {
 public:
  virtual ~Side() = default;
  // Does the work once untimed, then `repetitions` times; returns the mean, in seconds (or megabytes) per repetition.
  virtual double measure(int repetitions) = 0;
  virtual std::string setting() const { return ""; }  // what a search chose: "2 threads, channels_last"
};
using SidePtr = std::unique_ptr<Side>;

// A function of this process, timed here.
SidePtr in_process(std::function<void()> work, std::string setting = "");
// Whichever measures less; built and tried once each. REQUIRES: not empty.
SidePtr better_of(std::vector<SidePtr> sides);

enum class Quantity { kSeconds, kMegabytes };

struct Workload {
  std::string name;                // "train/resnet20_b128": group, then what
  std::string peer_name;           // "PyTorch"
  std::function<SidePtr()> ours;
  std::function<SidePtr()> peer;   // gives null when this machine does not have it
  std::function<double()> flop = {};     // floating-point operations of a repetition, counted as if done directly; none: not bound by them
  double must = 0;                 // the ratio to reach; for megabytes the ratio to stay below; 0: only reported
  int per = 1;                     // a repetition does so many of what is reported
  Quantity quantity = Quantity::kSeconds;
};

struct Result {
  std::string name, peer_name = {}, setting = {};
  Quantity quantity = Quantity::kSeconds;
  double ours = 0, peer = 0;       // medians, of one reported unit; peer is 0 when there is none
  double ratio = 0;                // peer / ours; for megabytes ours / peer; 0 without a peer
  double least = 0, greatest = 0;  // of the ratio over the rounds
  double must = 0;
  double limit_share = 0;          // floating-point operations per second over the peak measured in this run; 0: does not apply
  double others = 0;               // cores' worth of other processes' work meanwhile
};

// Interleaves the two sides, A B A B, and takes medians.
Result run(const Workload& workload, double peak_flops);

double median(std::vector<double> values);  // REQUIRES: not empty

// The lists.
std::vector<Workload> training_workloads();
std::vector<Workload> recurrent_workloads();
std::vector<Workload> small_workloads();
std::vector<Workload> conv_workloads();
std::vector<Workload> gemm_workloads();
std::vector<Workload> process_workloads();

}  // namespace fewer::bench
