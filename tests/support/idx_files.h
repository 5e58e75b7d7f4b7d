// IDX and gzip files made for tests, good and damaged.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace fewer::testing {

std::string idx_bytes(const std::vector<uint32_t>& sizes, const std::string& elements, uint8_t type = 0x08);
std::string gzip(const std::string& bytes);

}  // namespace fewer::testing
