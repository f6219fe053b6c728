// Turns raw values into the inputs of the first layer, one block of rows at a time: transposes rows to columns, cleans
// and transforms numeric columns, and turns categories and times into codes of lookup tables.

constexpr float kMaxFloat = 3.402823466e38f;
constexpr float kNan = __builtin_nanf("");
constexpr int kBlockVectors = kBlockRows / W;

// columns[f][row] of `vectors` · W rows; rows: row-major with `features` values each.
inline void TransposeRows(const float* rows, int features, int vectors, float* columns) {
  for (int v = 0; v < vectors; ++v) {
    const float* base = rows + static_cast<int64_t>(v) * W * features;
    float* out = columns + v * W;
    if (features < 4) {
      for (int r = 0; r < W; ++r) {
        for (int c = 0; c < features; ++c) out[c * kBlockRows + r] = base[r * features + c];
      }
      continue;
    }
    for (int group = 0; group < features; group += 4) {
      const int c = group + 4 <= features ? group : features - 4;  // the last group may overlap the one before
      const float* p = base + c;
      const F r0 = LoadRows4<W>(p, features);
      const F r1 = LoadRows4<W>(p + features, features);
      const F r2 = LoadRows4<W>(p + 2 * features, features);
      const F r3 = LoadRows4<W>(p + 3 * features, features);
      const F low01 = UnpackLow(r0, r1), low23 = UnpackLow(r2, r3);
      const F high01 = UnpackHigh(r0, r1), high23 = UnpackHigh(r2, r3);
      float* q = out + static_cast<int64_t>(c) * kBlockRows;
      Store(q, MoveLowHigh(low01, low23));
      Store(q + kBlockRows, MoveHighLow(low01, low23));
      Store(q + 2 * kBlockRows, MoveLowHigh(high01, high23));
      Store(q + 3 * kBlockRows, MoveHighLow(high01, high23));
    }
  }
}

template <int group>
inline F Transform(F x) {
  if constexpr (group == 1) return Log1p(x);
  if constexpr (group == 2) return Asinh(x);
  return x;
}

template <int group>
inline F PrepareNumeric(F x, F fill, F clip_min, F clip_max, F center) {
  const F filled = Select(IsNan(x), fill, x);
  return Transform<group>(Min(Max(filled, clip_min), clip_max)) - center;
}

template <int group>
inline float* PrepareGroup(const NumericSlots& slots, const float* const* columns, int vectors, M* usual,
                           float* dense) {
  for (int i = 0; i < slots.count[group]; ++i, dense += kBlockRows) {
    const int s = slots.start[group] + i;
    const float* column = columns[slots.feature[s]];
    const F fill = Set1(slots.fill[s]), center = Set1(slots.center[s]);
    const F clip_min = Set1(slots.clip_min[s]), clip_max = Set1(slots.clip_max[s]);
    const F usual_min = Set1(slots.usual_min[s]), usual_max = Set1(slots.usual_max[s]);
    for (int v = 0; v < vectors; ++v) {
      const F x = Load(column + v * W);
      usual[v] = And(usual[v], Within(x, usual_min, usual_max));
      Store(dense + v * W, PrepareNumeric<group>(x, fill, clip_min, clip_max, center));
    }
  }
  return dense;
}

struct CategoryCode {
  I code;
  M usual;
};

inline CategoryCode CodeOfCategory(F x, int size) {
  const F limit = Set1(static_cast<float>(size));
  const I truncated = Truncate(Min(Max(x, Set1(0.0f)), limit));
  const M usual = And(Within(x, Set1(0.0f), Set1(static_cast<float>(size - 1))), Equal(ToFloat(truncated), x));
  const M present = Within(x, Set1(0.0f), Set1(kMaxFloat));
  return {Select(present, Select(usual, truncated, SetI(size)), SetI(size + 1)), usual};
}

struct TimeCodes {
  I month, weekday, hour;
  M usual;
};

// 1900-01-01, a Monday, in hours since 1970; hours up to the end of 2199; days since 1600-03-01.
constexpr int kFirstHour = -25567 * 24;
constexpr int kLastHour = kFirstHour + 109573 * 24 - 1;
constexpr int kDaysBefore1900 = 109513;
constexpr int kDaysPerEra = 146097;  // 400 years

// a / c rounded down, for 0 ≤ a < 2^22.
inline I Divide(I a, float c) { return Truncate((ToFloat(a) + Set1(0.5f)) * Set1(1.0f / c)); }

// PartsOfHour of model/features/calendar.h on vectors, after Hinnant, "chrono-Compatible Low-Level Date Algorithms"
// (2013).
inline TimeCodes CodesOfTime(F x) {
  const F bounded = Min(Max(x, Set1(-1e7f)), Set1(1e7f));
  const I truncated = Truncate(bounded);
  const I floor = Select(Less(bounded, ToFloat(truncated)), truncated - SetI(1), truncated);
  const M usual = And(
      Not(IsNan(x)), Within(ToFloat(floor), Set1(static_cast<float>(kFirstHour)), Set1(static_cast<float>(kLastHour))));
  const I hours = Select(usual, floor - SetI(kFirstHour), SetI(0));
  const I day = Divide(hours, 24.0f);
  const I since_1600 = day + SetI(kDaysBefore1900);
  const M second_era = Within(ToFloat(since_1600), Set1(static_cast<float>(kDaysPerEra)), Set1(1e9f));
  const I day_of_era = Select(second_era, since_1600 - SetI(kDaysPerEra), since_1600);
  const I leap_free =
      day_of_era - Divide(day_of_era, 1460.0f) + Divide(day_of_era, 36524.0f) - Divide(day_of_era, 146096.0f);
  const I year = Divide(leap_free, 365.0f);
  const I day_of_year = day_of_era - (year * 365 + Divide(year, 4.0f) - Divide(year, 100.0f));
  const I from_march = Divide(day_of_year * 5 + SetI(2), 153.0f);
  const I month = from_march + Select(Less(ToFloat(from_march), Set1(10.0f)), SetI(2), SetI(-10));
  TimeCodes codes;
  codes.month = Select(usual, month, SetI(12));
  codes.weekday = Select(usual, day - Divide(day, 7.0f) * 7, SetI(7));
  codes.hour = Select(usual, hours - day * 24, SetI(24));
  codes.usual = usual;
  return codes;
}

constexpr int kEveryMonth = 0xFFF;

// Of a time that is allowed.
inline M IsSeenTime(const TimeInput& input, F x, I month) {
  const M within = And(Not(Less(x, Set1(input.first))), Less(x, Set1(input.end)));
  if (input.months == kEveryMonth) return within;
  M unseen = Not(AllTrue<W>());
  for (int m = 0; m < 12; ++m) {
    if ((input.months >> m & 1) == 0) unseen = Or(unseen, Equal(ToFloat(month), Set1(static_cast<float>(m))));
  }
  return And(within, Not(unseen));
}

inline void StoreCode(int lookup, int row, I code, int32_t* codes) {
  if (lookup >= 0) StoreI(codes + lookup * kBlockRows + row, code);
}

// Computes all inputs of the first layer, behind them how far each of model.piece is into its piece, and which rows are
// usual in every feature.
inline void PrepareBlock(const CompiledModel& model, const float* const* columns, int vectors, float* dense,
                         int32_t* codes, M* usual) {
  const float* const inputs = dense;
  for (int v = 0; v < vectors; ++v) usual[v] = AllTrue<W>();
  dense = PrepareGroup<0>(model.numeric, columns, vectors, usual, dense);
  dense = PrepareGroup<1>(model.numeric, columns, vectors, usual, dense);
  dense = PrepareGroup<2>(model.numeric, columns, vectors, usual, dense);
  for (int i = 0; i < model.indicators; ++i, dense += kBlockRows) {
    const float* column = columns[model.indicator_feature[i]];
    for (int v = 0; v < vectors; ++v) Store(dense + v * W, OneWhere(IsNan(Load(column + v * W))));
  }
  for (int i = 0; i < model.pieces; ++i, dense += kBlockRows) {
    const Pieces& pieces = model.piece[i];
    const float* value = inputs + static_cast<int64_t>(pieces.input) * kBlockRows;
    for (int v = 0; v < vectors; ++v) {
      const F t = Load(value + v * W);
      F low = Set1(pieces.limits[0]);
      I code = SetI(0);
      for (int k = 0; k < pieces.count; ++k) {
        const F limit = Set1(pieces.limits[k]);
        const M below = Less(t, limit);
        low = Select(below, low, limit);
        code = Select(below, code, SetI(k + 1));
      }
      Store(dense + v * W, t - low);
      StoreCode(pieces.lookup, v * W, code, codes);
    }
  }
  for (int i = 0; i < model.categoricals; ++i) {
    const CategoricalInput& input = model.categorical[i];
    for (int v = 0; v < vectors; ++v) {
      const CategoryCode coded = CodeOfCategory(Load(columns[input.feature] + v * W), input.size);
      usual[v] = And(usual[v], coded.usual);
      StoreCode(input.lookup, v * W, coded.code, codes);
    }
  }
  for (int i = 0; i < model.times; ++i) {
    const TimeInput& input = model.time[i];
    for (int v = 0; v < vectors; ++v) {
      const F x = Load(columns[input.feature] + v * W);
      const TimeCodes coded = CodesOfTime(x);
      usual[v] = And(usual[v], And(coded.usual, IsSeenTime(input, x, coded.month)));
      StoreCode(input.month_lookup, v * W, coded.month, codes);
      StoreCode(input.weekday_lookup, v * W, coded.weekday, codes);
      StoreCode(input.hour_lookup, v * W, coded.hour, codes);
    }
  }
}

// The rows that have a value that is neither missing nor allowed. Only called if some row is unusual.
inline M RefusedRows(const CompiledModel& model, const float* const* columns, int v) {
  M fine = AllTrue<W>();
  for (int group = 0; group < 3; ++group) {
    for (int i = 0; i < model.numeric.count[group]; ++i) {
      const int s = model.numeric.start[group] + i;
      const F x = Load(columns[model.numeric.feature[s]] + v * W);
      const M allowed = Within(x, Set1(model.numeric.allowed_min[s]), Set1(model.numeric.allowed_max[s]));
      fine = And(fine, Or(IsNan(x), allowed));
    }
  }
  for (int i = 0; i < model.categoricals; ++i) {
    const F x = Load(columns[model.categorical[i].feature] + v * W);
    fine = And(fine, Or(IsNan(x), Within(x, Set1(0.0f), Set1(kMaxFloat))));
  }
  for (int i = 0; i < model.times; ++i) {
    const F x = Load(columns[model.time[i].feature] + v * W);
    fine = And(fine, Or(IsNan(x), CodesOfTime(x).usual));
  }
  return Not(fine);
}
