// Reads a file of bytes from front to back, inflating it on the way when it is gzipped (recognised by its first two
// bytes, not by its name). Every error is Error(kData) and names the file and the position.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

struct z_stream_s;

namespace fewer {

class ByteReader {
 public:
  explicit ByteReader(const std::string& path);          // throws when the file cannot be read
  ByteReader(std::string name, std::string file_bytes);  // a file that is in memory already
  ~ByteReader();
  ByteReader(const ByteReader&) = delete;
  ByteReader& operator=(const ByteReader&) = delete;

  // Fills as much of `out` as there is and returns how much that was; less than out.size() only at the end.
  // Throws on a damaged gzip stream: bad codes, a wrong check sum, an end too early.
  int64_t read(std::span<uint8_t> out);

  const std::string& name() const { return name_; }
  int64_t position() const { return position_; }  // bytes delivered so far, after inflation
  bool gzipped() const { return inflater_ != nullptr; }
  // No more than this many bytes can still come: exact for a plain file, a generous bound for a gzipped one.
  int64_t most_remaining() const;

 private:
  size_t unread() const;  // of a gzipped file, as it is on disk
  int64_t read_plain(std::span<uint8_t> out);
  int64_t read_gzip(std::span<uint8_t> out);
  void begin_next_member();
  [[noreturn]] void damaged(const char* what, size_t read_now) const;

  std::string name_;
  std::string file_;  // as it is on disk
  int64_t position_ = 0;
  std::unique_ptr<z_stream_s> inflater_;  // for a gzipped file
  bool finished_ = false;                 // the gzip stream has ended and its check sum was right
};

}  // namespace fewer
