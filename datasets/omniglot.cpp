#include "datasets/omniglot.h"

#include <algorithm>
#include <charconv>
#include <numeric>
#include <sstream>

#include "core/error.h"
#include "core/files.h"
#include "datasets/pictures/decode.h"
#include "datasets/pictures/picture_files.h"

namespace fewer {
namespace {

namespace fs = std::filesystem;

constexpr const char* kUnpackAgain = ": unpack the data set again";

Image read_drawing(const std::string& path, const OmniglotOptions& options) {
  Image image = read_picture(path, Color::kGrey);
  if (image.height != kOmniglotSide || image.width != kOmniglotSide)
    fail_data(path, ": expected an Omniglot image of ", kOmniglotSide, " x ", kOmniglotSide, " pixels, got ", image.width, " x ",
              image.height, kUnpackAgain);
  for (uint8_t& pixel : image.pixels) pixel = static_cast<uint8_t>(255 - pixel);  // ink is black in the files
  return resize(image, options.size, options.size, options.resize);
}

ImageSet empty_set(const OmniglotOptions& options) {
  ENSURE(options.size >= 1, "Omniglot: expected a size of at least 1, got ", options.size);
  ImageSet set;
  set.height = set.width = options.size;
  set.channels = 1;
  return set;
}

void read_drawings(std::span<const std::string> paths, const OmniglotOptions& options, ImageSet& set) {
  set.pixels = read_pictures(paths, set.image_bytes(), [&](const std::string& path) { return read_drawing(path, options); });
}

// "0394_07.png" is by drawer 6; throws when the name says nothing of the kind.
int32_t drawer_of(const fs::path& file) {
  const std::string stem = file.stem().string();
  const char *begin = stem.data() + stem.find('_') + 1, *end = stem.data() + stem.size();  // all of it when there is none
  int32_t drawer = 0;
  const auto [parsed, error] = std::from_chars(begin, end, drawer);
  if (error != std::errc() || parsed != end || drawer < 1 || drawer > kOmniglotDrawers)
    fail_data(file.string(), ": expected a name such as 0394_07.png, whose last number is the drawer, 1 to ", kOmniglotDrawers,
              kUnpackAgain);
  return drawer - 1;
}

// The 20 files of one character, as one class.
void add_character(const fs::path& folder, const std::string& name, std::vector<std::string>& paths, ImageSet& set) {
  std::vector<bool> seen(kOmniglotDrawers, false);
  for (const std::string& file : sorted_names(folder)) {
    if (!is_picture_name(file)) continue;
    const int32_t drawer = drawer_of(folder / file);
    if (seen[static_cast<size_t>(drawer)]) fail_data((folder / file).string(), ": a second image by this drawer", kUnpackAgain);
    seen[static_cast<size_t>(drawer)] = true;
    paths.push_back((folder / file).string());
    set.labels.push_back(static_cast<int32_t>(set.classes.size()));
    set.drawers.push_back(drawer);
  }
  const auto drawn = std::count(seen.begin(), seen.end(), true);
  if (drawn != kOmniglotDrawers)
    fail_data(folder.string(), ": expected one image of each of ", kOmniglotDrawers, " drawers, got ", drawn, kUnpackAgain);
  set.classes.push_back(name);
}

// All characters of images_background or images_evaluation.
void add_part(const fs::path& part, std::vector<std::string>& paths, ImageSet& set) {
  const size_t before = set.classes.size();
  for (const std::string& alphabet : sorted_folders(part))
    for (const std::string& character : sorted_folders(part / alphabet))
      add_character(part / alphabet / character, alphabet + "/" + character, paths, set);
  if (set.classes.size() == before)
    fail_data(part.string(), ": expected folders of alphabets with folders of characters, got none", kUnpackAgain);
}

// A line "run01/test/item01.png run01/training/class08.png", split at its blank.
std::pair<std::string, std::string> read_pair(const std::string& line, const std::string& where) {
  std::istringstream words(line);
  std::string item, answer, more;
  if (!(words >> item >> answer) || words >> more)
    fail_data(where, ": expected a test file and a training file, got \"", line, "\"", kUnpackAgain);
  return {item, answer};
}

int32_t position_of(const std::string& name, std::span<const std::string> names, const std::string& where) {
  const auto it = std::find(names.begin(), names.end(), fs::path(name).filename().string());
  if (it == names.end()) fail_data(where, ": there is no file ", name, kUnpackAgain);
  return static_cast<int32_t>(it - names.begin());
}

// For each test file the position of its class among the training files.
std::vector<int32_t> read_answers(const std::string& path, std::span<const std::string> items, std::span<const std::string> classes) {
  std::vector<int32_t> answers(items.size(), -1);
  std::istringstream lines(read_file(path));
  int64_t number = 0;
  for (std::string line; std::getline(lines, line);) {
    const std::string where = text(path, ":", ++number);
    const auto [item, answer] = read_pair(line, where);
    answers[static_cast<size_t>(position_of(item, items, where))] = position_of(answer, classes, where);
  }
  for (size_t i = 0; i < items.size(); ++i)
    if (answers[i] < 0) fail_data(path, ": expected a line for ", items[i], ", but there is none", kUnpackAgain);
  return answers;
}

std::shared_ptr<const ImageSet> read_folder(const fs::path& folder, std::span<const std::string> files, std::vector<int32_t> labels,
                                            std::vector<std::string> classes, const OmniglotOptions& options) {
  ImageSet set = empty_set(options);
  set.labels = std::move(labels);
  set.classes = std::move(classes);
  std::vector<std::string> paths;
  for (const std::string& file : files) paths.push_back((folder / file).string());
  read_drawings(paths, options, set);
  return std::make_shared<const ImageSet>(std::move(set));
}

LakeRun read_run(const fs::path& folder, const OmniglotOptions& options) {
  const std::vector<std::string> classes = sorted_names(folder / "training"), items = sorted_names(folder / "test");
  if (classes.empty() || items.empty()) fail_data(folder.string(), ": expected files in training and in test, got none", kUnpackAgain);
  std::vector<int32_t> in_order(classes.size());
  std::iota(in_order.begin(), in_order.end(), 0);
  std::vector<std::string> names;
  for (const std::string& file : classes) names.push_back(folder.filename().string() + "/" + fs::path(file).stem().string());
  std::vector<int32_t> answers = read_answers((folder / "class_labels.txt").string(), items, classes);
  return {.training = read_folder(folder / "training", classes, std::move(in_order), names, options),
          .test = read_folder(folder / "test", items, std::move(answers), names, options)};
}

}  // namespace

Omniglot read_omniglot(const fs::path& folder, const OmniglotOptions& options) {
  Omniglot result;
  ImageSet set = empty_set(options);
  std::vector<std::string> paths;
  add_part(folder / "images_background", paths, set);
  result.background_classes = static_cast<int64_t>(set.classes.size());
  add_part(folder / "images_evaluation", paths, set);
  read_drawings(paths, options, set);
  result.images = std::make_shared<const ImageSet>(std::move(set));
  return result;
}

std::vector<LakeRun> read_lake_runs(const fs::path& folder, const OmniglotOptions& options) {
  std::vector<LakeRun> runs;
  for (const std::string& run : sorted_folders(folder / "all_runs")) runs.push_back(read_run(folder / "all_runs" / run, options));
  if (runs.empty()) fail_data((folder / "all_runs").string(), ": expected folders run01 to run20, got none", kUnpackAgain);
  return runs;
}

}  // namespace fewer
