// First all files are listed with class and split, from folders or from lists; then classes are numbered and pictures decoded.
#include "datasets/class_folders.h"

#include <unistd.h>

#include <algorithm>
#include <map>
#include <set>

#include "core/error.h"
#include "core/files.h"
#include "datasets/pictures/decode.h"
#include "datasets/pictures/picture_files.h"
#include "datasets/tables/csv.h"

namespace fewer {
namespace {

namespace fs = std::filesystem;

enum Part { kTrain, kValidation, kTest };

const std::map<std::string, Part> kPartNames = {
    {"train", kTrain}, {"val", kValidation}, {"validation", kValidation}, {"test", kTest}};

struct PictureFile {
  std::string path;
  std::string class_name;
  Part part = kTrain;
};

// The files found so far, and the bound on how many there may be.
class Found {
 public:
  Found(const fs::path& root, const PictureOptions& options, int64_t most_bytes)
      : root_(root), options_(options), most_bytes_(most_bytes) {}

  void add(PictureFile file) {
    files_.push_back(std::move(file));
    const int64_t count = static_cast<int64_t>(files_.size()), channels = static_cast<int64_t>(options_.color);
    if (count > most_bytes_ / (options_.size * options_.size * channels))
      fail_data(root_.string(), ": ", count, " pictures or more of ", Shape{options_.size, options_.size, channels},
                " would take more than the ", most_bytes_ >> 20,
                " MiB allowed (half of this machine's memory): choose a smaller size, grey, or a folder with fewer of them");
  }
  const std::vector<PictureFile>& files() const { return files_; }

 private:
  const fs::path& root_;
  const PictureOptions& options_;
  int64_t most_bytes_;
  std::vector<PictureFile> files_;
};

[[noreturn]] void fail_empty_class(const fs::path& folder, const std::vector<std::string>& names) {
  fail_data(folder.string(), ": expected a class, a folder with PNG, JPEG or BMP pictures, but it is empty",
            names.empty() ? std::string() : text(" of them (it has ", names.size(), " other files, such as ", names.front(), ")"),
            ": put pictures in or remove it");
}

// Walks a tree of folders. A folder reached again on the way to itself is a link that leads round in a circle.
class Walk {
 public:
  Walk(Found& found, Part part) : found_(found), part_(part) {}

  void visit(const fs::path& folder, const std::string& class_name) {
    std::error_code error;
    const fs::path real = fs::canonical(folder, error);
    if (error) fail_data(folder.string(), ": cannot read this folder: ", error.message());
    if (std::find(above_.begin(), above_.end(), real) != above_.end())
      fail_data(folder.string(), ": this link leads back to ", real.string(), ", which it is in: remove it");
    above_.push_back(real);
    visit_entries(folder, class_name);
    above_.pop_back();
  }

 private:
  void visit_entries(const fs::path& folder, const std::string& class_name) {
    const std::vector<std::string> names = sorted_names(folder);
    bool is_class = false, has_folders = false;
    for (const std::string& name : names) {
      std::error_code ignored;
      if (fs::is_directory(folder / name, ignored)) {
        has_folders = true;
        visit(folder / name, class_name.empty() ? name : class_name + "/" + name);
      } else if (is_picture_name(name)) {
        if (class_name.empty())
          fail_data((folder / name).string(), ": expected pictures in folders named by their class, but this one is in none");
        is_class = true;
        found_.add({(folder / name).string(), class_name, part_});
      }
    }
    if (!is_class && !has_folders && !class_name.empty()) fail_empty_class(folder, names);
  }

  Found& found_;
  Part part_;
  std::vector<fs::path> above_;
};

// All folders are splits, and one is for training: ROOT/{boat,train} are two classes.
bool has_split_folders(const std::vector<std::string>& folders) {
  return std::find(folders.begin(), folders.end(), "train") != folders.end() &&
         std::all_of(folders.begin(), folders.end(), [](const std::string& name) { return kPartNames.contains(name); });
}

void list_folders(const fs::path& root, Found& found) {
  const std::vector<std::string> folders = sorted_folders(root);
  if (!has_split_folders(folders)) return Walk(found, kTrain).visit(root, "");
  for (const std::string& folder : folders) Walk(found, kPartNames.at(folder)).visit(root / folder, "");
}

// The pictures of one split: rows "n0153282900000005.jpg,n01532829", the first of which may be "filename,label".
void list_csv(const fs::path& root, const std::string& path, Part part, Found& found) {
  const std::string bytes = read_file(path);
  CsvReader rows(bytes, path, {});
  std::vector<std::string> row;
  for (bool first = true; rows.next(row); first = false) {
    if (row.size() != 2 || row[0].empty() || row[1].empty())
      fail_data(path, ": line ", rows.line(), ": expected a file name and a label, got ", row.size(), " fields or empty ones");
    if (first && row == std::vector<std::string>{"filename", "label"}) continue;
    if (row[0].find('/') != std::string::npos)
      fail_data(path, ": line ", rows.line(), ": expected the name of a file in ", (root / "images").string(), ", got \"", row[0], "\"");
    found.add({(root / "images" / row[0]).string(), row[1], part});
  }
}

void list_split_files(const fs::path& root, Found& found) {
  for (const auto& [name, part] : kPartNames)
    if (const std::string path = (root / (name + ".csv")).string(); file_exists(path)) list_csv(root, path, part, found);
}

std::vector<std::string> class_names(const std::vector<PictureFile>& files) {
  std::set<std::string> names;
  for (const PictureFile& file : files) names.insert(file.class_name);
  return {names.begin(), names.end()};
}

Image read_resized(const std::string& path, const PictureOptions& options) {
  return resize(read_picture(path, options.color), options.size, options.size, options.resize);
}

int64_t half_of_memory() { return int64_t{sysconf(_SC_PHYS_PAGES)} * sysconf(_SC_PAGESIZE) / 2; }

}  // namespace

ClassFolders read_class_folders(const fs::path& root, const PictureOptions& options) {
  return read_class_folders(root, options, half_of_memory());
}

ClassFolders read_class_folders(const fs::path& root, const PictureOptions& options, int64_t most_bytes) {
  ENSURE(options.size >= 1, "class folders: expected a size of at least 1, got ", options.size);
  Found found(root, options, most_bytes);
  const bool has_lists = fs::is_directory(root / "images") && file_exists((root / "train.csv").string());
  has_lists ? list_split_files(root, found) : list_folders(root, found);
  if (found.files().empty())
    fail_data(root.string(), ": expected folders of PNG, JPEG or BMP pictures, one for each class, but found no picture");

  ClassFolders result;
  ImageSet set;
  set.height = set.width = options.size;
  set.channels = static_cast<int64_t>(options.color);
  set.classes = class_names(found.files());
  std::vector<std::string> paths;
  for (const PictureFile& file : found.files()) {
    const auto label = std::lower_bound(set.classes.begin(), set.classes.end(), file.class_name) - set.classes.begin();
    std::vector<int64_t>& part = file.part == kTrain ? result.train : file.part == kTest ? result.test : result.validation;
    part.push_back(static_cast<int64_t>(paths.size()));
    set.labels.push_back(static_cast<int32_t>(label));
    paths.push_back(file.path);
  }
  set.pixels = read_pictures(paths, set.image_bytes(), [&](const std::string& path) { return read_resized(path, options); });
  result.images = std::make_shared<const ImageSet>(std::move(set));
  return result;
}

}  // namespace fewer
