// Many picture files at once: listing folders and decoding in parallel.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "core/function_ref.h"
#include "datasets/pictures/image.h"

namespace fewer {

// The names in a folder, in ascending order, without hidden ones (".", "..", ".DS_Store"). Throws Error(kData) when the
// folder cannot be read.
std::vector<std::string> sorted_names(const std::filesystem::path& folder);

// The same, folders only (links to folders are folders).
std::vector<std::string> sorted_folders(const std::filesystem::path& folder);

// read(path) of every file, one after another [N, H, W, C], in parallel. The first error by position is thrown.
// REQUIRES: every picture read has `picture_bytes` bytes.
std::vector<uint8_t> read_pictures(std::span<const std::string> paths, int64_t picture_bytes,
                                   FunctionRef<Image(const std::string&)> read);

}  // namespace fewer
