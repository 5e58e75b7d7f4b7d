// The one file that compiles stb_image_write.
#include "datasets/pictures/encode.h"

#include "core/error.h"

#define STB_IMAGE_WRITE_IMPLEMENTATION
#define STB_IMAGE_WRITE_STATIC
#define STBI_WRITE_NO_STDIO
#include <stb/stb_image_write.h>

namespace fewer {

std::string encode_png(const Image& image) {
  ENSURE(image.height >= 1 && image.width >= 1 && image.channels >= 1 && image.channels <= 4,
         "encode_png: expected a picture of 1 to 4 channels, got ", image.width, " x ", image.height, " of ", image.channels);
  std::string file;
  const auto append = [](void* to, void* bytes, int count) {
    static_cast<std::string*>(to)->append(static_cast<const char*>(bytes), static_cast<size_t>(count));
  };
  const int written = stbi_write_png_to_func(append, &file, static_cast<int>(image.width), static_cast<int>(image.height),
                                             static_cast<int>(image.channels), image.pixels.data(), 0);
  ENSURE(written, "encode_png: no memory for ", image.width, " x ", image.height, " pixels");
  return file;
}

}  // namespace fewer
