// A model as a file: a network with what is needed to use it alone, in a fresh process, without its config.
//
// The container is safetensors (core/safetensors.h): one tensor per parameter and buffer, under its name in the
// network, and with whitening "normalization.mean" and "normalization.whitening". The metadata holds "format" = "fewer.model", "version", "network" (the tree of layers, JSON), "frozen"
// (names of parameters, JSON) and "info" (ModelInfo, JSON).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/describe.h"
#include "core/safetensors.h"
#include "nn/module.h"

namespace fewer {

enum class Task { kClassification, kRegression, kEmbedding, kPolicy };

struct ModelInfo {
  Task task = Task::kClassification;
  std::vector<int64_t> input_shape = {};      // of one example: [H, W, C]
  bool contrast = false;                      // each image to mean 0 and standard deviation 1 first
  std::vector<double> mean = {}, std = {};    // [C]: x = (pixel / 255 - mean) / std; empty when the input is no image
  std::vector<std::string> classes = {};      // names, by output
  std::string method = {};                    // "supervised"
  std::string chosen_by = {};                 // "validation accuracy"; "last" when nothing was chosen
  int64_t chosen_epoch = 0;                   // from 1; 0: not trained
  std::optional<double> chosen_value = {};    // of what it was chosen by
  RawJson config = {};                        // the resolved config that made it, for the reader's eyes
  void describe(Visitor& v);
};

struct Model {
  Layer net;
  ModelInfo info;
  Tensor whitening_mean = {}, whitening = {};  // [D], [D, D]: then x = (x - whitening_mean) whitening; undefined: not
  std::map<std::string, std::string> extra = {};  // more metadata, copied as it is; keys that the format uses are refused
};

// Replaces the file atomically. Throws when a parameter has no value yet.
void save_model(const std::string& path, const Model& model);
// Throws kData naming the path and what is wrong.
Model load_model(const std::string& path);

Safetensors model_to_file(const Model& model);
Model model_from_file(const Safetensors& file, const std::string& where);

}  // namespace fewer
