// The data sets that come as IDX files: MNIST and what was made in its image.
//
// Each function fills data.train and data.test from the files in `folder`, under the names their distributions use.
// Throws Error(kData) when a file is missing, damaged or does not belong with the others.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "datasets/config.h"
#include "datasets/dataset.h"

namespace fewer {

// {train,t10k}-images-idx3-ubyte and {train,t10k}-labels-idx1-ubyte, plain or with .gz.
void load_mnist(const DataConfig& config, const std::filesystem::path& folder, Dataset& data);
void load_fashion_mnist(const DataConfig& config, const std::filesystem::path& folder, Dataset& data);
void load_kmnist(const DataConfig& config, const std::filesystem::path& folder, Dataset& data);

// emnist-SPLIT-{train,test}-{images-idx3,labels-idx1}-ubyte and emnist-SPLIT-mapping.txt; the split is
// config.emnist.split. Its files hold every image transposed, columns first; here they stand upright.
void load_emnist(const DataConfig& config, const std::filesystem::path& folder, Dataset& data);

// What a mapping file of EMNIST says: a line per class, "label code [code]", with labels that count up by one and ASCII
// codes of the characters in the class: "10 65" is "A", "1 65 97" is "Aa".
struct EmnistMapping {
  int first_label = 0;  // 1 in the letters split
  std::vector<std::string> classes;
};
EmnistMapping parse_emnist_mapping(const std::string& text, const std::string& where);

}  // namespace fewer
