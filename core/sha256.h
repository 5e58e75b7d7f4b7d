// SHA-256 (FIPS 180-4): the check sum by which a downloaded file, or the decoded bytes of a data set, is known to be the right one.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace fewer {

// Takes bytes piece by piece, for what is too large to hold at once.
class Sha256 {
 public:
  Sha256();
  void update(std::span<const uint8_t> bytes);
  std::string finish();  // 64 hexadecimal digits. REQUIRES: called once, nothing after it

 private:
  void add_block(const uint8_t* block);  // 64 bytes

  uint32_t state_[8];
  uint8_t pending_[64];  // bytes that do not fill a block yet
  uint64_t bytes_ = 0;   // taken so far
};

std::string sha256(std::span<const uint8_t> bytes);
std::string sha256(std::string_view bytes);

}  // namespace fewer
