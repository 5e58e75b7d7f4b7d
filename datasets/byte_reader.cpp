// The whole file is read first (it is at most a few dozen megabytes on disk); what is inflated is handed out piece by
// piece, so that a small file which claims to hold terabytes costs nothing.
#include "datasets/byte_reader.h"

#include <zlib.h>

#include <algorithm>
#include <cstring>

#include "core/error.h"
#include "core/files.h"

namespace fewer {
namespace {

constexpr int64_t kMostFileBytes = int64_t{4} << 30;
constexpr int64_t kMostInflation = 1032;        // deflate's best: 258 bytes for 2 bits, nearly
constexpr int64_t kInflaterHolds = 64 * 1024;   // what zlib may have taken in and not yet given out
constexpr size_t kMostPiece = size_t{1} << 30;  // zlib counts in 32 bits

const uint8_t* bytes_of(const std::string& text) { return reinterpret_cast<const uint8_t*>(text.data()); }

bool starts_gzip(const uint8_t* bytes, size_t count) { return count >= 2 && bytes[0] == 0x1f && bytes[1] == 0x8b; }

}  // namespace

ByteReader::ByteReader(const std::string& path) : ByteReader(path, read_file(path, kMostFileBytes)) {}

ByteReader::ByteReader(std::string name, std::string file_bytes)
    : name_(std::move(name)), file_(std::move(file_bytes)) {
  if (!starts_gzip(bytes_of(file_), file_.size())) return;
  inflater_ = std::make_unique<z_stream>();
  std::memset(inflater_.get(), 0, sizeof(z_stream));
  inflater_->next_in = const_cast<Bytef*>(bytes_of(file_));  // zlib only reads it
  const int gzip_only = 16 + MAX_WBITS;
  ENSURE(inflateInit2(inflater_.get(), gzip_only) == Z_OK, name_, ": zlib could not be started (out of memory?)");
}

ByteReader::~ByteReader() {
  if (inflater_) inflateEnd(inflater_.get());
}

int64_t ByteReader::read(std::span<uint8_t> out) {
  const int64_t got = gzipped() ? read_gzip(out) : read_plain(out);
  position_ += got;
  return got;
}

int64_t ByteReader::most_remaining() const {
  if (!gzipped()) return static_cast<int64_t>(file_.size()) - position_;
  return finished_ ? 0 : static_cast<int64_t>(unread()) * kMostInflation + kInflaterHolds;
}

size_t ByteReader::unread() const { return static_cast<size_t>(bytes_of(file_) + file_.size() - inflater_->next_in); }

int64_t ByteReader::read_plain(std::span<uint8_t> out) {
  const size_t count = std::min(out.size(), file_.size() - static_cast<size_t>(position_));
  if (count > 0) std::memcpy(out.data(), file_.data() + position_, count);
  return static_cast<int64_t>(count);
}

int64_t ByteReader::read_gzip(std::span<uint8_t> out) {
  size_t done = 0;
  while (done < out.size() && !finished_) {
    const size_t piece = std::min(out.size() - done, kMostPiece);
    inflater_->avail_in = static_cast<unsigned>(std::min(unread(), kMostPiece));
    inflater_->next_out = out.data() + done;
    inflater_->avail_out = static_cast<unsigned>(piece);
    const int code = inflate(inflater_.get(), Z_NO_FLUSH);
    done += piece - inflater_->avail_out;
    if (code == Z_STREAM_END) {
      begin_next_member();
    } else if (code == Z_BUF_ERROR) {
      damaged("the file ends in the middle of the gzip stream", done);
    } else if (code != Z_OK) {
      damaged(inflater_->msg ? inflater_->msg : "the gzip stream is damaged", done);
    }
  }
  return static_cast<int64_t>(done);
}

// A gzip file may be several streams one after another; nothing else may follow.
void ByteReader::begin_next_member() {
  if (unread() == 0) {
    finished_ = true;
  } else if (starts_gzip(inflater_->next_in, unread())) {
    inflateReset(inflater_.get());
  } else {
    fail_data(name_, ": expected the end of the file after the gzip stream, but ", unread(), " bytes follow at byte ",
              file_.size() - unread(), ": the file is damaged, fetch it again");
  }
}

void ByteReader::damaged(const char* what, size_t read_now) const {
  fail_data(name_, ": expected an intact gzip file, but near byte ", file_.size() - unread(), " of ", file_.size(),
            " (byte ", position_ + static_cast<int64_t>(read_now), " inflated): ", what, ": fetch the file again");
}

}  // namespace fewer
