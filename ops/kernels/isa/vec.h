// Vectors of the instruction set this file is being compiled for, over the GCC vector extensions.
//
// Arithmetic, comparisons and `mask ? a : b` work on Vec<T> as on numbers; the compiler turns a * b + c into a fused multiply-add
// where the processor has one. The width is a constant of the instruction set, never wider: a 64-byte vector compiled without
// AVX-512 falls to a fiftieth of the speed.
//
// Everything here is in an unnamed namespace, and files that include it include nothing else but <cstdint>, <cstddef> and
// plain-struct headers of ours: an inline function of a standard header would be emitted as a weak symbol with, say, AVX-512 code in it,
// and the linker may keep that copy for the whole program.
#pragma once

#include <cstddef>
#include <cstdint>

#ifndef FEWER_ISA
#error "files in ops/kernels/isa are compiled once per instruction set with -DFEWER_ISA=name (see the Makefile)"
#endif

namespace fewer::kernels::FEWER_ISA {
namespace {

#if defined(__AVX512F__)
constexpr int64_t kVectorBytes = 64;
#elif defined(__AVX2__)
constexpr int64_t kVectorBytes = 32;
#else
constexpr int64_t kVectorBytes = 16;  // SSE2, NEON
#endif

template <class T>
struct VecOf {
  typedef T type __attribute__((vector_size(kVectorBytes)));
};
template <class T>
using Vec = typename VecOf<T>::type;

template <class T>
constexpr int64_t kLanes = kVectorBytes / static_cast<int64_t>(sizeof(T));

template <class T>
inline __attribute__((always_inline)) Vec<T> load(const T* p) {  // any alignment
  Vec<T> v;
  __builtin_memcpy(&v, p, sizeof(v));
  return v;
}

template <class T>
inline __attribute__((always_inline)) void store(T* p, Vec<T> v) {  // any alignment
  __builtin_memcpy(p, &v, sizeof(v));
}

// All lanes equal.
template <class T>
inline __attribute__((always_inline)) Vec<T> splat(T value) {
  return value - Vec<T>{};  // exact, also for -0
}

// The first `count` lanes; the others are 0, or not written. 0 <= count <= kLanes
template <class T>
inline Vec<T> load_first(const T* p, int64_t count) {
  Vec<T> v{};
  for (int64_t i = 0; i < count; ++i) v[i] = p[i];
  return v;
}
template <class T>
inline void store_first(T* p, Vec<T> v, int64_t count) {
  for (int64_t i = 0; i < count; ++i) p[i] = v[i];
}

}  // namespace
}  // namespace fewer::kernels::FEWER_ISA
