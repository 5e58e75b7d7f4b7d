#include "datasets/pictures/picture_files.h"

#include <algorithm>

#include "core/error.h"
#include "core/parallel.h"

namespace fewer {

namespace fs = std::filesystem;

std::vector<std::string> sorted_names(const fs::path& folder) {
  std::error_code error;
  std::vector<std::string> names;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename().string();
    if (!name.starts_with('.')) names.push_back(name);
  }
  if (error) fail_data(folder.string(), ": expected a folder that can be read, got: ", error.message());
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<std::string> sorted_folders(const fs::path& folder) {
  std::vector<std::string> names = sorted_names(folder);
  std::erase_if(names, [&](const std::string& name) {
    std::error_code ignored;
    return !fs::is_directory(folder / name, ignored);
  });
  return names;
}

std::vector<uint8_t> read_pictures(std::span<const std::string> paths, int64_t picture_bytes,
                                   FunctionRef<Image(const std::string&)> read) {
  constexpr int64_t kPicturesPerPiece = 16;
  const int64_t count = static_cast<int64_t>(paths.size());
  std::vector<uint8_t> pixels(static_cast<size_t>(count * picture_bytes));
  parallel_for(count, kPicturesPerPiece, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const std::string& path = paths[static_cast<size_t>(i)];
      const Image image = read(path);
      ENSURE(static_cast<int64_t>(image.pixels.size()) == picture_bytes, path, ": expected a picture of ", picture_bytes,
             " bytes, got ", image.pixels.size());
      std::copy(image.pixels.begin(), image.pixels.end(), pixels.begin() + i * picture_bytes);
    }
  });
  return pixels;
}

}  // namespace fewer
