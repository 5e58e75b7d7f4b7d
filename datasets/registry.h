// The data sets by name: one explicit table, which is also what `trainer list datasets` prints.
#pragma once

#include <array>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "datasets/config.h"
#include "datasets/dataset.h"

namespace fewer {

struct DatasetEntry {
  const char* name;
  const char* summary;  // one line
  const char* origin;   // where its files come from and where to put them; "" for built-in data
  // What its folder may be called besides its name: as the archive unpacks, say. The rest are null.
  std::array<const char*, 2> folders;
  // Loads all images as `train` and `test`. `folder` is where find_data found the files (empty for built-in data).
  void (*load)(const DataConfig& config, const std::filesystem::path& folder, Dataset& data);
};

std::span<const DatasetEntry> dataset_registry();
const DatasetEntry& dataset_entry(const std::string& name);  // throws Error(kConfig) listing the names there are

// The folder of a data set: the first place with a sub-folder of its name ("fashion_mnist" or "fashion-mnist") or
// another name the entry gives ("cifar-10-batches-bin").
// Throws Error(kData) naming every place looked at and what to do.
std::filesystem::path find_data(const std::string& name, const std::string& data_dir);

// Where load_dataset reads from; empty for built-in data. Throws as find_data does.
std::filesystem::path dataset_folder(const DataConfig& config, const std::string& data_dir);

// All images in the splits their files make: nothing held out for validation, nothing left out, no normalisation.
Dataset load_as_found(const DataConfig& config, const std::string& data_dir);

// The normalisation the config asks for, from these images. Throws when there are none.
Normalization make_normalization(const DataConfig& config, const Split& train);

// Finds, loads, splits and normalises. Throws Error(kConfig) when the config asks for more images than there are, and
// Error(kData) when files are missing or damaged.
Dataset load_dataset(const DataConfig& config, const std::string& data_dir = "");

}  // namespace fewer
