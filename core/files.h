// Whole files in and out, so that a crash, a full disk or a killed process never leaves a half-written file under its name.
//
// Every function throws one Error that names the path, what went wrong and what to do about it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/error.h"

namespace fewer {

inline constexpr int64_t kMaxFileBytes = int64_t{16} << 30;
inline constexpr int64_t kMaxConfigBytes = int64_t{4} << 20;  // more is no config but the wrong file

// All bytes of a file. Throws an Error of `kind` when it is missing, unreadable, a folder, or larger than `max_bytes`.
std::string read_file(const std::string& path, int64_t max_bytes = kMaxFileBytes, ErrorKind kind = ErrorKind::kData);

// Replaces or creates the file: writes `<path>.tmp-<process>-<n>` in the same folder, flushes it to the disk, then renames
// it. At any moment `path` is the old file or the new one, whole. On failure the temporary file is removed and the old file
// is as it was.
void write_file_atomically(const std::string& path, std::string_view bytes);

// Appends `line` and a newline, and creates the file if there is none. A line that did not fit is taken back whole.
void append_line(const std::string& path, std::string_view line);

void make_folders(const std::string& path);  // with all its parents; fine when it exists

bool file_exists(const std::string& path);  // a regular file, or a link to one

}  // namespace fewer
