// Counts of values in sorted tables: that of the pivots tells the 32 values to compare with. Nothing waits for a load
// whose address depends on a comparison but once.

inline int32_t CountOf32(const float* ascending, F value) {
  uint32_t larger = 0;
  for (int i = 0; i < kSearchPivots; i += W) larger |= Bits(Less(value, Load(ascending + i))) << i;
  return larger == 0 ? kSearchPivots : __builtin_ctz(larger);
}

void CountAtMost(const float* tables, const int32_t* table, const float* values, int64_t n, int32_t* at_most) {
  constexpr int kPerPivot = kSearchValues / kSearchPivots;
  static_assert(kPerPivot == kSearchPivots);
  for (int64_t i = 0; i < n; ++i) {
    const float* const ascending = tables + int64_t{table[i]} * kSearchTable;
    const F value = Set1(values[i]);
    const int32_t blocks = CountOf32(ascending + kSearchValues, value);
    at_most[i] = blocks * kPerPivot;
    if (blocks < kSearchPivots) at_most[i] += CountOf32(ascending + blocks * kPerPivot, value);
  }
}

// Of a + weight · (b − a), where b is as far behind a as tables are.
inline int32_t CountOf32Between(const float* a, F weight, F value) {
  uint32_t larger = 0;
  for (int i = 0; i < kSearchPivots; i += W) {
    const F low = Load(a + i), between = low + weight * (Load(a + kSearchTable + i) - low);
    larger |= Bits(Less(value, between)) << i;
  }
  return larger == 0 ? kSearchPivots : __builtin_ctz(larger);
}

void CountBetween(const float* tables, const int32_t* table, const float* weight, const float* values, int64_t n,
                  int32_t* at_most) {
  constexpr int kPerPivot = kSearchValues / kSearchPivots;
  for (int64_t i = 0; i < n; ++i) {
    const float* const ascending = tables + int64_t{table[i]} * kSearchTable;
    const F value = Set1(values[i]), share = Set1(weight[i]);
    const int32_t blocks = CountOf32Between(ascending + kSearchValues, share, value);
    at_most[i] = blocks * kPerPivot;
    if (blocks < kSearchPivots) at_most[i] += CountOf32Between(ascending + blocks * kPerPivot, share, value);
  }
}
