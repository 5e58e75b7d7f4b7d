// Reads the integers of a picture's file from front to back. For the checks of this folder only.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/error.h"
#include "datasets/pictures/checks.h"

namespace fewer {

class Cursor {
 public:
  Cursor(std::string_view bytes, const std::string& name, const char* format)
      : bytes_(bytes), name_(name), format_(format) {}

  size_t position() const { return position_; }
  size_t remaining() const { return bytes_.size() - position_; }
  void seek(size_t position) { position_ = position; }  // REQUIRES: position <= the file's size

  std::string_view take(size_t count) {
    if (count > remaining())
      refuse("expected ", count, " more bytes, but the file ends after ", remaining());
    position_ += count;
    return bytes_.substr(position_ - count, count);
  }
  uint32_t u8() { return static_cast<uint8_t>(take(1)[0]); }
  uint32_t big16() { return u8() << 8 | u8(); }
  uint32_t big32() { return big16() << 16 | big16(); }
  uint32_t little16() { return u8() | u8() << 8; }
  uint32_t little32() { return little16() | little16() << 16; }

  // Throws unless a picture may have this size.
  void check_size(int64_t height, int64_t width) const {
    if (height < 1 || width < 1 || height > kMostPictureSide || width > kMostPictureSide ||
        height * width > kMostPicturePixels)
      refuse("expected sides of 1 to ", kMostPictureSide, " and at most ", kMostPicturePixels, " pixels, got ", width, " x ",
             height);
  }
  template <class... Parts>
  [[noreturn]] void refuse(const Parts&... parts) const {
    fail_data(name_, ": byte ", position_, " of a ", format_, " picture: ", parts...,
              ": the file is damaged or of a kind not read here; replace or remove it");
  }

 private:
  std::string_view bytes_;
  const std::string& name_;
  const char* format_;
  size_t position_ = 0;
};

}  // namespace fewer
