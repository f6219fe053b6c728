// Sixteen floats at once.

using F = __m512;
using M = __mmask16;
typedef int I __attribute__((vector_size(64)));
constexpr int W = 16;
constexpr int kTileRows = 4;  // vectors of rows per register tile

inline F Load(const float* p) { return _mm512_loadu_ps(p); }
inline void Store(float* p, F x) { _mm512_storeu_ps(p, x); }
inline I LoadI(const int32_t* p) { return (I)_mm512_loadu_si512(p); }
inline void StoreI(int32_t* p, I x) { _mm512_storeu_si512(p, (__m512i)x); }
inline F Set1(float x) { return _mm512_set1_ps(x); }
inline I SetI(int x) { return (I)_mm512_set1_epi32(x); }
inline F Fma(F a, F b, F c) { return _mm512_fmadd_ps(a, b, c); }
inline __m128 Fma4(__m128 a, __m128 b, __m128 c) { return _mm_fmadd_ps(a, b, c); }
inline F Max(F a, F b) { return _mm512_max_ps(a, b); }
inline F Min(F a, F b) { return _mm512_min_ps(a, b); }
inline F Sqrt(F x) { return _mm512_sqrt_ps(x); }
inline F ToFloat(I x) { return _mm512_cvtepi32_ps((__m512i)x); }
inline I Truncate(F x) { return (I)_mm512_cvttps_epi32(x); }
inline I Round(F x) { return (I)_mm512_cvtps_epi32(x); }
inline F AsFloat(I x) { return (F)x; }
inline I AsInt(F x) { return (I)x; }
inline M IsNan(F x) { return _mm512_cmp_ps_mask(x, x, _CMP_UNORD_Q); }
inline M Equal(F a, F b) { return _mm512_cmp_ps_mask(a, b, _CMP_EQ_OQ); }
inline M Less(F a, F b) { return _mm512_cmp_ps_mask(a, b, _CMP_LT_OQ); }
// False where x is NaN.
inline M Within(F x, F low, F high) {
  return _mm512_mask_cmp_ps_mask(_mm512_cmp_ps_mask(x, low, _CMP_GE_OQ), x, high, _CMP_LE_OQ);
}
inline M And(M a, M b) { return a & b; }
inline M Or(M a, M b) { return a | b; }
inline M Not(M a) { return static_cast<M>(~a); }
inline M AllTrue() { return 0xffff; }
inline unsigned Bits(M m) { return m; }
inline F Select(M m, F yes, F no) { return _mm512_mask_blend_ps(m, no, yes); }
inline I Select(M m, I yes, I no) { return (I)_mm512_mask_blend_epi32(m, (__m512i)no, (__m512i)yes); }
inline F One(M m) { return _mm512_maskz_mov_ps(m, _mm512_set1_ps(1.0f)); }

// Rows r, r+4, r+8, r+12 of four columns, one row per lane.
inline F LoadRows4(const float* p, int64_t stride) {
  F x = _mm512_castps128_ps512(_mm_loadu_ps(p));
  x = _mm512_insertf32x4(x, _mm_loadu_ps(p + 4 * stride), 1);
  x = _mm512_insertf32x4(x, _mm_loadu_ps(p + 8 * stride), 2);
  return _mm512_insertf32x4(x, _mm_loadu_ps(p + 12 * stride), 3);
}
inline F UnpackLow(F a, F b) { return _mm512_unpacklo_ps(a, b); }
inline F UnpackHigh(F a, F b) { return _mm512_unpackhi_ps(a, b); }
inline F MoveLowHigh(F a, F b) { return _mm512_shuffle_ps(a, b, 0x44); }
inline F MoveHighLow(F a, F b) { return _mm512_shuffle_ps(a, b, 0xee); }

// table[code] for tables of 16, 32 and 64 floats, and of any size with a stride between entries.
constexpr int kMaxTable = 64;
inline F Pick16(const float* t, I code) { return _mm512_permutexvar_ps((__m512i)code, Load(t)); }
inline F Pick32(const float* t, I code) { return _mm512_permutex2var_ps(Load(t), (__m512i)code, Load(t + 16)); }
inline F Pick64(const float* t, I code) {
  const M upper = _mm512_test_epi32_mask((__m512i)code, _mm512_set1_epi32(32));
  return Select(upper, Pick32(t + 32, code), Pick32(t, code));
}
inline F Gather(const float* t, I index) { return _mm512_i32gather_ps((__m512i)index, t, 4); }
