#include "datasets/idx_datasets.h"

#include <sstream>

#include "core/error.h"
#include "core/files.h"
#include "datasets/idx.h"

namespace fewer {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kMostMappingBytes = 64 * 1024;

Split read_split(const char* name, const fs::path& folder, const std::string& stem, const IdxPairOptions& options) {
  const std::string images = idx_path(folder, stem + "-images-idx3-ubyte"),
                    labels = idx_path(folder, stem + "-labels-idx1-ubyte");
  ImageSet set = read_idx_pair(images, labels, options);
  return Split(name, std::make_shared<const ImageSet>(std::move(set)));
}

void load_four_files(const fs::path& folder, const std::vector<std::string>& classes, Dataset& data) {
  data.train = read_split("train", folder, "train", {.classes = classes});
  data.test = read_split("test", folder, "t10k", {.classes = classes});
}

// One line of a mapping file: the label, then the codes of one or two characters.
std::string parse_class(const std::string& line, int expected_label, const std::string& where) {
  std::istringstream numbers(line);
  int label = -1;
  numbers >> label;
  std::string name;
  for (int code = 0; numbers >> code; name += static_cast<char>(code))
    if (code <= ' ' || code > '~') fail_data(where, ": expected ASCII codes of visible characters, got \"", line, '"');
  if (!numbers.eof() || label != expected_label || name.empty())
    fail_data(where, ": expected \"", expected_label, "\" and the ASCII codes of its characters, got \"", line,
              "\": the file is damaged, fetch it again");
  return name;
}

}  // namespace

void load_mnist(const DataConfig&, const fs::path& folder, Dataset& data) {
  load_four_files(folder, {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"}, data);
}

void load_fashion_mnist(const DataConfig&, const fs::path& folder, Dataset& data) {
  load_four_files(
      folder, {"T-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot"},
      data);
}

void load_kmnist(const DataConfig&, const fs::path& folder, Dataset& data) {
  load_four_files(folder, {"o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"}, data);
}

void load_emnist(const DataConfig& config, const fs::path& folder, Dataset& data) {
  const fs::path files = fs::is_directory(folder / "gzip") ? folder / "gzip" : folder;  // what gzip.zip unpacks into
  const std::string stem = "emnist-" + config.emnist.split + "-";
  const std::string mapping_path = (files / (stem + "mapping.txt")).string();
  const EmnistMapping mapping = parse_emnist_mapping(read_file(mapping_path, kMostMappingBytes), mapping_path);
  const IdxPairOptions options{.classes = mapping.classes, .first_label = mapping.first_label, .transposed = true};
  data.train = read_split("train", files, stem + "train", options);
  data.test = read_split("test", files, stem + "test", options);
}

EmnistMapping parse_emnist_mapping(const std::string& text, const std::string& where) {
  EmnistMapping mapping;
  mapping.first_label = text.starts_with("1 ") ? 1 : 0;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.pop_back();
    if (line.empty()) continue;
    const int label = mapping.first_label + static_cast<int>(mapping.classes.size());
    mapping.classes.push_back(parse_class(line, label, fewer::text(where, ": line ", mapping.classes.size() + 1)));
  }
  if (mapping.classes.size() < 2) fail_data(where, ": expected a line for each class, got ", mapping.classes.size());
  return mapping;
}

}  // namespace fewer
