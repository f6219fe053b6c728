// Eight lanes, with AVX2 and FMA. What the functions do: vector_sse2.h.
#pragma once

#include "model/simd/vector_sse2.h"

namespace roicast::simd {
namespace {

typedef int32_t Int8 __attribute__((vector_size(32), may_alias));

template <>
struct Vector<8> {
  using Float = __m256;
  using Int = Int8;
  using Mask = __m256;  // all bits of a lane
};

template <>
ROICAST_SIMD __m256 Load<8>(const float* from) {
  return _mm256_loadu_ps(from);
}
template <>
ROICAST_SIMD void Store<8>(float* to, __m256 x) {
  _mm256_storeu_ps(to, x);
}
template <>
ROICAST_SIMD Int8 LoadInt<8>(const int32_t* from) {
  return (Int8)_mm256_loadu_si256((const __m256i*)from);
}
template <>
ROICAST_SIMD void StoreInt<8>(int32_t* to, Int8 x) {
  _mm256_storeu_si256((__m256i*)to, (__m256i)x);
}
template <>
ROICAST_SIMD __m256 Splat<8>(float x) {
  return _mm256_set1_ps(x);
}
template <>
ROICAST_SIMD Int8 SplatInt<8>(int32_t x) {
  return (Int8)_mm256_set1_epi32(x);
}
template <>
ROICAST_SIMD __m256 AllTrue<8>() {
  return _mm256_castsi256_ps(_mm256_set1_epi32(-1));
}
template <>
ROICAST_SIMD __m256 LoadRows4<8>(const float* from, int64_t stride) {
  return _mm256_insertf128_ps(_mm256_castps128_ps256(_mm_loadu_ps(from)), _mm_loadu_ps(from + 4 * stride), 1);
}

ROICAST_SIMD __m256 Fma(__m256 a, __m256 b, __m256 c) { return _mm256_fmadd_ps(a, b, c); }
ROICAST_SIMD __m256 Max(__m256 a, __m256 b) { return _mm256_max_ps(a, b); }
ROICAST_SIMD __m256 Min(__m256 a, __m256 b) { return _mm256_min_ps(a, b); }
ROICAST_SIMD __m256 Sqrt(__m256 x) { return _mm256_sqrt_ps(x); }
ROICAST_SIMD float Sum(__m256 x) { return Sum(_mm256_castps256_ps128(x) + _mm256_extractf128_ps(x, 1)); }

ROICAST_SIMD __m256 ToFloat(Int8 x) { return _mm256_cvtepi32_ps((__m256i)x); }
ROICAST_SIMD Int8 Truncate(__m256 x) { return (Int8)_mm256_cvttps_epi32(x); }
ROICAST_SIMD Int8 Round(__m256 x) { return (Int8)_mm256_cvtps_epi32(x); }
ROICAST_SIMD __m256 AsFloat(Int8 x) { return (__m256)x; }
ROICAST_SIMD Int8 AsInt(__m256 x) { return (Int8)x; }

ROICAST_SIMD __m256 IsNan(__m256 x) { return _mm256_cmp_ps(x, x, _CMP_UNORD_Q); }
ROICAST_SIMD __m256 Equal(__m256 a, __m256 b) { return _mm256_cmp_ps(a, b, _CMP_EQ_OQ); }
ROICAST_SIMD __m256 Less(__m256 a, __m256 b) { return _mm256_cmp_ps(a, b, _CMP_LT_OQ); }
ROICAST_SIMD __m256 Within(__m256 x, __m256 low, __m256 high) {
  return _mm256_and_ps(_mm256_cmp_ps(x, low, _CMP_GE_OQ), _mm256_cmp_ps(x, high, _CMP_LE_OQ));
}
ROICAST_SIMD __m256 And(__m256 a, __m256 b) { return _mm256_and_ps(a, b); }
ROICAST_SIMD __m256 Or(__m256 a, __m256 b) { return _mm256_or_ps(a, b); }
ROICAST_SIMD __m256 Not(__m256 a) { return _mm256_xor_ps(a, AllTrue<8>()); }
ROICAST_SIMD unsigned Bits(__m256 m) { return static_cast<unsigned>(_mm256_movemask_ps(m)); }
ROICAST_SIMD __m256 Select(__m256 m, __m256 yes, __m256 no) { return _mm256_blendv_ps(no, yes, m); }
ROICAST_SIMD Int8 Select(__m256 m, Int8 yes, Int8 no) {
  return (Int8)_mm256_blendv_epi8((__m256i)no, (__m256i)yes, (__m256i)m);
}
ROICAST_SIMD __m256 OneWhere(__m256 m) { return _mm256_and_ps(m, _mm256_set1_ps(1.0f)); }

ROICAST_SIMD __m256 UnpackLow(__m256 a, __m256 b) { return _mm256_unpacklo_ps(a, b); }
ROICAST_SIMD __m256 UnpackHigh(__m256 a, __m256 b) { return _mm256_unpackhi_ps(a, b); }
ROICAST_SIMD __m256 MoveLowHigh(__m256 a, __m256 b) { return _mm256_shuffle_ps(a, b, 0x44); }
ROICAST_SIMD __m256 MoveHighLow(__m256 a, __m256 b) { return _mm256_shuffle_ps(a, b, 0xee); }

ROICAST_SIMD __m256 Gather(const float* table, Int8 index) { return _mm256_i32gather_ps(table, (__m256i)index, 4); }
ROICAST_SIMD __m256 Pick8(const float* table, Int8 index) {
  return _mm256_permutevar8x32_ps(Load<8>(table), (__m256i)index);
}
// A bit of the index, shifted to the sign, chooses between two halves.
ROICAST_SIMD __m256 Pick16(const float* table, Int8 index) {
  return _mm256_blendv_ps(Pick8(table, index), Pick8(table + 8, index), (__m256)(index << 28));
}
ROICAST_SIMD __m256 Pick32(const float* table, Int8 index) {
  return _mm256_blendv_ps(Pick16(table, index), Pick16(table + 16, index), (__m256)(index << 27));
}
ROICAST_SIMD __m256 Pick64(const float* table, Int8 index) {
  return _mm256_blendv_ps(Pick32(table, index), Pick32(table + 32, index), (__m256)(index << 26));
}

}  // namespace
}  // namespace roicast::simd
