// What becomes of a finished sum on its way to memory, so that it needs no pass of its own.
#pragma once

namespace fewer::kernels {

// y = relu(sum + bias + addend); every part may be missing. A NaN stays one.
template <class T>
struct Epilogue {
  const T* bias = nullptr;    // a number per column (channel)
  const T* addend = nullptr;  // laid out as the result
  bool relu = false;
};

}  // namespace fewer::kernels
