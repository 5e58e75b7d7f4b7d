// What all convolution drivers share: which inputs a row of outputs needs, and a copy of them with the padding in place.
//
// Along each axis a convolution reads, for output o and tap t, the source position
//
//   o * stride + first_tap + t * tap_step        (outside the source: a zero)
//
// Forward that is the definition. The gradient by the input is the same sum over g with the taps in reverse; with a stride s
// the inputs fall into s classes (position mod s), each of which meets only every s-th tap, at unit stride.
#pragma once

#include <cstdint>
#include <vector>

#include "ops/kernels/conv2d.h"
#include "ops/kernels/strips.h"

namespace fewer::kernels {

inline constexpr int64_t kChunkBytes = 192 << 10;  // source and target of a chunk: a fifth of a second-level cache

struct Axis {
  int64_t outputs;                       // how many outputs
  int64_t first_output, output_step;     // where output o lies in the tensor that is written: first_output + o * output_step
  int64_t source;                        // size of the tensor that is read
  int64_t stride;                        // source positions from one output to the next
  int64_t taps, first_tap, tap_step;     // tap_step > 0
  int64_t first_weight, weight_step;     // tap t uses row first_weight + t * weight_step of the filter

  // Source positions that `count` outputs from output `o` on touch: [begin(o), begin(o) + extent(count)).
  int64_t begin(int64_t o) const { return o * stride + first_tap; }
  int64_t extent(int64_t count) const { return (count - 1) * stride + (taps - 1) * tap_step + 1; }
  bool needs_padding() const { return begin(0) < 0 || begin(0) + extent(outputs) > source; }
};

Axis forward_axis(int64_t source, int64_t outputs, int64_t taps, int64_t stride, int64_t pad, int64_t dilation);
// Class `phase` in [0, stride) of the inputs; `outputs` of the result counts inputs of that class. It may have no taps.
Axis adjoint_axis(int64_t inputs, int64_t outputs, int64_t taps, int64_t stride, int64_t pad, int64_t dilation, int64_t phase);

// The part of a source [N, H, W, C] that a chunk of outputs reads, laid out so that every address is affine:
//
//      image 0            image 1                 row_step  = extent in W * channels
//   +-----------+      +-----------+              image_step = rows * row_step
//   | 0 0 0 0 0 |      | 0 0 0 0 0 |
//   | 0 x x x 0 |      | 0 x x x 0 |    ...       Without padding the source itself serves, and nothing is copied.
//   | 0 0 0 0 0 |      | 0 0 0 0 0 |
//   +-----------+      +-----------+
//
// A chunk is some whole images, or some rows of outputs of one image. The copy costs 2 to 3 % of a 3x3 convolution, removes every
// border case, and leaves the chunk's input in the second-level cache.
class Window {
 public:
  // How large a chunk may grow: `numbers` that each row of outputs takes besides the window itself, bytes of a number, bytes of a chunk.
  struct Budget {
    int64_t numbers, element, bytes;
    int64_t enough_chunks = 16;  // a chunk stays smaller than it may be until there are this many, to keep cores busy to the end
    int64_t slack = 0;  // numbers behind the window that may be read; with any, the window is always a copy
  };
  Window(const Axis& h, const Axis& w, int64_t images, int64_t channels, const Budget& budget);

  int64_t chunks() const { return image_chunks_ * bands_; }
  int64_t images(int64_t chunk) const { return std::min(chunk_images_, images_ - first_image(chunk)); }
  int64_t rows(int64_t chunk) const { return std::min(band_rows_, h_.outputs - first_row(chunk)); }
  int64_t first_image(int64_t chunk) const { return chunk / bands_ * chunk_images_; }
  int64_t first_row(int64_t chunk) const { return chunk % bands_ * band_rows_; }
  int64_t pixels(int64_t chunk) const { return images(chunk) * rows(chunk) * w_.outputs; }
  int64_t max_pixels() const { return chunk_images_ * band_rows_ * w_.outputs; }

  bool copies() const { return copies_; }
  int64_t scratch_size() const { return copies_ ? chunk_images_ * image_step_ + slack_ : 0; }
  int64_t row_step() const { return row_step_; }
  int64_t image_step() const { return image_step_; }

  // Where the chunk's first output finds its first tap; fills `scratch` when the window is a copy.
  template <class T>
  const T* open(const T* source, int64_t chunk, T* scratch) const;

  // Offsets of all pixels of a chunk, in the order image, row, column: in the window, and in a target [N, target_h, target_w, target_c].
  // They serve every chunk: a shorter one uses a prefix.
  std::vector<int64_t> window_offsets() const;
  std::vector<int64_t> target_offsets(int64_t target_h, int64_t target_w, int64_t target_c) const;
  // Where the chunk's first output lies in that target.
  int64_t target_start(int64_t chunk, int64_t target_h, int64_t target_w, int64_t target_c) const;

 private:
  Axis h_, w_;
  int64_t images_, channels_, slack_;
  bool copies_;
  int64_t chunk_images_, image_chunks_, band_rows_, bands_;
  int64_t row_step_, image_step_;
};

// Offsets of the filter's taps in the window, row by row of the filter.
std::vector<int64_t> tap_offsets(const Axis& h, const Axis& w, const Window& window, int64_t channels);

}  // namespace fewer::kernels
