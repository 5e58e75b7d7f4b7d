#include "datasets/fetch.h"

#include <cstdio>
#include <fstream>

#include "core/error.h"
#include "core/files.h"
#include "core/process.h"
#include "core/sha256.h"

namespace fewer {
namespace {

namespace fs = std::filesystem;

// curl's exit codes that we treat in a way of their own (its manual, "EXIT CODES").
enum CurlExit : int { kFine = 0, kPartialFile = 18, kWriteError = 23, kTimeout = 28, kNoRanges = 33, kEmptyReply = 52, kReceiveError = 56 };

std::string curl_message(int code) {
  switch (code) {
    case 3: return "the address is malformed";
    case 5: return "the proxy cannot be resolved";
    case 6: return "the host cannot be resolved; is there a network?";
    case 7: return "the host does not answer; is there a network?";
    case 22: return "the server does not have the file";
    case kPartialFile:
    case kEmptyReply:
    case kReceiveError: return "the connection broke";
    case kTimeout: return "the server is silent or too slow";
    case 35:
    case 60: return "the server's certificate does not hold";
    default: return text("curl failed with exit code ", code);
  }
}
bool broken_connection(int code) {
  return code == kPartialFile || code == kTimeout || code == kEmptyReply || code == kReceiveError;
}

int64_t size_of(const fs::path& file) {
  std::error_code error;
  const auto bytes = fs::file_size(file, error);
  return error ? 0 : static_cast<int64_t>(bytes);
}

std::string sha256_of_file(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  Sha256 sum;
  std::vector<char> block(1 << 20);
  while (in.read(block.data(), static_cast<std::streamsize>(block.size())) || in.gcount() > 0)
    sum.update({reinterpret_cast<const uint8_t*>(block.data()), static_cast<size_t>(in.gcount())});
  return sum.finish();
}

// One file on its way: its addresses are tried in turn, and what went wrong at each is kept for the message.
class Transfer {
 public:
  Transfer(const Download& download, fs::path part, const FetchOptions& options)
      : download_(download), part_(std::move(part)), options_(options) {}

  bool complete() const {
    if (size_of(part_) == 0) return false;
    return download_.sha256.empty() ? false : sha256_of_file(part_) == download_.sha256;
  }
  bool run() {
    if (complete()) return true;
    for (const std::string& address : download_.addresses)
      if (from(address)) return true;
    return false;
  }
  const std::string& failures() const { return failures_; }

 private:
  void tell(const std::string& line) const {
    if (options_.tell) options_.tell(line);
  }
  void failed(const std::string& address, const std::string& why) {
    tell("  " + why);
    failures_ += text("\n  ", address, ": ", why);
  }

  bool from(const std::string& address) {
    for (int attempt = 1; attempt <= options_.attempts; ++attempt) {
      const int64_t before = size_of(part_);
      tell(before > 0 ? text(address, " (from byte ", before, ")") : address);
      const int code = curl(address);
      if (code == kWriteError) fail(part_.string(), ": cannot write; is the disk full?");
      if (code == kFine || complete()) {
        if (accepted(address)) return true;
        if (before == 0) return false;  // a fresh download is wrong: this address has another file
        continue;                       // what we went on from was wrong: once more from nothing
      }
      if (code == kNoRanges) {
        fs::remove(part_);  // the server sends whole files only
        continue;
      }
      if (before > 0 && code == 22) {
        fs::remove(part_);  // there is nothing behind what we have, and that is not the file
        continue;
      }
      failed(address, curl_message(code));
      if (!broken_connection(code)) return false;
    }
    return false;
  }

  int curl(const std::string& address) const {
    std::vector<std::string> command = {"curl", "--fail", "--location", "--proto", "=http,https", "--connect-timeout", "20",
                                              "--speed-limit", "1000", "--speed-time", "30", "--continue-at", "-"};
    command.insert(command.end(), {"--output", part_.string(), options_.progress ? "--progress-bar" : "--silent", "--", address});
    return run_process(command);
  }

  // Checks what has arrived; what is not the file is removed.
  bool accepted(const std::string& address) {
    if (download_.sha256.empty()) return true;
    const std::string sum = sha256_of_file(part_);
    if (sum == download_.sha256) return true;
    failed(address, text("expected a file with SHA-256 ", download_.sha256, ", got ", size_of(part_), " bytes with ", sum));
    fs::remove(part_);
    return false;
  }

  const Download& download_;
  fs::path part_;
  const FetchOptions& options_;
  std::string failures_;
};

// Unpacks beside the destination, then renames what was unpacked into it.
void unpack(const Download& download, const fs::path& archive, const fs::path& folder) {
  const fs::path fresh = folder / (".unpacking-" + download.file);
  const std::string into = (fresh / download.into).string();
  fs::remove_all(fresh);
  make_folders(into);
  const int code = download.archive == Archive::kZip ? run_process({"unzip", "-qo", archive.string(), "-d", into})
                                                     : run_process({"tar", "-xzf", archive.string(), "-C", into});
  if (code != 0) {
    fs::remove_all(fresh);
    fail_data(archive.string(), ": cannot unpack it (exit code ", code, "); is the disk full?");
  }
  if (!fs::exists(fresh / download.result)) {
    fs::remove_all(fresh);
    fail_data(archive.string(), ": expected it to hold ", download.result, ", but it does not; the publisher may have changed it");
  }
  for (const fs::directory_entry& entry : fs::directory_iterator(fresh)) {
    fs::remove_all(folder / entry.path().filename());
    fs::rename(entry.path(), folder / entry.path().filename());
  }
  fs::remove_all(fresh);
  fs::remove(archive);
}

std::string by_hand(const FetchPlan& plan, const fs::path& folder) {
  std::string lines = "\nTo do it by hand, on a machine with a network:";
  for (const Download& d : plan.downloads) {
    lines += text("\n  ", d.addresses.front(), "\n    ");
    if (d.archive == Archive::kNone) lines += text("goes to ", (folder / d.file).string());
    else lines += text("is unpacked in ", (folder / d.into).string(), ", so that there is ", (folder / d.result).string());
  }
  return lines;
}

// False where it was there already.
bool get(const Download& download, const FetchPlan& plan, const fs::path& folder, const FetchOptions& options) {
  const bool archive = download.archive != Archive::kNone;
  if (fs::exists(folder / (archive ? download.result : download.file))) return false;
  const fs::path part = folder / (download.file + ".part");
  make_folders(part.parent_path().string());
  Transfer transfer(download, part, options);
  if (!transfer.run())
    fail_data("fetch ", plan.name, ": no address gave ", download.file, ":", transfer.failures(), by_hand(plan, folder));
  if (archive) unpack(download, part, folder);
  else fs::rename(part, folder / download.file);
  return true;
}

}  // namespace

void fetch(const FetchPlan& plan, const fs::path& place, const FetchOptions& options) {
  const fs::path folder = (place / plan.folder).lexically_normal();
  make_folders(folder.string());
  try {
    for (const Download& download : plan.downloads) {
      const bool fetched = get(download, plan, folder, options);
      const fs::path result = folder / (download.archive == Archive::kNone ? download.file : download.result);
      if (options.tell) options.tell(text(result.string(), fetched ? ": fetched" : ": there already"));
    }
  } catch (const fs::filesystem_error& error) {
    fail(error.path1().string(), ": ", error.code().message(), "; check the folder's permissions and the room on the disk");
  }
}

}  // namespace fewer
