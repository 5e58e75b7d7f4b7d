#include "datasets/episodes/image_choice.h"

#include <algorithm>

#include "core/error.h"
#include "core/parallel.h"

namespace fewer {
namespace {

constexpr int64_t kChunkElements = 32768;  // some dozens of microseconds of work

}  // namespace

void turn_quarters(std::span<const uint8_t> image, const Shape& image_shape, int turns, uint8_t* out) {
  const int64_t height = image_shape[0], width = image_shape[1], channels = image_shape[2];
  ENSURE(turns % 2 == 0 || height == width, "quarter turn: expected a square image, got ", image_shape,
         ": crop or resize it first");
  // The pixel that comes to lie at (y, x) stood at (row, col).
  for (int64_t y = 0; y < height; ++y)
    for (int64_t x = 0; x < width; ++x) {
      int64_t row = y, col = x;
      if (turns == 1) row = x, col = width - 1 - y;
      if (turns == 2) row = height - 1 - y, col = width - 1 - x;
      if (turns == 3) row = height - 1 - x, col = y;
      out = std::copy_n(image.data() + (row * width + col) * channels, channels, out);
    }
}

Tensor read_images(const Split& split, const Normalization& normalization, std::span<const ImageChoice> choices,
                   const AugmentStream& stream) {
  const Shape s = split.images().image_shape();
  const int64_t n = static_cast<int64_t>(choices.size());
  Tensor images = Tensor::uninitialized({n, s[0], s[1], s[2]});
  Real* x = images.mutable_data();
  const int64_t images_per_chunk = std::max<int64_t>(1, kChunkElements / s.numel());
  parallel_for(n, images_per_chunk, [&](int64_t begin, int64_t end) {
    std::vector<uint8_t> image(static_cast<size_t>(s.numel()));
    for (int64_t i = begin; i < end; ++i) {
      const ImageChoice& choice = choices[static_cast<size_t>(i)];
      turn_quarters(split.image(choice.position), s, choice.turns, image.data());
      Rng rng = stream.rng.stream(static_cast<uint64_t>(stream.first + i));
      augment(image, s, stream.list, rng);
      normalization.apply(image, x + i * s.numel());
    }
  });
  normalization.whiten(x, n);
  return images;
}

IntTensor labels_of(std::span<const ImageChoice> choices) {
  IntTensor labels = IntTensor::uninitialized({static_cast<int64_t>(choices.size())});
  std::transform(choices.begin(), choices.end(), labels.mutable_data(), [](const ImageChoice& c) { return c.label; });
  return labels;
}

}  // namespace fewer
