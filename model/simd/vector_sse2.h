// Vectors of float32 and int32 for the kernels: four lanes, on any x86-64. vector_avx2.h adds eight, vector_avx512.h
// sixteen, each with the same functions; +, −, ·, /, <<, >>, & and | are the compiler's own.
//
// Included by sources that are compiled for a newer machine than the one they may run on. Everything has internal
// linkage, so that no function of theirs can stand in for another source's.
#pragma once

#include <immintrin.h>
#include <stdint.h>

#define ROICAST_SIMD inline __attribute__((always_inline))

namespace roicast::simd {
namespace {

typedef int32_t Int4 __attribute__((vector_size(16), may_alias));

template <int lanes>
struct Vector;

template <>
struct Vector<4> {
  using Float = __m128;
  using Int = Int4;
  using Mask = __m128;  // all bits of a lane
};

template <int lanes>
using Float = typename Vector<lanes>::Float;
template <int lanes>
using Int = typename Vector<lanes>::Int;
template <int lanes>
using Mask = typename Vector<lanes>::Mask;

// Functions whose arguments do not determine the width.
template <int lanes>
Float<lanes> Load(const float* from);
template <int lanes>
void Store(float* to, Float<lanes> x);
template <int lanes>
Int<lanes> LoadInt(const int32_t* from);
template <int lanes>
void StoreInt(int32_t* to, Int<lanes> x);
template <int lanes>
Float<lanes> Splat(float x);
template <int lanes>
Int<lanes> SplatInt(int32_t x);
template <int lanes>
Mask<lanes> AllTrue();
// The i-th lanes of the result are those of four columns at row 4 i: from[4 i · stride …].
template <int lanes>
Float<lanes> LoadRows4(const float* from, int64_t stride);

// `from` and `to` are aligned to the vector's size.
template <int lanes>
ROICAST_SIMD Float<lanes> LoadAligned(const float* from) {
  return *reinterpret_cast<const Float<lanes>*>(from);
}
template <int lanes>
ROICAST_SIMD void StoreAligned(float* to, Float<lanes> x) {
  *reinterpret_cast<Float<lanes>*>(to) = x;
}

template <>
ROICAST_SIMD __m128 Load<4>(const float* from) {
  return _mm_loadu_ps(from);
}
template <>
ROICAST_SIMD void Store<4>(float* to, __m128 x) {
  _mm_storeu_ps(to, x);
}
template <>
ROICAST_SIMD Int4 LoadInt<4>(const int32_t* from) {
  return (Int4)_mm_loadu_si128((const __m128i*)from);
}
template <>
ROICAST_SIMD void StoreInt<4>(int32_t* to, Int4 x) {
  _mm_storeu_si128((__m128i*)to, (__m128i)x);
}
template <>
ROICAST_SIMD __m128 Splat<4>(float x) {
  return _mm_set1_ps(x);
}
template <>
ROICAST_SIMD Int4 SplatInt<4>(int32_t x) {
  return (Int4)_mm_set1_epi32(x);
}
template <>
ROICAST_SIMD __m128 AllTrue<4>() {
  return _mm_castsi128_ps(_mm_set1_epi32(-1));
}
template <>
ROICAST_SIMD __m128 LoadRows4<4>(const float* from, int64_t) {
  return _mm_loadu_ps(from);
}

// a · b + c: one rounding if the machine fuses them, two otherwise; the same for each width.
ROICAST_SIMD __m128 Fma(__m128 a, __m128 b, __m128 c) {
#ifdef __FMA__
  return _mm_fmadd_ps(a, b, c);
#else
  return _mm_add_ps(_mm_mul_ps(a, b), c);
#endif
}
// If an operand is NaN: b.
ROICAST_SIMD __m128 Max(__m128 a, __m128 b) { return _mm_max_ps(a, b); }
ROICAST_SIMD __m128 Min(__m128 a, __m128 b) { return _mm_min_ps(a, b); }
ROICAST_SIMD __m128 Sqrt(__m128 x) { return _mm_sqrt_ps(x); }
ROICAST_SIMD float Sum(__m128 x) { return (x[0] + x[2]) + (x[1] + x[3]); }

ROICAST_SIMD __m128 ToFloat(Int4 x) { return _mm_cvtepi32_ps((__m128i)x); }
ROICAST_SIMD Int4 Truncate(__m128 x) { return (Int4)_mm_cvttps_epi32(x); }
ROICAST_SIMD Int4 Round(__m128 x) { return (Int4)_mm_cvtps_epi32(x); }
// The same bits.
ROICAST_SIMD __m128 AsFloat(Int4 x) { return (__m128)x; }
ROICAST_SIMD Int4 AsInt(__m128 x) { return (Int4)x; }

ROICAST_SIMD __m128 IsNan(__m128 x) { return _mm_cmpunord_ps(x, x); }
ROICAST_SIMD __m128 Equal(__m128 a, __m128 b) { return _mm_cmpeq_ps(a, b); }
ROICAST_SIMD __m128 Less(__m128 a, __m128 b) { return _mm_cmplt_ps(a, b); }
// low ≤ x ≤ high; false if x is NaN.
ROICAST_SIMD __m128 Within(__m128 x, __m128 low, __m128 high) {
  return _mm_and_ps(_mm_cmpge_ps(x, low), _mm_cmple_ps(x, high));
}
ROICAST_SIMD __m128 And(__m128 a, __m128 b) { return _mm_and_ps(a, b); }
ROICAST_SIMD __m128 Or(__m128 a, __m128 b) { return _mm_or_ps(a, b); }
ROICAST_SIMD __m128 Not(__m128 a) { return _mm_xor_ps(a, AllTrue<4>()); }
// Bit i is lane i.
ROICAST_SIMD unsigned Bits(__m128 m) { return static_cast<unsigned>(_mm_movemask_ps(m)); }
ROICAST_SIMD __m128 Select(__m128 m, __m128 yes, __m128 no) {
  return _mm_or_ps(_mm_and_ps(m, yes), _mm_andnot_ps(m, no));
}
ROICAST_SIMD Int4 Select(__m128 m, Int4 yes, Int4 no) { return (Int4)Select(m, (__m128)yes, (__m128)no); }
// 1 where true, else 0.
ROICAST_SIMD __m128 OneWhere(__m128 m) { return _mm_and_ps(m, _mm_set1_ps(1.0f)); }

// Within each four lanes, as the instructions of the same names: for transposing.
ROICAST_SIMD __m128 UnpackLow(__m128 a, __m128 b) { return _mm_unpacklo_ps(a, b); }
ROICAST_SIMD __m128 UnpackHigh(__m128 a, __m128 b) { return _mm_unpackhi_ps(a, b); }
ROICAST_SIMD __m128 MoveLowHigh(__m128 a, __m128 b) { return _mm_shuffle_ps(a, b, 0x44); }
ROICAST_SIMD __m128 MoveHighLow(__m128 a, __m128 b) { return _mm_shuffle_ps(a, b, 0xee); }

// table[index], for a table of any size, and of exactly 16, 32 or 64 entries.
ROICAST_SIMD __m128 Gather(const float* table, Int4 index) {
  return _mm_setr_ps(table[index[0]], table[index[1]], table[index[2]], table[index[3]]);
}
ROICAST_SIMD __m128 Pick16(const float* table, Int4 index) { return Gather(table, index); }
ROICAST_SIMD __m128 Pick32(const float* table, Int4 index) { return Gather(table, index); }
ROICAST_SIMD __m128 Pick64(const float* table, Int4 index) { return Gather(table, index); }

}  // namespace
}  // namespace roicast::simd
