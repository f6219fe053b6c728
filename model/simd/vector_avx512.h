// Sixteen lanes, with AVX-512 F, VL, DQ and BW. What the functions do: vector_sse2.h.
#pragma once

#include "model/simd/vector_avx2.h"

namespace roicast::simd {
namespace {

typedef int32_t Int16 __attribute__((vector_size(64), may_alias));

template <>
struct Vector<16> {
  using Float = __m512;
  using Int = Int16;
  using Mask = __mmask16;  // a bit per lane
};

template <>
ROICAST_SIMD __m512 Load<16>(const float* from) {
  return _mm512_loadu_ps(from);
}
template <>
ROICAST_SIMD void Store<16>(float* to, __m512 x) {
  _mm512_storeu_ps(to, x);
}
template <>
ROICAST_SIMD Int16 LoadInt<16>(const int32_t* from) {
  return (Int16)_mm512_loadu_si512(from);
}
template <>
ROICAST_SIMD void StoreInt<16>(int32_t* to, Int16 x) {
  _mm512_storeu_si512(to, (__m512i)x);
}
template <>
ROICAST_SIMD __m512 Splat<16>(float x) {
  return _mm512_set1_ps(x);
}
template <>
ROICAST_SIMD Int16 SplatInt<16>(int32_t x) {
  return (Int16)_mm512_set1_epi32(x);
}
template <>
ROICAST_SIMD __mmask16 AllTrue<16>() {
  return 0xffff;
}
template <>
ROICAST_SIMD __m512 LoadRows4<16>(const float* from, int64_t stride) {
  __m512 x = _mm512_castps128_ps512(_mm_loadu_ps(from));
  x = _mm512_insertf32x4(x, _mm_loadu_ps(from + 4 * stride), 1);
  x = _mm512_insertf32x4(x, _mm_loadu_ps(from + 8 * stride), 2);
  return _mm512_insertf32x4(x, _mm_loadu_ps(from + 12 * stride), 3);
}

ROICAST_SIMD __m512 Fma(__m512 a, __m512 b, __m512 c) { return _mm512_fmadd_ps(a, b, c); }
ROICAST_SIMD __m512 Max(__m512 a, __m512 b) { return _mm512_max_ps(a, b); }
ROICAST_SIMD __m512 Min(__m512 a, __m512 b) { return _mm512_min_ps(a, b); }
ROICAST_SIMD __m512 Sqrt(__m512 x) { return _mm512_maskz_sqrt_ps(0xffff, x); }
ROICAST_SIMD float Sum(__m512 x) { return Sum(_mm512_castps512_ps256(x) + _mm512_maskz_extractf32x8_ps(0xff, x, 1)); }

ROICAST_SIMD __m512 ToFloat(Int16 x) { return _mm512_cvtepi32_ps((__m512i)x); }
ROICAST_SIMD Int16 Truncate(__m512 x) { return (Int16)_mm512_cvttps_epi32(x); }
ROICAST_SIMD Int16 Round(__m512 x) { return (Int16)_mm512_cvtps_epi32(x); }
ROICAST_SIMD __m512 AsFloat(Int16 x) { return (__m512)x; }
ROICAST_SIMD Int16 AsInt(__m512 x) { return (Int16)x; }

ROICAST_SIMD __mmask16 IsNan(__m512 x) { return _mm512_cmp_ps_mask(x, x, _CMP_UNORD_Q); }
ROICAST_SIMD __mmask16 Equal(__m512 a, __m512 b) { return _mm512_cmp_ps_mask(a, b, _CMP_EQ_OQ); }
ROICAST_SIMD __mmask16 Less(__m512 a, __m512 b) { return _mm512_cmp_ps_mask(a, b, _CMP_LT_OQ); }
ROICAST_SIMD __mmask16 Within(__m512 x, __m512 low, __m512 high) {
  return _mm512_mask_cmp_ps_mask(_mm512_cmp_ps_mask(x, low, _CMP_GE_OQ), x, high, _CMP_LE_OQ);
}
ROICAST_SIMD __mmask16 And(__mmask16 a, __mmask16 b) { return a & b; }
ROICAST_SIMD __mmask16 Or(__mmask16 a, __mmask16 b) { return a | b; }
ROICAST_SIMD __mmask16 Not(__mmask16 a) { return static_cast<__mmask16>(~a); }
ROICAST_SIMD unsigned Bits(__mmask16 m) { return m; }
ROICAST_SIMD __m512 Select(__mmask16 m, __m512 yes, __m512 no) { return _mm512_mask_blend_ps(m, no, yes); }
ROICAST_SIMD Int16 Select(__mmask16 m, Int16 yes, Int16 no) {
  return (Int16)_mm512_mask_blend_epi32(m, (__m512i)no, (__m512i)yes);
}
ROICAST_SIMD __m512 OneWhere(__mmask16 m) { return _mm512_maskz_mov_ps(m, _mm512_set1_ps(1.0f)); }

ROICAST_SIMD __m512 UnpackLow(__m512 a, __m512 b) { return _mm512_unpacklo_ps(a, b); }
ROICAST_SIMD __m512 UnpackHigh(__m512 a, __m512 b) { return _mm512_unpackhi_ps(a, b); }
ROICAST_SIMD __m512 MoveLowHigh(__m512 a, __m512 b) { return _mm512_shuffle_ps(a, b, 0x44); }
ROICAST_SIMD __m512 MoveHighLow(__m512 a, __m512 b) { return _mm512_shuffle_ps(a, b, 0xee); }

ROICAST_SIMD __m512 Gather(const float* table, Int16 index) { return _mm512_i32gather_ps((__m512i)index, table, 4); }
ROICAST_SIMD __m512 Pick16(const float* table, Int16 index) {
  return _mm512_permutexvar_ps((__m512i)index, Load<16>(table));
}
ROICAST_SIMD __m512 Pick32(const float* table, Int16 index) {
  return _mm512_permutex2var_ps(Load<16>(table), (__m512i)index, Load<16>(table + 16));
}
ROICAST_SIMD __m512 Pick64(const float* table, Int16 index) {
  const __mmask16 upper = _mm512_test_epi32_mask((__m512i)index, _mm512_set1_epi32(32));
  return Select(upper, Pick32(table + 32, index), Pick32(table, index));
}

}  // namespace
}  // namespace roicast::simd
