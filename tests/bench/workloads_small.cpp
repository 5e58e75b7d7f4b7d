// What is bound by the cost of an op rather than by arithmetic: meta-learning on tiny networks, and a chain of additions.
// The recurrent layer lies in between.
#include <cmath>

#include "core/autograd.h"
#include "nn/init.h"
#include "nn/linear.h"
#include "nn/loss.h"
#include "nn/optimizer.h"
#include "nn/recurrent.h"
#include "nn/sequential.h"
#include "ops/ops.h"
#include "tests/bench/bench.h"
#include "tests/bench/child.h"
#include "tests/bench/training_step.h"

namespace fewer::bench {
namespace {

// --- LSTM: T = 50, batch 16, 405 -> 200; the gradient of the sum of all h by x and the weights ---

class LstmStep {
 public:
  LstmStep() : net_(Lstm({.in = 405, .size = 200}, rng_)), x_(variable(Tensor::normal({50, 16, 405}, 0, 1, rng_))) {}
  void operator()() {
    std::vector<Tensor> wanted = parameters(net_);
    wanted.push_back(x_);
    grad(sum(net_.forward(x_, Pass{})), wanted);
  }

 private:
  Rng rng_{1};
  Layer net_;
  Tensor x_;
};

// --- MAML (Finn et al. 2017) on sinusoids: one inner step on 10 points, loss on 10 others, gradient through the step ---

constexpr int64_t kTasks = 25, kPoints = 10, kHidden = 40;
constexpr Real kInnerRate = Real(0.01);

struct Points {
  Tensor x, y;  // [..., kPoints, 1]
};
struct Task {
  Points support, query;
};

Points sinusoid(Real amplitude, Real phase, Rng& rng) {
  const Tensor x = Tensor::uniform({kPoints, 1}, -5, 5, rng);
  return {x, amplitude * sin(x + phase)};
}

std::vector<Task> sinusoid_tasks(Rng& rng) {
  std::vector<Task> tasks;
  for (int64_t i = 0; i < kTasks; ++i) {
    const Real amplitude = Tensor::uniform({}, Real(0.1), 5, rng).item(), phase = Tensor::uniform({}, 0, Real(3.14), rng).item();
    tasks.push_back({sinusoid(amplitude, phase, rng), sinusoid(amplitude, phase, rng)});
  }
  return tasks;
}

Layer sinusoid_network(Rng& rng) {
  return build_network(MlpConfig{.hidden = {kHidden, kHidden}}, {1}, 1, rng);
}

// w1, b1, w2, b2, w3, b3; with a leading axis of tasks, or without.
Tensor predict(std::span<const Tensor> p, const Tensor& x) {
  return matmul(relu(matmul(relu(matmul(x, p[0]) + p[1]), p[2]) + p[3]), p[4]) + p[5];
}
Tensor predict_one(std::span<const Tensor> p, const Tensor& x) {
  return linear(relu(linear(relu(linear(x, p[0], p[1])), p[2], p[3])), p[4], p[5]);
}
Tensor mean_square(const Tensor& difference) { return mean(square(difference)); }

std::vector<Tensor> inner_step(std::span<const Tensor> weights, const Tensor& loss) {
  std::vector<Tensor> adapted = grad(loss, weights, {.create_graph = true});
  for (size_t i = 0; i < adapted.size(); ++i) adapted[i] = weights[i] - kInnerRate * adapted[i];
  return adapted;
}

class MamlStep {
 public:
  MamlStep() : net_(sinusoid_network(rng_)), tasks_(sinusoid_tasks(rng_)) {}

 protected:
  Rng rng_{1};
  Layer net_;
  std::vector<Task> tasks_;
  Optimizer optimizer_{AdamConfig{}};
};

// The tasks one by one, on as many threads as there are.
class MamlLoop : MamlStep {
 public:
  void operator()() {
    std::vector<Tensor> gradients = gradients_over(kTasks, [this](int64_t i) {
      const Task& task = tasks_[static_cast<size_t>(i)];
      const Layer copy = net_;
      const std::vector<Tensor> theta = parameters(copy);
      const std::vector<Tensor> adapted =
          inner_step(theta, mean_square(predict_one(theta, task.support.x) - task.support.y));
      return grad(mean_square(predict_one(adapted, task.query.x) - task.query.y) * (Real(1) / kTasks), theta);
    });
    optimizer_.step(net_, gradients);
  }
};

// All tasks at once: each has its own adapted weights, so every product is a batch of products.
class MamlBatched : MamlStep {
 public:
  MamlBatched() {
    std::vector<Tensor> parts[4];
    for (const Task& task : tasks_) {
      const Tensor columns[] = {task.support.x, task.support.y, task.query.x, task.query.y};
      for (int i = 0; i < 4; ++i) parts[i].push_back(columns[i]);
    }
    all_ = {{stack(parts[0]), stack(parts[1])}, {stack(parts[2]), stack(parts[3])}};
  }
  void operator()() {
    const std::vector<Tensor> theta = parameters(net_);
    std::vector<Tensor> per_task;
    for (const Tensor& p : theta) {
      const Shape matrix = p.rank() == 1 ? p.shape().inserted(0, 1) : p.shape();
      per_task.push_back(expand(reshape(p, matrix.inserted(0, 1)), matrix.inserted(0, kTasks)));
    }
    const Tensor support_loss = sum(square(predict(per_task, all_.support.x) - all_.support.y)) * (Real(1) / kPoints);
    const std::vector<Tensor> adapted = inner_step(per_task, support_loss);
    const Tensor loss = mean_square(predict(adapted, all_.query.x) - all_.query.y);
    optimizer_.step(net_, grad(loss, theta));
  }

 private:
  Task all_;
};

// --- 200 times y = y + c, 16x16, then one gradient ---

constexpr int kChain = 200;

class Chain {
 public:
  void operator()() {
    Tensor y = x_;
    for (int i = 0; i < kChain; ++i) y = y + c_;
    grad(y, c_, {.seed = seed_});
  }

 private:
  Tensor x_ = Tensor::ones({16, 16}), seed_ = Tensor::ones({16, 16}), c_ = variable(Tensor::ones({16, 16}));
};

template <class Step>
std::function<SidePtr()> each_time() {
  return [] { return in_process(Step()); };
}

// Against Python, and against C++, which shows what is not Python's doing.
void add_both(std::vector<Workload>& list, Workload w, double must_libtorch) {
  const std::string name = w.name;
  w.peer_name = "PyTorch";
  w.peer = [name] { return torch_side(name); };
  list.push_back(w);
  w.name += "_cpp";
  w.peer_name = "libtorch";
  w.peer = [name] { return libtorch_side(name); };
  w.must = must_libtorch;
  list.push_back(w);
}

}  // namespace

std::vector<Workload> recurrent_workloads() {
  return {{.name = "lstm/t50_b16_405_200",
           .peer_name = "PyTorch",
           .ours = each_time<LstmStep>(),
           .peer = [] { return torch_side("lstm/t50_b16_405_200"); },
           .flop = [] { return count_flop(LstmStep()); },
           .must = 2.0}};
}

std::vector<Workload> small_workloads() {
  std::vector<Workload> list;
  add_both(list, {.name = "maml/sinusoid_loop", .peer_name = "", .ours = each_time<MamlLoop>(), .peer = {}, .must = 25}, 20);
  add_both(list, {.name = "maml/sinusoid_batched", .peer_name = "", .ours = each_time<MamlBatched>(), .peer = {}, .must = 5}, 0);
  add_both(list, {.name = "chain/add_16x16", .peer_name = "", .ours = each_time<Chain>(), .peer = {}, .must = 45, .per = kChain}, 40);
  return list;
}

}  // namespace fewer::bench
