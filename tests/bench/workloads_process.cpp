// A whole process that does one training step of ResNet-20 on a synthetic batch: its peak memory, and how long it takes from
// the start of the process to the end of the step.
#include <chrono>
#include <cstdlib>

#include "core/error.h"
#include "tests/bench/bench.h"
#include "tests/bench/child.h"

namespace fewer::bench {
namespace {

// The child does its step, says "VmHWM <kB>" and ends.
class OneStepProcess final : public Side {
 public:
  OneStepProcess(Command command, Quantity quantity, std::string setting)
      : command_(std::move(command)), quantity_(quantity), setting_(std::move(setting)) {}
  double measure(int) override {
    const auto begin = std::chrono::steady_clock::now();
    Child child(command_);
    const std::string answer = child.hear();
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    ENSURE(answer.starts_with("VmHWM "), "bench: expected \"VmHWM <kB>\" from ", command_.back(), ", got \"", answer, "\"");
    return quantity_ == Quantity::kSeconds ? seconds : std::strtod(answer.c_str() + 6, nullptr) * 1024 / 1e6;
  }
  std::string setting() const override { return setting_; }

 private:
  Command command_;
  Quantity quantity_;
  std::string setting_;
};

SidePtr our_process(Quantity quantity) {
  return std::make_unique<OneStepProcess>(Command{own_program(), "--first-step"}, quantity, "");
}

SidePtr torch_process(Quantity quantity) {
  if (torch_version().empty()) return nullptr;
  std::vector<SidePtr> sides;
  for (const bool tuned : {false, true}) {
    Command command = torch_command(tuned);
    command.push_back("--first-step");
    sides.push_back(std::make_unique<OneStepProcess>(command, quantity, tuned ? "tuned malloc" : "default malloc"));
  }
  return better_of(std::move(sides));
}

Workload process(const char* name, Quantity quantity, double must) {
  return {.name = name,
          .peer_name = "PyTorch",
          .ours = [quantity] { return our_process(quantity); },
          .peer = [quantity] { return torch_process(quantity); },
          .must = must,
          .quantity = quantity};
}

}  // namespace

std::vector<Workload> process_workloads() {
  return {process("process/first_step_resnet20_b128", Quantity::kSeconds, 20),
          process("process/peak_memory_resnet20_b128", Quantity::kMegabytes, 0.6)};
}

}  // namespace fewer::bench
