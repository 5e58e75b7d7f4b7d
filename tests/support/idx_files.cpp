#include "tests/support/idx_files.h"

#include <zlib.h>

#include "core/error.h"

namespace fewer::testing {

std::string idx_bytes(const std::vector<uint32_t>& sizes, const std::string& elements, uint8_t type) {
  std::string bytes = {0, 0, static_cast<char>(type), static_cast<char>(sizes.size())};
  for (const uint32_t size : sizes)
    for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(size >> shift & 0xff);
  return bytes + elements;
}

std::string gzip(const std::string& bytes) {
  z_stream stream = {};
  ENSURE(deflateInit2(&stream, 9, Z_DEFLATED, 16 + MAX_WBITS, 9, Z_DEFAULT_STRATEGY) == Z_OK,
         "gzip: zlib could not be started");
  std::string out(deflateBound(&stream, bytes.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  ENSURE(deflate(&stream, Z_FINISH) == Z_STREAM_END, "gzip: the bytes did not fit");
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

}  // namespace fewer::testing
