// The data sets that come as picture files: Omniglot, mini-ImageNet, and own pictures in class folders.
//
// Each function fills the splits of `data` from the files in `folder`. Throws Error(kData) when a file or folder is missing,
// damaged or empty.
#pragma once

#include <filesystem>
#include <string>

#include "datasets/config.h"
#include "datasets/dataset.h"

namespace fewer {

// The background characters are there to train on, those for evaluation to test on: no class is in both.
void load_omniglot(const DataConfig& config, const std::filesystem::path& folder, Dataset& data);

// Its own three splits, of 64, 16 and 20 classes; no class is in two of them.
void load_mini_imagenet(const DataConfig& config, const std::filesystem::path& folder, Dataset& data);

// The splits that the folders make (datasets/class_folders.h). Where they make no test split, the part config.folder.test
// of all images, classes in proportion, is held out.
void load_folder(const DataConfig& config, const std::filesystem::path& folder, Dataset& data);

// Where own pictures are: `path` itself, or below one of the data places; `data_dir` when the path is empty. Throws
// Error(kConfig) when both are empty, and Error(kData) naming the places when there is no such folder.
std::filesystem::path find_own_folder(const std::string& path, const std::string& data_dir);

}  // namespace fewer
