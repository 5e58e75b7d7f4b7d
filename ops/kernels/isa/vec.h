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

template <class T>
using LaneMask = decltype(Vec<T>{} < Vec<T>{});  // all ones or all zeros per lane

// The mask of the first `count` lanes.
template <class T>
inline __attribute__((always_inline)) LaneMask<T> first_lanes(int64_t count) {
  LaneMask<T> lane, end;
  for (int64_t i = 0; i < kLanes<T>; ++i) lane[i] = i, end[i] = count;
  return lane < end;
}

// The first `count` lanes of a, the others of b.
template <class T>
inline __attribute__((always_inline)) Vec<T> first_of(Vec<T> a, Vec<T> b, int64_t count) {
  return first_lanes<T>(count) ? a : b;
}

#if defined(__AVX2__) && !defined(__AVX512F__)
typedef long long LongLongs __attribute__((vector_size(32)));  // as the instructions for double want their masks
#endif

// The first `count` lanes; the others are 0, or not written (nor their memory touched). 0 <= count <= kLanes
template <class T>
inline __attribute__((always_inline)) Vec<T> load_first(const T* p, int64_t count) {
#if defined(__AVX512F__)
  if constexpr (sizeof(T) == 4)
    return __builtin_ia32_loadups512_mask(p, Vec<T>{}, static_cast<unsigned short>((1u << count) - 1));
  else
    return __builtin_ia32_loadupd512_mask(p, Vec<T>{}, static_cast<unsigned char>((1u << count) - 1));
#elif defined(__AVX2__)
  if constexpr (sizeof(T) == 4)
    return __builtin_ia32_maskloadps256(reinterpret_cast<const Vec<T>*>(p), first_lanes<T>(count));
  else
    return __builtin_ia32_maskloadpd256(reinterpret_cast<const Vec<T>*>(p), reinterpret_cast<LongLongs>(first_lanes<T>(count)));
#else
  Vec<T> v{};
  for (int64_t i = 0; i < kLanes<T>; ++i) v[i] = i < count ? p[i] : T{0};
  return v;
#endif
}
template <class T>
inline __attribute__((always_inline)) void store_first(T* p, Vec<T> v, int64_t count) {
#if defined(__AVX512F__)
  if constexpr (sizeof(T) == 4)
    __builtin_ia32_storeups512_mask(p, v, static_cast<unsigned short>((1u << count) - 1));
  else
    __builtin_ia32_storeupd512_mask(p, v, static_cast<unsigned char>((1u << count) - 1));
#elif defined(__AVX2__)
  if constexpr (sizeof(T) == 4)
    __builtin_ia32_maskstoreps256(reinterpret_cast<Vec<T>*>(p), first_lanes<T>(count), v);
  else
    __builtin_ia32_maskstorepd256(reinterpret_cast<Vec<T>*>(p), reinterpret_cast<LongLongs>(first_lanes<T>(count)), v);
#else
  for (int64_t i = 0; i < kLanes<T>; ++i)
    if (i < count) p[i] = v[i];
#endif
}

// max(v, 0), where a NaN stays one.
template <class V>
inline __attribute__((always_inline)) V rectified(V v) {
  return v < V{} ? V{} : v;
}

template <int... i>
struct Order {};

template <int n, class V, class Join, int... i>
inline __attribute__((always_inline)) V join_halves(V v, Join join, Order<i...> order) {
  if constexpr (n == 0)
    return v;
  else
    return join_halves<n / 2>(join(v, __builtin_shufflevector(v, v, (i ^ n)...)), join, order);
}

// Joins all lanes into one value, halves against halves. REQUIRES: join(a, b) is symmetric
template <class T, class Join>
inline __attribute__((always_inline)) T join_lanes(Vec<T> v, Join join) {
  return join_halves<static_cast<int>(kLanes<T> / 2)>(v, join, Order<__integer_pack(static_cast<int>(kLanes<T>))...>())[0];
}

}  // namespace
}  // namespace fewer::kernels::FEWER_ISA
