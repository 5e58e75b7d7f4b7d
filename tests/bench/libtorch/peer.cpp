// The small workloads through PyTorch's C++ interface: what remains of its time when Python is out of the way. Speaks as
// peer.py does (tests/bench/child.h).
#include <torch/torch.h>

#include <chrono>
#include <cmath>
#include <functional>
#include <iostream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace {

using torch::Tensor;
using Tensors = std::vector<Tensor>;
using Step = std::function<void()>;

constexpr int64_t kTasks = 25, kPoints = 10;
constexpr double kInnerRate = 0.01;
const auto kWithGradient = torch::TensorOptions().requires_grad(true);

// Support x, support y, query x, query y, each [kTasks, kPoints, 1].
Tensors sinusoid_tasks() {
  const Tensor amplitude = torch::rand({kTasks, 1, 1}) * 4.9 + 0.1, phase = torch::rand({kTasks, 1, 1}) * 3.14;
  Tensors result;
  for (int i = 0; i < 2; ++i) {
    const Tensor x = torch::rand({kTasks, kPoints, 1}) * 10 - 5;
    result.push_back(x);
    result.push_back(amplitude * torch::sin(x + phase));
  }
  return result;
}

Tensors sinusoid_parameters() {
  Tensors parameters;
  const int64_t widths[] = {1, 40, 40, 1};
  for (int i = 0; i < 3; ++i) {
    parameters.push_back((torch::randn({widths[i], widths[i + 1]}) * std::sqrt(2.0 / double(widths[i]))).requires_grad_());
    parameters.push_back(torch::zeros({widths[i + 1]}, kWithGradient));
  }
  return parameters;
}

Tensors inner_step(const Tensors& weights, const Tensor& loss) {
  Tensors adapted = torch::autograd::grad({loss}, weights, {}, true, true);
  for (size_t i = 0; i < adapted.size(); ++i) adapted[i] = weights[i] - kInnerRate * adapted[i];
  return adapted;
}

void forget_gradients(const Tensors& parameters) {
  for (const Tensor& p : parameters) p.mutable_grad().reset();
}

Step maml_loop() {
  const Tensors theta = sinusoid_parameters(), all = sinusoid_tasks();
  std::vector<Tensors> tasks;
  for (int64_t i = 0; i < kTasks; ++i) tasks.push_back({all[0][i], all[1][i], all[2][i], all[3][i]});
  const auto optimizer = std::make_shared<torch::optim::Adam>(theta, torch::optim::AdamOptions(1e-3));
  const auto predict = [](const Tensors& p, const Tensor& x) {
    const Tensor h = torch::relu(torch::addmm(p[1], x, p[0]));
    return torch::addmm(p[5], torch::relu(torch::addmm(p[3], h, p[2])), p[4]);
  };
  return [=] {
    Tensor total = torch::zeros({});
    for (const Tensors& t : tasks) {
      const Tensors adapted = inner_step(theta, torch::mse_loss(predict(theta, t[0]), t[1]));
      total = total + torch::mse_loss(predict(adapted, t[2]), t[3]);
    }
    forget_gradients(theta);
    (total / double(kTasks)).backward();
    optimizer->step();
  };
}

Step maml_batched() {
  const Tensors theta = sinusoid_parameters(), t = sinusoid_tasks();
  const auto optimizer = std::make_shared<torch::optim::Adam>(theta, torch::optim::AdamOptions(1e-3));
  const auto predict = [](const Tensors& p, const Tensor& x) {
    const Tensor h = torch::relu(torch::baddbmm(p[1], x, p[0]));
    return torch::baddbmm(p[5], torch::relu(torch::baddbmm(p[3], h, p[2])), p[4]);
  };
  return [=] {
    Tensors per_task;
    for (const Tensor& p : theta)
      per_task.push_back(p.dim() == 2 ? p.expand({kTasks, p.size(0), p.size(1)}) : p.expand({kTasks, 1, p.size(0)}));
    const Tensor support_loss = torch::mse_loss(predict(per_task, t[0]), t[1], at::Reduction::Sum) / double(kPoints);
    const Tensors adapted = inner_step(per_task, support_loss);
    const Tensor loss = torch::mse_loss(predict(adapted, t[2]), t[3]);
    forget_gradients(theta);
    loss.backward();
    optimizer->step();
  };
}

Step chain() {
  const Tensor x = torch::ones({16, 16}), c = torch::ones({16, 16}, kWithGradient), seed = torch::ones({16, 16});
  return [=] {
    Tensor y = x;
    for (int i = 0; i < 200; ++i) y = y + c;
    torch::autograd::grad({y}, {c}, {seed});
  };
}

double measure(const Step& step, int repetitions) {
  step();
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < repetitions; ++i) step();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count() / repetitions;
}

Step make(const std::string& name) {
  if (name == "maml/sinusoid_loop") return maml_loop();
  if (name == "maml/sinusoid_batched") return maml_batched();
  if (name == "chain/add_16x16") return chain();
  throw std::runtime_error("no workload " + name);
}

// The better of one thread and as many as there are cores.
int best_threads(const std::string& name) {
  const int most = static_cast<int>(std::thread::hardware_concurrency());
  double seconds[2];
  for (int i = 0; i < 2; ++i) {
    torch::set_num_threads(i == 0 ? 1 : most);
    seconds[i] = measure(make(name), 30);
  }
  return seconds[0] <= seconds[1] ? 1 : most;
}

}  // namespace

int main() {
  std::cout << "libtorch " << TORCH_VERSION << std::endl;
  Step step;
  for (std::string line; std::getline(std::cin, line);) {
    const std::string command = line.substr(0, line.find(' ')), argument = line.substr(line.find(' ') + 1);
    try {
      if (command == "prepare") {
        const int threads = best_threads(argument);
        torch::set_num_threads(threads);
        step = make(argument);
        std::cout << "ready " << threads << (threads == 1 ? " thread" : " threads") << std::endl;
      } else if (command == "run") {
        std::cout << "seconds " << measure(step, std::stoi(argument)) << std::endl;
      } else {
        step = nullptr;
        std::cout << "forgotten" << std::endl;
      }
    } catch (const std::exception& error) {
      std::cout << "error: " << std::string(error.what()).substr(0, 80) << std::endl;
    }
  }
}
