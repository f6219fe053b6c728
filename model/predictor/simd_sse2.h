// Four floats at once, on any x86-64.

using F = __m128;
typedef int I __attribute__((vector_size(16)));
using M = __m128;  // all bits of a lane
constexpr int W = 4;
constexpr int kTileRows = 2;  // vectors of rows per register tile

inline F Load(const float* p) { return _mm_loadu_ps(p); }
inline void Store(float* p, F x) { _mm_storeu_ps(p, x); }
inline I LoadI(const int32_t* p) { return (I)_mm_loadu_si128((const __m128i*)p); }
inline void StoreI(int32_t* p, I x) { _mm_storeu_si128((__m128i*)p, (__m128i)x); }
inline F Set1(float x) { return _mm_set1_ps(x); }
inline I SetI(int x) { return (I)_mm_set1_epi32(x); }
// Two roundings; the same in every route.
inline F Fma(F a, F b, F c) { return _mm_add_ps(_mm_mul_ps(a, b), c); }
inline __m128 Fma4(__m128 a, __m128 b, __m128 c) { return _mm_add_ps(_mm_mul_ps(a, b), c); }
inline F Max(F a, F b) { return _mm_max_ps(a, b); }
inline F Min(F a, F b) { return _mm_min_ps(a, b); }
inline F Sqrt(F x) { return _mm_sqrt_ps(x); }
inline F ToFloat(I x) { return _mm_cvtepi32_ps((__m128i)x); }
inline I Truncate(F x) { return (I)_mm_cvttps_epi32(x); }
inline I Round(F x) { return (I)_mm_cvtps_epi32(x); }
inline F AsFloat(I x) { return (F)x; }
inline I AsInt(F x) { return (I)x; }
inline M IsNan(F x) { return _mm_cmpunord_ps(x, x); }
inline M Equal(F a, F b) { return _mm_cmpeq_ps(a, b); }
inline M Less(F a, F b) { return _mm_cmplt_ps(a, b); }
// False where x is NaN.
inline M Within(F x, F low, F high) { return _mm_and_ps(_mm_cmpge_ps(x, low), _mm_cmple_ps(x, high)); }
inline M And(M a, M b) { return _mm_and_ps(a, b); }
inline M Or(M a, M b) { return _mm_or_ps(a, b); }
inline M AllTrue() { return _mm_castsi128_ps(_mm_set1_epi32(-1)); }
inline M Not(M a) { return _mm_xor_ps(a, AllTrue()); }
inline unsigned Bits(M m) { return static_cast<unsigned>(_mm_movemask_ps(m)); }
inline F Select(M m, F yes, F no) { return _mm_or_ps(_mm_and_ps(m, yes), _mm_andnot_ps(m, no)); }
inline I Select(M m, I yes, I no) { return (I)Select(m, (F)yes, (F)no); }
inline F One(M m) { return _mm_and_ps(m, _mm_set1_ps(1.0f)); }

// Row r of four columns.
inline F LoadRows4(const float* p, int64_t) { return _mm_loadu_ps(p); }
inline F UnpackLow(F a, F b) { return _mm_unpacklo_ps(a, b); }
inline F UnpackHigh(F a, F b) { return _mm_unpackhi_ps(a, b); }
inline F MoveLowHigh(F a, F b) { return _mm_shuffle_ps(a, b, 0x44); }
inline F MoveHighLow(F a, F b) { return _mm_shuffle_ps(a, b, 0xee); }

constexpr int kMaxTable = 64;
inline F Gather(const float* t, I index) { return _mm_setr_ps(t[index[0]], t[index[1]], t[index[2]], t[index[3]]); }
inline F Pick16(const float* t, I code) { return Gather(t, code); }
inline F Pick32(const float* t, I code) { return Gather(t, code); }
inline F Pick64(const float* t, I code) { return Gather(t, code); }
