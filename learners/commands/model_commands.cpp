// The verbs that take a model file and need nothing else: info, eval.
#include <cstdio>

#include "core/config.h"
#include "core/error.h"
#include "core/json.h"
#include "core/parallel.h"
#include "core/record.h"
#include "datasets/registry.h"
#include "learners/commands/commands.h"
#include "learners/evaluate.h"
#include "learners/model_normalization.h"
#include "nn/model_file.h"
#include "nn/summary.h"

namespace fewer {
namespace {

Model load_argument(const CommandLine& line) {
  if (line.arguments.size() != 1) fail_config("trainer ", line.verb, ": expected one model file");
  return load_model(line.arguments[0]);
}

Shape input_shape(const Model& model) { return Shape(std::span<const int64_t>(model.info.input_shape)); }

// What the model was trained on, as the config that it carries says.
DataConfig trained_on(const Model& model, const std::string& where) {
  const std::string& text = model.info.config.text;
  const Json config = parse_json(text, where, ErrorKind::kData);
  const Json* data = config.find("data");
  if (!data) fail_config(where, ": the model does not say what data it was trained on; name it with --data");
  DataConfig result;
  read_json(result, std::string_view(text).substr(data->begin, data->end - data->begin), where, ErrorKind::kData);
  return result;
}

const Split& split_of(const Dataset& data, const std::string& name) {
  if (name == "train") return data.train;
  if (name == "validation") return data.validation;
  if (name == "test") return data.test;
  fail_config("--split: expected train, validation or test, got \"", name, "\"");
}

}  // namespace

void command_info(const CommandLine& line) {
  const Model model = load_argument(line);
  const ModelInfo& info = model.info;
  std::printf("%s\n", format_summary(summarize(model.net, input_shape(model))).c_str());
  std::printf("method   %s\nchosen   by %s, epoch %lld\nclasses  %zu\n", info.method.c_str(), info.chosen_by.c_str(),
              static_cast<long long>(info.chosen_epoch), info.classes.size());
}

void command_eval(const CommandLine& line) {
  const Model model = load_argument(line);
  if (model.info.task != Task::kClassification) fail_config(line.arguments[0], ": not a classifier; there is no accuracy to measure");
  DataConfig config = line.data.empty() ? trained_on(model, line.arguments[0]) : DataConfig{};
  if (!line.data.empty()) config.name = line.data;
  bind_threads();
  const Dataset data = load_dataset(config, line.data_dir);
  const Split& split = split_of(data, line.split);
  if (split.empty()) fail_config(line.arguments[0], ": the ", line.split, " split is empty");
  if (data.image_shape() != input_shape(model) || split.classes().size() != model.info.classes.size())
    fail_config(line.arguments[0], ": the model reads ", input_shape(model), " images of ", model.info.classes.size(),
                " classes, but ", config.name, " has ", data.image_shape(), " and ", split.classes().size());
  constexpr int64_t kBatch = 500;
  const Evaluation result = evaluate(model.net, split, normalization_of(model), kBatch);
  Record record;
  record.set("data", config.name).set("split", line.split).set("images", result.images).set("errors", result.errors)
      .set("error", result.error_rate()).set("accuracy", result.accuracy()).set("loss", result.loss);
  std::printf("%s", record.pretty().c_str());
}

}  // namespace fewer
