// JPEG (ITU-T T.81): segments of { 0xff, marker, 2 bytes length, data }, and after each start-of-scan segment the
// entropy-coded data, in which 0xff is followed by 0 or by a restart marker.
#include <array>

#include "datasets/pictures/checks.h"
#include "datasets/pictures/cursor.h"

namespace fewer {
namespace {

enum Marker : uint32_t {
  kBaseline = 0xc0, kExtended = 0xc1, kProgressive = 0xc2, kHuffmanTables = 0xc4, kLastFrame = 0xcf, kFirstRestart = 0xd0,
  kLastRestart = 0xd7, kStart = 0xd8, kEnd = 0xd9, kScan = 0xda, kQuantizationTables = 0xdb,
};

constexpr size_t kMostCodes = 256;             // a code stands for one byte
constexpr int kMostScans = 100;                // each is a pass over all blocks; ten are usual
constexpr int64_t kMostPixelsPerByte = 8 * 64 * 4;  // a bit for every block of 8 x 8 at least, and some mercy

class JpegCheck {
 public:
  JpegCheck(std::string_view bytes, const std::string& name) : file_(bytes, name, "JPEG"), bytes_(bytes) {}

  PictureHeader run() {
    file_.take(2);  // kStart
    for (uint32_t marker = next_marker(); marker != kEnd; marker = next_marker()) {
      const size_t begin = file_.position();
      const size_t length = file_.big16();
      if (length < 2) file_.refuse("a segment of ", length, " bytes, which is less than its length field has");
      end_ = begin + length;
      file_.take(length - 2);
      file_.seek(begin + 2);
      read_segment(marker);
      file_.seek(end_);
      if (marker == kScan) skip_entropy_coded_data();
    }
    if (scans_ == 0) file_.refuse("expected image data before the end marker, got none");
    for (uint32_t c = 0; c < components_ && c < 4; ++c)
      if (!has_quantization_[quantization_of_[c]]) file_.refuse("quantisation table ", quantization_of_[c], " is used but not defined");
    return size_;
  }

 private:
  // The marker that comes next. Some cameras pad between segments before the frame; fill bytes may come anywhere.
  uint32_t next_marker() {
    uint32_t byte = file_.u8();
    while (byte != 0xff && size_.width == 0) byte = file_.u8();
    if (byte != 0xff) file_.refuse("expected a marker (0xff), got ", byte);
    while (byte == 0xff) byte = file_.u8();
    return byte;
  }

  void read_segment(uint32_t marker) {
    if (marker == kHuffmanTables) return read_huffman_tables();
    if (marker == kQuantizationTables) return read_quantization_tables();
    if (marker == kScan) return read_scan();
    if (marker >= kBaseline && marker <= kLastFrame) read_frame(marker);
  }

  void read_huffman_tables() {
    while (file_.position() < end_) {
      const uint32_t header = file_.u8(), kind = header >> 4, table = header & 15;
      if (kind > 1 || table > 3) file_.refuse("expected Huffman table 0 to 3 of kind 0 or 1, got ", table, " of kind ", kind);
      size_t codes = 0;
      for (int length = 1; length <= 16; ++length) codes += file_.u8();
      if (codes > kMostCodes) file_.refuse("expected a Huffman table of at most ", kMostCodes, " codes, got ", codes);
      file_.take(codes);
      has_huffman_[kind][table] = true;
    }
    check_segment_end();
  }

  void read_quantization_tables() {
    while (file_.position() < end_) {
      const uint32_t header = file_.u8(), wide = header >> 4, table = header & 15;
      if (wide > 1 || table > 3) file_.refuse("expected quantisation table 0 to 3 of 8 or 16 bits, got ", header);
      file_.take(wide ? 128 : 64);
      has_quantization_[table] = true;
    }
    check_segment_end();
  }

  void check_segment_end() const {
    if (file_.position() != end_) file_.refuse("the tables should end at byte ", end_, ", where their segment does");
  }

  void read_frame(uint32_t marker) {
    if (marker > kProgressive) file_.refuse("only baseline and progressive Huffman-coded pictures are read, got kind ", marker - kBaseline);
    if (size_.width != 0) file_.refuse("a second frame");
    progressive_ = marker == kProgressive;
    const uint32_t depth = file_.u8();
    if (depth != 8) file_.refuse("expected 8 bits per channel, got ", depth);
    const int64_t height = file_.big16(), width = file_.big16();
    file_.check_size(height, width);
    if (height * width > static_cast<int64_t>(bytes_.size()) * kMostPixelsPerByte)
      file_.refuse("the header announces ", width, " x ", height, " pixels, more than ", bytes_.size(), " bytes can hold");
    components_ = file_.u8();
    for (uint32_t c = 0; c < components_; ++c) {
      file_.take(2);
      quantization_of_.at(c % 4) = file_.u8() & 3;
    }
    size_ = {height, width};
  }

  // Which tables a scan uses: both Huffman kinds when baseline; when progressive, one for the constant term (DC) or one for
  // the others (AC), none to refine the former.
  void read_scan() {
    if (size_.width == 0) file_.refuse("a scan before the frame");
    if (++scans_ > kMostScans) file_.refuse("expected at most ", kMostScans, " scans");
    const uint32_t components = file_.u8();
    std::array<uint32_t, 4> tables{};
    for (uint32_t c = 0; c < components; ++c) {
      file_.take(1);
      tables.at(c % 4) = file_.u8();
    }
    const uint32_t first = file_.u8();
    file_.take(1);
    const bool refines = file_.u8() >> 4 != 0;
    const bool needs_dc = first == 0 && !refines, needs_ac = !progressive_ || first > 0;
    for (uint32_t c = 0; c < components && c < 4; ++c)
      if ((needs_dc && !has_huffman_[0][tables[c] >> 4 & 3]) || (needs_ac && !has_huffman_[1][tables[c] & 3]))
        file_.refuse("a scan whose Huffman tables are not defined");
  }

  void skip_entropy_coded_data() {
    size_t at = bytes_.find('\xff', file_.position());
    for (; at != std::string_view::npos && at + 1 < bytes_.size(); at = bytes_.find('\xff', at + 1)) {
      const uint32_t next = static_cast<uint8_t>(bytes_[at + 1]);
      const bool belongs = next == 0 || next == 0xff || (next >= kFirstRestart && next <= kLastRestart);
      if (!belongs) return file_.seek(at);
    }
    file_.seek(bytes_.size());
    file_.refuse("expected an end marker behind the image data, but the file ends");
  }

  Cursor file_;
  std::string_view bytes_;
  size_t end_ = 0;  // of the segment at hand
  PictureHeader size_;
  bool progressive_ = false;
  uint32_t components_ = 0;
  int scans_ = 0;
  std::array<uint32_t, 4> quantization_of_{};  // table of each component
  bool has_huffman_[2][4] = {};                // [DC or AC][table]
  bool has_quantization_[4] = {};
};

}  // namespace

bool is_jpeg(std::string_view bytes) { return bytes.starts_with("\xff\xd8\xff"); }

PictureHeader check_jpeg(std::string_view bytes, const std::string& name) { return JpegCheck(bytes, name).run(); }

}  // namespace fewer
