#include "datasets/cifar.h"

#include <array>
#include <sstream>

#include "core/error.h"
#include "core/files.h"

namespace fewer {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kSide = 32;
constexpr int64_t kPlane = kSide * kSide;
constexpr int64_t kImageBytes = 3 * kPlane;
constexpr int64_t kMostLabelBytes = 2;
constexpr int64_t kMostNameBytes = 64 * 1024;
constexpr const char* kFetchAgain = ": the file is damaged or not what its name says, fetch it again";

// planes [3, 32, 32] -> pixels [32, 32, 3]
void interleave(const uint8_t* planes, uint8_t* pixels) {
  for (int64_t p = 0; p < kPlane; ++p)
    for (int64_t c = 0; c < 3; ++c) pixels[3 * p + c] = planes[c * kPlane + p];
}

// What both the length of a plain file and the end of a gzipped one are measured against.
std::string expected_size(const CifarFormat& format) {
  const int64_t record = format.label_bytes + kImageBytes;
  return text(": expected ", format.images, " images of ", record, " bytes each, that is ", format.images * record,
              " bytes, ");
}

void read_record(ByteReader& reader, const CifarFormat& format, std::span<uint8_t> record) {
  const int64_t got = reader.read(record);
  if (got < static_cast<int64_t>(record.size()))
    fail_data(reader.name(), expected_size(format), "but the file ends after ", reader.position(), kFetchAgain);
}

void check_end(ByteReader& reader, const CifarFormat& format) {
  uint8_t extra = 0;
  if (reader.read({&extra, 1}) != 0) fail_data(reader.name(), expected_size(format), "but more follows", kFetchAgain);
}

Split read_split(const char* name, const fs::path& folder, const std::vector<std::string>& files,
                 const CifarFormat& format) {
  ImageSet set;
  set.height = set.width = kSide;
  set.channels = 3;
  set.classes = format.classes;
  const size_t images = files.size() * static_cast<size_t>(format.images);
  set.pixels.reserve(images * kImageBytes);
  set.labels.reserve(images);
  for (const std::string& file : files) {
    ByteReader reader((folder / file).string());
    append_cifar(reader, format, set);
  }
  return Split(name, std::make_shared<const ImageSet>(std::move(set)));
}

}  // namespace

void append_cifar(ByteReader& reader, const CifarFormat& format, ImageSet& set) {
  ENSURE(format.label_bytes <= kMostLabelBytes && format.label_at < format.label_bytes,
         "append_cifar: expected at most 2 label bytes, the class among them");
  std::array<uint8_t, kMostLabelBytes + kImageBytes> bytes;
  const std::span<uint8_t> record(bytes.data(), static_cast<size_t>(format.label_bytes + kImageBytes));
  const int64_t classes = static_cast<int64_t>(format.classes.size());
  for (int64_t i = 0; i < format.images; ++i) {
    const int64_t at = reader.position();
    read_record(reader, format, record);
    const uint8_t label = record[static_cast<size_t>(format.label_at)];
    if (label >= classes)
      fail_data(reader.name(), ": label of image ", i, " (byte ", at + format.label_at,
                "): expected a class from 0 to ", classes - 1, ", got ", int{label}, kFetchAgain);
    set.labels.push_back(label);
    const size_t begin = set.pixels.size();
    set.pixels.resize(begin + kImageBytes);
    interleave(record.data() + format.label_bytes, set.pixels.data() + begin);
  }
  check_end(reader, format);
}

std::vector<std::string> read_class_names(const std::string& path, int64_t count) {
  std::vector<std::string> names;
  std::istringstream lines(read_file(path, kMostNameBytes));
  for (std::string line; std::getline(lines, line);) {
    if (line.ends_with('\r')) line.pop_back();
    if (!line.empty()) names.push_back(line);
  }
  if (static_cast<int64_t>(names.size()) != count)
    fail_data(path, ": expected the names of ", count, " classes, one a line, got ", names.size(), kFetchAgain);
  return names;
}

void load_cifar10(const DataConfig&, const fs::path& folder, Dataset& data) {
  const CifarFormat format{.classes = read_class_names((folder / "batches.meta.txt").string(), 10), .images = 10000};
  data.train = read_split("train", folder, {"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin",
                                            "data_batch_4.bin", "data_batch_5.bin"}, format);
  data.test = read_split("test", folder, {"test_batch.bin"}, format);
}

void load_cifar100(const DataConfig& config, const fs::path& folder, Dataset& data) {
  const bool fine = config.cifar100.labels == "fine";
  const std::string names = (folder / (config.cifar100.labels + "_label_names.txt")).string();
  CifarFormat format{.classes = read_class_names(names, fine ? 100 : 20), .label_bytes = 2, .label_at = fine ? 1 : 0};
  format.images = 50000;
  data.train = read_split("train", folder, {"train.bin"}, format);
  format.images = 10000;
  data.test = read_split("test", folder, {"test.bin"}, format);
}

}  // namespace fewer
