// PNG, JPEG and BMP files (datasets/pictures/decode.h).
#include "datasets/pictures/decode.h"

#include "core/error.h"
#include "tests/support/picture_files.h"

// The check sums of a PNG are mended first: otherwise nearly every mutation would stop at one.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string file = fewer::testing::with_new_check_sums({reinterpret_cast<const char*>(data), size});
  try {
    fewer::decode_picture(file, "fuzz", fewer::Color::kGrey);
  } catch (const fewer::Error& error) {
    if (error.kind() != fewer::ErrorKind::kData) throw;
  }
  return 0;
}
