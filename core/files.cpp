// POSIX calls rather than streams: only they tell apart what went wrong, flush to the disk and rename.
#include "core/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

namespace fewer {
namespace {

// An open file, closed at the end of the scope.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }
  bool close() { return ::close(std::exchange(fd_, -1)) == 0; }  // some file systems report a full disk only here

 private:
  int fd_;
};

std::string advice(int error) {
  switch (error) {
    case ENOSPC: return "the disk is full; make room or choose another folder";
    case EDQUOT: return "the disk quota is used up; make room or choose another folder";
    case EFBIG: return "the file would be larger than the system allows";
    case EACCES:
    case EPERM: return "no permission; check who owns the file and its folder";
    case EROFS: return "the file system is read-only; choose another folder";
    case ENOENT: return "no such file or folder; check the path";
    case ENOTDIR: return "part of the path is a file, not a folder";
    case EISDIR: return "it is a folder, not a file";
    default: return std::strerror(error);
  }
}

[[noreturn]] void fail_file(ErrorKind kind, const std::string& path, const char* verb, int error) {
  throw Error(kind, text(path, ": cannot ", verb, ": ", advice(error)));
}
[[noreturn]] void fail_write(const std::string& path, int error) { fail_file(ErrorKind::kOther, path, "write", error); }

// Writes all bytes; returns 0 or the error. A write may take fewer bytes than it was given, and a signal may interrupt it.
int write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return 0;
}

// Creates, fills and flushes a file; returns 0 or the error.
int write_new_file(const std::string& path, std::string_view bytes) {
  Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
  if (file.get() < 0) return errno;
  if (const int error = write_all(file.get(), bytes)) return error;
  return ::fsync(file.get()) == 0 && file.close() ? 0 : errno;
}

// The rename itself survives a power cut only once the folder is flushed. A file system that cannot is let off.
void flush_folder_of(const std::string& path) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  Descriptor opened(::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (opened.get() >= 0) ::fsync(opened.get());
}

}  // namespace

std::string read_file(const std::string& path, int64_t max_bytes, ErrorKind kind) {
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat status {};
  if (file.get() < 0 || ::fstat(file.get(), &status) != 0) fail_file(kind, path, "read", errno);
  if (S_ISDIR(status.st_mode)) fail_file(kind, path, "read", EISDIR);
  const auto too_large = [&](int64_t bytes) {
    throw Error(kind, text(path, ": expected at most ", max_bytes, " bytes, got ", bytes, " or more; is this the right file?"));
  };
  if (status.st_size > max_bytes) too_large(status.st_size);

  // The size is a hint: a pipe has none, and a file may grow meanwhile. One byte more than it, to see the end.
  std::string bytes(static_cast<size_t>(status.st_size) + 1, '\0');
  size_t filled = 0;
  while (true) {
    if (filled == bytes.size()) bytes.resize(2 * filled + 65536);
    const ssize_t got = ::read(file.get(), bytes.data() + filled, bytes.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail_file(kind, path, "read", errno);
    if (got == 0) break;
    filled += static_cast<size_t>(got);
    if (static_cast<int64_t>(filled) > max_bytes) too_large(static_cast<int64_t>(filled));
  }
  bytes.resize(filled);
  return bytes;
}

void write_file_atomically(const std::string& path, std::string_view bytes) {
  static std::atomic<int> count = 0;
  const std::string temporary = text(path, ".tmp-", ::getpid(), "-", count++);
  int error = write_new_file(temporary, bytes);
  if (error == 0 && ::rename(temporary.c_str(), path.c_str()) != 0) error = errno;
  if (error != 0) {
    if (error != EEXIST) ::unlink(temporary.c_str());
    fail_write(path, error);
  }
  flush_folder_of(path);
}

void append_line(const std::string& path, std::string_view line) {
  Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666));
  if (file.get() < 0) fail_write(path, errno);
  struct stat before {};
  if (::fstat(file.get(), &before) != 0) fail_write(path, errno);
  int error = write_all(file.get(), std::string(line) + '\n');
  if (error == 0) error = file.close() ? 0 : errno;
  if (error == 0) return;
  // Half a line would spoil the file for its readers.
  if (S_ISREG(before.st_mode) && ::truncate(path.c_str(), before.st_size) != 0)
    fail_file(ErrorKind::kOther, path, "write (and its last line is cut off)", error);
  fail_write(path, error);
}

void make_folders(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) fail_file(ErrorKind::kOther, path, "create the folder", error.value());
  if (!std::filesystem::is_directory(path, error)) fail_file(ErrorKind::kOther, path, "create the folder", ENOTDIR);
}

bool file_exists(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::is_regular_file(path, ignored);
}

}  // namespace fewer
