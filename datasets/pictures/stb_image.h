// stb_image, behind the checks of this folder. For datasets/pictures/decode.cpp only.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "datasets/pictures/image.h"

namespace fewer {

// [H, W, 1 to 4]. Takes at most `most_memory` bytes beside the result. Throws Error(kData) naming the file when stb_image
// reports a failure, runs out of that memory or fails an assertion. REQUIRES: the checks of checks.h passed, fewer than
// 2^31 bytes.
Image decode_with_stb(std::string_view bytes, size_t most_memory, const std::string& name);

}  // namespace fewer
