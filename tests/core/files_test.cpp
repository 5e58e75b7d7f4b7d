#include "core/files.h"

#include <doctest/doctest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

#include "tests/core/config_example.h"

using namespace fewer;
using example::message_of;

namespace {

// A folder of its own for one test, removed at its end.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "fewer-files-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  int64_t entries() const {
    return std::distance(std::filesystem::directory_iterator(path_), std::filesystem::directory_iterator());
  }

 private:
  std::string path_;
};

// No file of this process may grow beyond `bytes` while it lives: the nearest thing to a full disk that needs no rights.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  rlimit before_{};
  void (*handler_)(int);
};

}  // namespace

TEST_CASE("files: bytes written are the bytes read, and nothing else is left in the folder") {
  const TemporaryFolder folder;
  const std::string bytes = std::string("a\0b\n", 4) + std::string(200000, 'x');
  write_file_atomically(folder / "f", bytes);
  CHECK(read_file(folder / "f") == bytes);
  write_file_atomically(folder / "f", "");
  CHECK(read_file(folder / "f").empty());
  CHECK(folder.entries() == 1);
}

TEST_CASE("files: what cannot be read is named, with the kind of error asked for") {
  const TemporaryFolder folder;
  ErrorKind kind = ErrorKind::kOther;
  CHECK(message_of([&] { read_file(folder / "none"); }, &kind) ==
        folder / "none" + ": cannot read: no such file or folder; check the path");
  CHECK(kind == ErrorKind::kData);
  message_of([&] { read_file(folder / "none", kMaxConfigBytes, ErrorKind::kConfig); }, &kind);
  CHECK(kind == ErrorKind::kConfig);
  CHECK(message_of([&] { read_file(folder / ""); }) == folder / "" + ": cannot read: it is a folder, not a file");
}

TEST_CASE("files: a file beyond the limit is refused, also one whose size is not known beforehand") {
  const TemporaryFolder folder;
  write_file_atomically(folder / "f", "12345");
  CHECK(read_file(folder / "f", 5) == "12345");
  CHECK(message_of([&] { read_file(folder / "f", 4); }) ==
        folder / "f" + ": expected at most 4 bytes, got 5 or more; is this the right file?");
  if (std::filesystem::exists("/dev/zero"))
    CHECK(message_of([&] { read_file("/dev/zero", 1000000); }).find("expected at most 1000000 bytes") != std::string::npos);
}

TEST_CASE("files: a write that does not fit leaves the old file as it was and no other behind") {
  const TemporaryFolder folder;
  write_file_atomically(folder / "f", "old");
  std::string message;
  {
    const FileSizeLimit limit(10000);
    message = message_of([&] { write_file_atomically(folder / "f", std::string(20000, 'x')); });
  }
  CHECK(message == folder / "f" + ": cannot write: the file would be larger than the system allows");
  CHECK(read_file(folder / "f") == "old");
  CHECK(folder.entries() == 1);
}

TEST_CASE("files: a full disk is said to be full") {
  if (::access("/dev/full", W_OK) != 0) return;
  CHECK(message_of([] { append_line("/dev/full", "x"); }) ==
        "/dev/full: cannot write: the disk is full; make room or choose another folder");
}

TEST_CASE("files: a missing folder, a file in the path and a folder in place of the file are told apart") {
  const TemporaryFolder folder;
  write_file_atomically(folder / "f", "x");
  make_folders(folder / "d");
  CHECK(message_of([&] { write_file_atomically(folder / "none/g", "x"); }).find("no such file or folder") != std::string::npos);
  CHECK(message_of([&] { write_file_atomically(folder / "f/g", "x"); }).find("part of the path is a file") != std::string::npos);
  CHECK(message_of([&] { write_file_atomically(folder / "d", "x"); }).find("it is a folder") != std::string::npos);
  CHECK(folder.entries() == 2);
}

TEST_CASE("files: a folder without permission is refused and keeps the old file") {
  if (::geteuid() == 0) return;  // root may write anywhere
  const TemporaryFolder folder;
  make_folders(folder / "d");
  write_file_atomically(folder / "d/f", "old");
  ::chmod((folder / "d").c_str(), 0500);
  CHECK(message_of([&] { write_file_atomically(folder / "d/f", "new"); }).find("no permission") != std::string::npos);
  CHECK(read_file(folder / "d/f") == "old");
  ::chmod((folder / "d").c_str(), 0700);
}

TEST_CASE("files: lines are appended whole or not at all") {
  const TemporaryFolder folder;
  append_line(folder / "log", "one");
  append_line(folder / "log", "two");
  std::string message;
  {
    const FileSizeLimit limit(12);
    message = message_of([&] { append_line(folder / "log", "three is too long"); });
  }
  CHECK(message.find("cannot write") != std::string::npos);
  append_line(folder / "log", "four");
  CHECK(read_file(folder / "log") == "one\ntwo\nfour\n");
}

TEST_CASE("files: folders are made with their parents, and may exist") {
  const TemporaryFolder folder;
  make_folders(folder / "a/b/c");
  make_folders(folder / "a/b/c");
  CHECK(std::filesystem::is_directory(folder / "a/b/c"));
  write_file_atomically(folder / "a/f", "x");
  CHECK(file_exists(folder / "a/f"));
  CHECK_FALSE(file_exists(folder / "a/b"));
  CHECK(message_of([&] { make_folders(folder / "a/f"); }).find("cannot create the folder") != std::string::npos);
  CHECK(message_of([&] { make_folders(folder / "a/f/g"); }).find("part of the path is a file") != std::string::npos);
}
