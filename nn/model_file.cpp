#include "nn/model_file.h"

#include <algorithm>
#include <array>

#include "core/config.h"
#include "core/error.h"
#include "nn/tree_file.h"

namespace fewer {
namespace {

constexpr const char* kFormat = "fewer.model";
constexpr const char* kVersion = "1";
constexpr const char* kWhiteningMean = "normalization.mean";
constexpr const char* kWhitening = "normalization.whitening";
constexpr std::array<std::string_view, 5> kKeys = {"format", "version", "network", "frozen", "info"};

bool is_own_key(std::string_view key) { return std::find(kKeys.begin(), kKeys.end(), key) != kKeys.end(); }

const std::string& metadata(const Safetensors& file, const std::string& key, const std::string& where) {
  const auto found = file.metadata.find(key);
  if (found == file.metadata.end())
    fail_data(where, ": metadata \"", key, "\" is missing; this is no model written by fewer");
  return found->second;
}

void check_format(const Safetensors& file, const std::string& where) {
  const std::string& format = metadata(file, "format", where);
  if (format != kFormat) fail_data(where, ": expected format \"", kFormat, "\", got \"", format, "\"");
  const std::string& version = metadata(file, "version", where);
  if (version != kVersion) fail_data(where, ": expected version ", kVersion, " of the format, got \"", version, "\"");
}

// Both tensors of the whitening or neither; how many there were.
int64_t load_whitening(Model& model, const Safetensors& file, const std::string& where) {
  const Safetensors::Entry *const mean = file.find(kWhiteningMean), *const matrix = file.find(kWhitening);
  if (!mean && !matrix) return 0;
  if (!mean || !matrix) fail_data(where, ": expected both ", kWhiteningMean, " and ", kWhitening, ", got one of them");
  model.whitening_mean = to_tensor(*mean, where);
  model.whitening = to_tensor(*matrix, where);
  const Shape d = model.whitening_mean.shape();
  if (d.rank() != 1 || model.whitening.shape() != Shape{d[0], d[0]})
    fail_data(where, ": expected ", kWhitening, " to be a square matrix for ", kWhiteningMean, " ", d, ", got ", model.whitening.shape());
  return 2;
}

Model read_model(const Safetensors& file, const std::string& where) {
  check_format(file, where);
  Model model;
  read_json([&](Visitor& v) { describe_tree(v, model.net); }, metadata(file, "network", where), where + ": network",
            ErrorKind::kData);
  load_values(model.net, "", file, where);
  const int64_t values = value_count(model.net), others = load_whitening(model, file, where);
  if (values + others != static_cast<int64_t>(file.entries.size()))
    fail_data(where, ": holds ", file.entries.size() - static_cast<size_t>(others), " tensors, but the network has ", values);
  std::vector<std::string> frozen;
  read_json([&](Visitor& v) { v.field("parameters", frozen); }, metadata(file, "frozen", where), where + ": frozen",
            ErrorKind::kData);
  freeze_parameters(model.net, frozen, where);
  read_json(model.info, metadata(file, "info", where), where + ": info", ErrorKind::kData);
  for (const auto& [key, value] : file.metadata)
    if (!is_own_key(key)) model.extra[key] = value;
  return model;
}

}  // namespace

void ModelInfo::describe(Visitor& v) {
  v.choice("task", task, {{"classification", Task::kClassification},
                          {"regression", Task::kRegression},
                          {"embedding", Task::kEmbedding},
                          {"policy", Task::kPolicy}});
  v.field("input_shape", input_shape, {.help = "of one example: [H, W, C]", .min = 1});
  v.field("contrast", contrast, {.help = "each image to mean 0 and std 1 first"});
  v.field("mean", mean, {.help = "per channel, of pixel / 255"});
  v.field("std", std, {.help = "per channel, of pixel / 255", .above = 0});
  v.field("classes", classes, {.help = "names, by output"});
  v.field("method", method);
  v.field("chosen_by", chosen_by);
  v.field("chosen_epoch", chosen_epoch, {.min = 0});
  v.field("chosen_value", chosen_value);
  v.field("config", config, {.help = "the resolved config of the run"});
  v.check(mean.size() == std.size(), "mean and std must have as many channels", {"mean", "std"});
}

Safetensors model_to_file(const Model& model) {
  ENSURE(!model.net.empty(), "save_model: the model has no network");
  Safetensors file;
  for (const auto& [key, value] : model.extra) {
    ENSURE(!is_own_key(key), "save_model: metadata \"", key, "\" is the format's own; choose another key");
    file.metadata[key] = value;
  }
  Layer& net = const_cast<Layer&>(model.net);  // a writer does not change what it is shown
  std::vector<std::string> frozen = frozen_parameters(model.net);
  file.metadata.emplace("format", kFormat);
  file.metadata.emplace("version", kVersion);
  file.metadata["network"] = write_json([&](Visitor& v) { describe_tree(v, net); });
  file.metadata["frozen"] = write_json([&](Visitor& v) { v.field("parameters", frozen); });
  file.metadata["info"] = write_json(model.info);
  store_values(model.net, "", file);
  if (model.whitening.defined()) {
    file.add(kWhiteningMean, model.whitening_mean);
    file.add(kWhitening, model.whitening);
  }
  return file;
}

Model model_from_file(const Safetensors& file, const std::string& where) {
  // Whatever a damaged tree provokes in the layers that read it, the file is to blame: name it.
  try {
    return read_model(file, where);
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::kData) throw;
    fail_data(where, ": the network does not fit together: ", error.what());
  }
}

void save_model(const std::string& path, const Model& model) { write_safetensors(path, model_to_file(model)); }

Model load_model(const std::string& path) { return model_from_file(read_safetensors(path), path); }

}  // namespace fewer
