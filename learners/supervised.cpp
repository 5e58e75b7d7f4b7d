// Supervised learning: minimise the loss of a network on labelled images by stochastic gradient descent.
//
// No paper of its own; what every method here starts from and is measured against. Its three sentences: show the network a
// batch of images, ask `grad` how the loss changes with each weight, and let the optimiser move the weights against it. Repeat for some
// epochs, each a new order of the training images. Keep the epoch that errs least on images held out for that purpose, and
// only then look at the test images, once.
//
// Differs: nothing to differ from.
// Expect: the table in configs/README.md.
#include "learners/supervised.h"

#include <algorithm>

#include "core/autograd.h"
#include "datasets/loader.h"
#include "datasets/registry.h"
#include "learners/divergence.h"
#include "learners/evaluate.h"
#include "learners/model_normalization.h"
#include "learners/preview.h"
#include "learners/run_context.h"
#include "nn/norm.h"
#include "ops/kernels/conv2d.h"

namespace fewer {
namespace {

constexpr int64_t kEvaluationBatch = 500;  // images at a time when nothing is recorded: large enough to keep all cores busy

// What must survive a restart.
struct Training {
  Layer net;
  Optimizer optimizer;
  Schedule schedule;
  Loader loader;
  Layer best = {};            // the network of the best epoch so far; empty before the first
  double best_error = 2;      // its validation error, in [0, 1]
  int64_t best_epoch = 0;     // from 1

  void describe(StateVisitor& v) {
    v.network("net", net);
    v.scope("optimizer", optimizer);
    v.scope("schedule", schedule);
    Loader::State position = loader.state();
    v.field("loader", position);
    loader.set_state(position);
    v.network("best", best);
    v.field("best_error", best_error);
    v.field("best_epoch", best_epoch);
  }
};

int64_t image_bytes(const Split& split) { return static_cast<int64_t>(split.images().pixels.size()); }

// One step of gradient descent on a batch; returns the loss.
double train_step(Training& training, const Tensor& x, const IntTensor& y, const LossConfig& loss_config, Rng noise,
                  int64_t step, const std::string& where) {
  Statistics statistics;
  const auto forward = [&] {
    statistics.entries.clear();
    Rng same_noise = noise;
    const Pass pass{.training = true, .rng = &same_noise, .statistics = &statistics};
    return classification_loss(loss_config, training.net.forward(x, pass), y);
  };
  Tensor loss = forward();
  ensure_finite(loss, training.net, where, [&] { forward(); });
  const double value = loss.item();
  training.optimizer.step(training.net, grad(std::move(loss), parameters(training.net)), training.schedule.factor(step));
  commit_statistics(training.net, statistics);
  return value;
}

}  // namespace

void Supervised::Config::describe(Visitor& v) {
  header.describe(v);
  v.field("data", data, {.help = "the data set and its splits"});
  v.field("network", network, {.help = "what is trained"});
  v.field("loss", loss, {.help = "what is minimised"});
  v.field("optimizer", optimizer, {.help = "how the weights follow the gradient"});
  v.field("schedule", schedule, {.help = "how the learning rate changes over the run"});
  v.field("epochs", epochs, {.help = "passes over the training images", .min = 1, .max = 1e6});
  v.field("batch", batch, {.help = "images per step", .min = 1, .max = 1e6});
  v.field("choose", choose, {.help = "the model to keep: of the epoch with the least validation error, or of the last",
                             .choices = {"best", "last"}});
  v.field("convolution", convolution, {.help = "auto: the fastest algorithm; direct: the one with the plain order of sums",
                                       .choices = {"auto", "direct"}});
  v.check(choose == "last" || data.validation != 0, "choosing the best epoch needs validation images; "
          "set data.validation above 0, or choose to \"last\"", {"choose", "data"});
}

Outcome Supervised::run(RunContext& context) {
  kernels::set_conv_algorithm(config.convolution == "direct" ? kernels::ConvAlgorithm::kDirect : kernels::ConvAlgorithm::kAuto);
  const Dataset data = load_dataset(config.data, context.data_dir());
  Loader loader(data.train, data.normalization, {.batch = config.batch, .prefetch = config.data.prefetch, .augment = config.data.augment},
                context.rng().stream("loader"));
  const int64_t steps = config.epochs * loader.batches_per_epoch();
  Training training{
      .net = build_network(config.network, data.image_shape(), data.class_count(), context.rng().stream("network")),
      .optimizer = Optimizer(config.optimizer),
      .schedule = Schedule(config.schedule, {.steps_per_epoch = loader.batches_per_epoch(), .total_steps = steps}),
      .loader = std::move(loader)};
  const Rng noise = context.rng().stream("noise");

  if (context.previewing()) {
    Training scratch = training;
    const int64_t images = data.train.size(), last = images % config.batch;
    print_preview({.net = training.net,
                   .input_shape = data.image_shape(),
                   .batch = std::min(config.batch, images),
                   .last_batch = last > 0 ? last : std::min(config.batch, images),
                   .evaluation_batch = kEvaluationBatch,
                   .classes = data.class_count(),
                   .steps = steps,
                   .evaluated = config.epochs * data.validation.size() + data.test.size(),
                   .data_bytes = image_bytes(data.train) + image_bytes(data.test),
                   .train_step = [&](const Tensor& x, const IntTensor& y) {
                     train_step(scratch, x, y, config.loss, noise, 0, "dry run");
                   }});
    return {};
  }

  for (Epoch& epoch : context.epochs("train", config.epochs, training)) {
    for (const Batch& batch : epoch.batches(training.loader)) {
      epoch.log("lr", training.optimizer.lr() * training.schedule.factor(epoch.step()));
      epoch.log("loss", train_step(training, batch.x, batch.y, config.loss, noise.stream(static_cast<uint64_t>(epoch.step())),
                                   epoch.step(), epoch.where()));
    }
    if (data.validation.empty()) continue;
    const Evaluation validation = evaluate(training.net, data.validation, data.normalization, kEvaluationBatch);
    epoch.log("validation_loss", validation.loss);
    epoch.log("validation_error", validation.error_rate());
    training.schedule.observe(validation.error_rate());
    if (validation.error_rate() < training.best_error) {
      training.best = training.net;  // a snapshot: shares storage until the next step writes
      training.best_error = validation.error_rate();
      training.best_epoch = epoch.number();
    }
  }

  const Shape image = data.image_shape();
  const bool best = config.choose == "best";
  Outcome outcome;
  outcome.model.net = best ? training.best : training.net;
  outcome.model.info = {.task = Task::kClassification,
                        .input_shape = {image.begin(), image.end()},
                        .classes = data.classes(),
                        .method = config.header.method,
                        .chosen_by = best ? "validation_error" : "last",
                        .chosen_epoch = best ? training.best_epoch : config.epochs,
                        .chosen_value = best ? training.best_error : 0,
                        .config = {}};
  set_normalization(outcome.model, data.normalization);
  const Evaluation test = evaluate(outcome.model.net, data.test, data.normalization, kEvaluationBatch);
  if (training.best_epoch > 0) outcome.metrics.emplace_back("validation_error", training.best_error);
  outcome.metrics.emplace_back("test_errors", static_cast<double>(test.errors));
  outcome.metrics.emplace_back("test_error", test.error_rate());
  outcome.metrics.emplace_back("test_accuracy", test.accuracy());
  outcome.metrics.emplace_back("test_loss", test.loss);
  outcome.metrics.emplace_back("parameters", static_cast<double>(parameter_count(outcome.model.net)));
  return outcome;
}

}  // namespace fewer
