// Eight floats at once.

using F = __m256;
typedef int I __attribute__((vector_size(32)));
using M = __m256;  // all bits of a lane
constexpr int W = 8;
constexpr int kTileRows = 2;  // vectors of rows per register tile

inline F Load(const float* p) { return _mm256_loadu_ps(p); }
inline void Store(float* p, F x) { _mm256_storeu_ps(p, x); }
inline I LoadI(const int32_t* p) { return (I)_mm256_loadu_si256((const __m256i*)p); }
inline void StoreI(int32_t* p, I x) { _mm256_storeu_si256((__m256i*)p, (__m256i)x); }
inline F Set1(float x) { return _mm256_set1_ps(x); }
inline I SetI(int x) { return (I)_mm256_set1_epi32(x); }
inline F Fma(F a, F b, F c) { return _mm256_fmadd_ps(a, b, c); }
inline __m128 Fma4(__m128 a, __m128 b, __m128 c) { return _mm_fmadd_ps(a, b, c); }
inline F Max(F a, F b) { return _mm256_max_ps(a, b); }
inline F Min(F a, F b) { return _mm256_min_ps(a, b); }
inline F Sqrt(F x) { return _mm256_sqrt_ps(x); }
inline F ToFloat(I x) { return _mm256_cvtepi32_ps((__m256i)x); }
inline I Truncate(F x) { return (I)_mm256_cvttps_epi32(x); }
inline I Round(F x) { return (I)_mm256_cvtps_epi32(x); }
inline F AsFloat(I x) { return (F)x; }
inline I AsInt(F x) { return (I)x; }
inline M IsNan(F x) { return _mm256_cmp_ps(x, x, _CMP_UNORD_Q); }
inline M Equal(F a, F b) { return _mm256_cmp_ps(a, b, _CMP_EQ_OQ); }
inline M Less(F a, F b) { return _mm256_cmp_ps(a, b, _CMP_LT_OQ); }
// False where x is NaN.
inline M Within(F x, F low, F high) {
  return _mm256_and_ps(_mm256_cmp_ps(x, low, _CMP_GE_OQ), _mm256_cmp_ps(x, high, _CMP_LE_OQ));
}
inline M And(M a, M b) { return _mm256_and_ps(a, b); }
inline M Or(M a, M b) { return _mm256_or_ps(a, b); }
inline M AllTrue() { return _mm256_castsi256_ps(_mm256_set1_epi32(-1)); }
inline M Not(M a) { return _mm256_xor_ps(a, AllTrue()); }
inline unsigned Bits(M m) { return static_cast<unsigned>(_mm256_movemask_ps(m)); }
inline F Select(M m, F yes, F no) { return _mm256_blendv_ps(no, yes, m); }
inline I Select(M m, I yes, I no) { return (I)_mm256_blendv_epi8((__m256i)no, (__m256i)yes, (__m256i)m); }
inline F One(M m) { return _mm256_and_ps(m, _mm256_set1_ps(1.0f)); }

// Rows r and r+4 of four columns, one row per lane.
inline F LoadRows4(const float* p, int64_t stride) {
  return _mm256_insertf128_ps(_mm256_castps128_ps256(_mm_loadu_ps(p)), _mm_loadu_ps(p + 4 * stride), 1);
}
inline F UnpackLow(F a, F b) { return _mm256_unpacklo_ps(a, b); }
inline F UnpackHigh(F a, F b) { return _mm256_unpackhi_ps(a, b); }
inline F MoveLowHigh(F a, F b) { return _mm256_shuffle_ps(a, b, 0x44); }
inline F MoveHighLow(F a, F b) { return _mm256_shuffle_ps(a, b, 0xee); }

// table[code] for tables of 16 and 32 floats, and of any size with a stride between entries.
constexpr int kMaxTable = 32;
inline F Pick8(const float* t, I code) { return _mm256_permutevar8x32_ps(Load(t), (__m256i)code); }
inline F Pick16(const float* t, I code) {
  return _mm256_blendv_ps(Pick8(t, code), Pick8(t + 8, code), (__m256)(code << 28));
}
inline F Pick32(const float* t, I code) {
  return _mm256_blendv_ps(Pick16(t, code), Pick16(t + 16, code), (__m256)(code << 27));
}
inline F Pick64(const float* t, I code) {
  return _mm256_blendv_ps(Pick32(t, code), Pick32(t + 32, code), (__m256)(code << 26));
}
inline F Gather(const float* t, I index) { return _mm256_i32gather_ps(t, (__m256i)index, 4); }
