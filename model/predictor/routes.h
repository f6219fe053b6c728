// The entry points: one row, many rows, columns. All do the same arithmetic in the same order.

// Up to this many rows are processed one by one.
constexpr int kFewRows = 3;

// Parts of a thread's scratch memory.
struct Scratch {
  Scratch(const CompiledModel& model, float* memory)
      : columns(memory),
        dense(columns + static_cast<int64_t>(model.features) * kBlockRows),
        units(dense + static_cast<int64_t>(model.layer[0].inputs + model.pieces) * kBlockRows),
        next_units(units + static_cast<int64_t>(model.max_units) * kBlockRows),
        codes(reinterpret_cast<int32_t*>(next_units + static_cast<int64_t>(model.max_units) * kBlockRows)),
        slots(reinterpret_cast<float*>(codes + static_cast<int64_t>(model.lookups) * kBlockRows)),
        tail(slots + model.numeric.padded + kPad),
        pointers(reinterpret_cast<const float**>(tail + static_cast<int64_t>(model.features + 1) / 2 * 2 * kPad)) {}

  float* columns;          // [features][kBlockRows]
  float* dense;            // [inputs + pieces][kBlockRows]
  float* units;            // [max_units][kBlockRows]
  float* next_units;       // likewise
  int32_t* codes;          // [lookups][kBlockRows]
  float* slots;            // [numeric.padded + kPad]
  float* tail;             // [kPad][features, made even]
  const float** pointers;  // [features]
};

// Where a row's location and scale go: nowhere, at no cost, or into arrays.
struct NoSpread {
  static constexpr bool kWanted = false;
  NoSpread At(int64_t) const { return {}; }
};
struct WantedSpread {
  static constexpr bool kWanted = true;
  float* location;
  float* log_scale;
  float* share;  // null without a gate
  WantedSpread At(int64_t row) const {
    return {location + row, log_scale + row, share == nullptr ? nullptr : share + row};
  }
};

inline void WriteFlags(unsigned unusual, uint8_t* flags) {
  for (int i = 0; i < W; ++i) flags[i] = static_cast<uint8_t>(unusual >> i & 1);
}

// roi, flags, spread: [vectors · W].
template <typename Spread>
inline void PredictBlock(const CompiledModel& model, const float* const* columns, int vectors, const Scratch& scratch,
                         float* roi, uint8_t* flags, Spread spread) {
  M usual[kBlockVectors];
  PrepareBlock(model, columns, vectors, scratch.dense, scratch.codes, usual);
  const int hidden = model.layers > 1 ? model.layers - 1 : 1;
  const float* in = scratch.dense;
  float* out = scratch.units;
  float* next = scratch.next_units;
  for (int l = 0; l < hidden; ++l) {
    LayerOfBlock(model, model.layer[l], l == 0, in, scratch.codes, vectors, out);
    in = out;
    out = next;
    next = const_cast<float*>(in);
  }
  for (int v = 0; v < vectors; ++v) {
    const F m = model.layers > 1 ? OutputOfVector(model.layer[model.layers - 1], in + v * W) : Load(in + v * W);
    const bool gated = model.gate.weights != nullptr;
    const F share = gated ? Logistic(OutputOfVector(model.gate, in + v * W)) : Set1(1.0f);
    F y = gated ? ToRoi(model, m, share) : ToRoi(model, m);
    const M unusual = Not(usual[v]);
    if (Bits(unusual) != 0) y = Select(RefusedRows(model, columns, v), Set1(kNan), y);
    Store(roi + v * W, y);
    if constexpr (Spread::kWanted) {
      Store(spread.location + v * W, Select(IsNan(y), y, m));
      const bool scaled = model.log_scale.weights != nullptr;
      Store(spread.log_scale + v * W, scaled ? OutputOfVector(model.log_scale, in + v * W) : Set1(0.0f));
      if (gated) Store(spread.share + v * W, share);
    }
    if (flags != nullptr) WriteFlags(Bits(unusual), flags + v * W);
  }
}

// For a last block whose rows do not fill its vectors: predictions go through a buffer.
template <typename Spread>
inline void PredictPartialBlock(const CompiledModel& model, const float* const* columns, int rows,
                                const Scratch& scratch, float* roi, uint8_t* flags, Spread spread) {
  alignas(64) float roi_buffer[kBlockRows];
  uint8_t flag_buffer[kBlockRows];
  const int vectors = (rows + W - 1) / W;
  if constexpr (Spread::kWanted) {
    alignas(64) float location[kBlockRows], log_scale[kBlockRows], share[kBlockRows];
    PredictBlock(model, columns, vectors, scratch, roi_buffer, flags == nullptr ? nullptr : flag_buffer,
                 Spread{location, log_scale, share});
    if (spread.share != nullptr) __builtin_memcpy(spread.share, share, sizeof(float) * static_cast<size_t>(rows));
    __builtin_memcpy(spread.location, location, sizeof(float) * static_cast<size_t>(rows));
    __builtin_memcpy(spread.log_scale, log_scale, sizeof(float) * static_cast<size_t>(rows));
  } else {
    PredictBlock(model, columns, vectors, scratch, roi_buffer, flags == nullptr ? nullptr : flag_buffer, spread);
  }
  __builtin_memcpy(roi, roi_buffer, sizeof(float) * static_cast<size_t>(rows));
  if (flags != nullptr) __builtin_memcpy(flags, flag_buffer, static_cast<size_t>(rows));
}

template <typename Spread>
inline float PredictOneRow(const CompiledModel& model, const float* row, uint8_t* flag, Spread spread, float* memory);

template <typename Spread>
inline void PredictManyRows(const CompiledModel& model, const float* rows, int64_t n, float* roi, uint8_t* flags,
                            Spread spread, float* memory) {
  if (n <= kFewRows) {
    for (int64_t i = 0; i < n; ++i) {
      uint8_t* const flag = flags == nullptr ? nullptr : flags + i;
      roi[i] = PredictOneRow(model, rows + i * model.features, flag, spread.At(i), memory);
    }
    return;
  }
  const Scratch scratch(model, memory);
  for (int f = 0; f < model.features; ++f) {
    scratch.pointers[f] = scratch.columns + static_cast<int64_t>(f) * kBlockRows;
  }
  for (int64_t base = 0; base < n; base += kBlockRows) {
    const int count = n - base < kBlockRows ? static_cast<int>(n - base) : kBlockRows;
    const float* block = rows + base * model.features;
    uint8_t* block_flags = flags == nullptr ? nullptr : flags + base;
    const int full = count / W;
    TransposeRows(block, model.features, full, scratch.columns);
    const int rest = count - full * W;
    if (rest == 0) {
      PredictBlock(model, scratch.pointers, full, scratch, roi + base, block_flags, spread.At(base));
      continue;
    }
    // Repeats the last row to fill the vector.
    for (int r = 0; r < W; ++r) {
      const float* row = block + static_cast<int64_t>(full * W + (r < rest ? r : rest - 1)) * model.features;
      __builtin_memcpy(scratch.tail + static_cast<int64_t>(r) * model.features, row,
                       sizeof(float) * static_cast<size_t>(model.features));
    }
    TransposeRows(scratch.tail, model.features, 1, scratch.columns + full * W);
    PredictPartialBlock(model, scratch.pointers, count, scratch, roi + base, block_flags, spread.At(base));
  }
}

constexpr int64_t kFirstSecond = static_cast<int64_t>(kFirstHour) * 3600;
constexpr uint64_t kSeconds = static_cast<uint64_t>(kLastHour - kFirstHour + 1) * 3600;

inline float HoursOf(int64_t seconds) {
  const uint64_t shifted = static_cast<uint64_t>(seconds) - static_cast<uint64_t>(kFirstSecond);
  if (shifted >= kSeconds) return seconds == INT64_MIN ? kNan : 1e9f;
  return static_cast<float>(static_cast<int32_t>((static_cast<double>(shifted) + 0.5) * (1.0 / 3600.0)) + kFirstHour);
}

// Raw values [base, base + rows) of one feature, padded with NaN to whole vectors.
inline const float* ColumnOfBlock(const ColumnView& source, int64_t base, int rows, float* out) {
  if (source.floats != nullptr && rows % W == 0) return source.floats + base;
  if (source.floats != nullptr) {
    __builtin_memcpy(out, source.floats + base, sizeof(float) * static_cast<size_t>(rows));
  } else if (source.doubles != nullptr) {
    for (int i = 0; i < rows; ++i) out[i] = static_cast<float>(source.doubles[base + i]);
  } else if (source.codes != nullptr) {
    for (int i = 0; i < rows; ++i) {
      const int32_t code = source.codes[base + i];
      out[i] = static_cast<uint32_t>(code) < static_cast<uint32_t>(source.code_map_size) ? source.code_map[code] : kNan;
    }
  } else if (source.times != nullptr) {
    for (int i = 0; i < rows; ++i) out[i] = HoursOf(source.times[base + i]);
  } else {
    for (int i = 0; i < rows; ++i) out[i] = kNan;
  }
  for (int i = rows; i % W != 0; ++i) out[i] = kNan;
  return out;
}

template <typename Spread>
inline void PredictManyColumns(const CompiledModel& model, const ColumnView* columns, int64_t n, float* roi,
                               uint8_t* flags, Spread spread, float* memory) {
  const Scratch scratch(model, memory);
  for (int64_t base = 0; base < n; base += kBlockRows) {
    const int rows = n - base < kBlockRows ? static_cast<int>(n - base) : kBlockRows;
    for (int f = 0; f < model.features; ++f) {
      scratch.pointers[f] =
          ColumnOfBlock(columns[f], base, rows, scratch.columns + static_cast<int64_t>(f) * kBlockRows);
    }
    uint8_t* block_flags = flags == nullptr ? nullptr : flags + base;
    if (rows % W == 0) {
      PredictBlock(model, scratch.pointers, rows / W, scratch, roi + base, block_flags, spread.At(base));
    } else {
      PredictPartialBlock(model, scratch.pointers, rows, scratch, roi + base, block_flags, spread.At(base));
    }
  }
}

template <int group>
inline M PrepareGroupOfRow(const NumericSlots& slots, const float* row, M usual, float* out) {
  const int start = slots.start[group], count = slots.count[group];
  for (int i = 0; i < count; ++i) out[start + i] = row[slots.feature[start + i]];
  for (int i = count; i % W != 0; ++i) out[start + i] = 0.0f;
  for (int s = start; s < start + count; s += W) {
    const F x = Load(out + s);
    usual = And(usual, Within(x, Load(slots.usual_min + s), Load(slots.usual_max + s)));
    Store(out + s, PrepareNumeric<group>(x, Load(slots.fill + s), Load(slots.clip_min + s), Load(slots.clip_max + s),
                                         Load(slots.center + s)));
  }
  return usual;
}

inline bool IsRefused(const CompiledModel& model, const float* row) {
  for (int group = 0; group < 3; ++group) {
    for (int i = 0; i < model.numeric.count[group]; ++i) {
      const int s = model.numeric.start[group] + i;
      const float x = row[model.numeric.feature[s]];
      if (x < model.numeric.allowed_min[s] || x > model.numeric.allowed_max[s]) return true;
    }
  }
  for (int i = 0; i < model.categoricals; ++i) {
    const float x = row[model.categorical[i].feature];
    if (x < 0.0f || x > kMaxFloat) return true;
  }
  for (int i = 0; i < model.times; ++i) {
    const float x = row[model.time[i].feature];
    if (x < static_cast<float>(kFirstHour) || x >= static_cast<float>(kLastHour + 1)) return true;
  }
  return false;
}

// CodeOfCategory for one value.
inline int CodeOfOneCategory(float x, int size) {
  if (!(x >= 0.0f && x <= kMaxFloat)) return size + 1;
  if (!(x < static_cast<float>(size))) return size;
  const int code = static_cast<int>(x);
  return static_cast<float>(code) == x ? code : size;
}

struct OneTime {
  int month, weekday, hour;
  bool usual;
};

// CodesOfTime for one value, in integers: a shorter dependency chain.
inline OneTime CodesOfOneTime(float x) {
  if (!(x >= static_cast<float>(kFirstHour) && x < static_cast<float>(kLastHour + 1))) return {12, 7, 24, false};
  const int truncated = static_cast<int>(x);
  const int floor = truncated - (static_cast<float>(truncated) > x ? 1 : 0);
  const auto hours = static_cast<uint32_t>(floor - kFirstHour);
  const uint32_t day = hours / 24;
  const uint32_t since_1600 = day + kDaysBefore1900;
  const uint32_t day_of_era = since_1600 >= kDaysPerEra ? since_1600 - kDaysPerEra : since_1600;
  const uint32_t year = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const uint32_t day_of_year = day_of_era - (year * 365 + year / 4 - year / 100);
  const uint32_t from_march = (day_of_year * 5 + 2) / 153;
  const uint32_t month = from_march < 10 ? from_march + 2 : from_march - 10;
  return {static_cast<int>(month), static_cast<int>(day % 7), static_cast<int>(hours - day * 24), true};
}

template <typename Spread>
inline float PredictOneRow(const CompiledModel& model, const float* row, uint8_t* flag, Spread spread, float* memory) {
  const Scratch scratch(model, memory);
  M usual = AllTrue<W>();
  usual = PrepareGroupOfRow<0>(model.numeric, row, usual, scratch.slots);
  usual = PrepareGroupOfRow<1>(model.numeric, row, usual, scratch.slots);
  usual = PrepareGroupOfRow<2>(model.numeric, row, usual, scratch.slots);
  float* indicators = scratch.dense;
  for (int i = 0; i < model.indicators; ++i) {
    const float x = row[model.indicator_feature[i]];
    indicators[i] = x != x ? 1.0f : 0.0f;
  }
  float* beyond = indicators + model.indicators;
  for (int i = 0; i < model.pieces; ++i) {
    const Pieces& pieces = model.piece[i];
    const float t = scratch.slots[pieces.slot];
    int code = 0;
    for (int k = 0; k < pieces.count; ++k) code += t < pieces.limits[k] ? 0 : 1;
    beyond[i] = t - pieces.limits[code > 0 ? code - 1 : 0];
    scratch.codes[pieces.lookup] = code;
  }
  bool usual_codes = true;
  for (int i = 0; i < model.categoricals; ++i) {
    const CategoricalInput& input = model.categorical[i];
    const int code = CodeOfOneCategory(row[input.feature], input.size);
    usual_codes = usual_codes && code < input.size;
    scratch.codes[input.lookup] = code;
  }
  for (int i = 0; i < model.times; ++i) {
    const TimeInput& input = model.time[i];
    const float x = row[input.feature];
    const OneTime coded = CodesOfOneTime(x);
    usual_codes = usual_codes && coded.usual && x >= input.first && x < input.end && (input.months >> coded.month & 1);
    if (input.month_lookup >= 0) scratch.codes[input.month_lookup] = coded.month;
    if (input.weekday_lookup >= 0) scratch.codes[input.weekday_lookup] = coded.weekday;
    if (input.hour_lookup >= 0) scratch.codes[input.hour_lookup] = coded.hour;
  }
  const bool unusual = !usual_codes || Bits(Not(usual)) != 0;
  if (flag != nullptr) *flag = unusual ? 1 : 0;
  if (unusual && IsRefused(model, row)) {
    if constexpr (Spread::kWanted) {
      *spread.location = *spread.log_scale = kNan;
      if (spread.share != nullptr) *spread.share = kNan;
    }
    return kNan;
  }

  float* out = scratch.units;
  float* next = scratch.next_units;
  FirstLayerOfRow(model, {scratch.slots, indicators, beyond, scratch.codes}, out);
  for (int l = 1; l + 1 < model.layers; ++l) {
    LayerOfRow(model.layer[l], out, next);
    float* swap = out;
    out = next;
    next = swap;
  }
  const float m = model.layers > 1 ? OutputOfRow(model.layer[model.layers - 1], out) : out[0];
  const bool gated = model.gate.weights != nullptr;
  const F share = gated ? Logistic(Set1(OutputOfRow(model.gate, out))) : Set1(1.0f);
  const float roi = gated ? ToRoi(model, Set1(m), share)[0] : ToRoi(model, Set1(m))[0];
  if constexpr (Spread::kWanted) {
    if (gated) *spread.share = share[0];
    *spread.location = roi != roi ? kNan : m;
    *spread.log_scale = model.log_scale.weights != nullptr ? OutputOfRow(model.log_scale, out) : 0.0f;
  }
  return roi;
}

float PredictRow(const CompiledModel& model, const float* row, uint8_t* flag, float* memory) {
  return PredictOneRow(model, row, flag, NoSpread{}, memory);
}

void PredictRows(const CompiledModel& model, const float* rows, int64_t n, float* roi, uint8_t* flags, float* memory) {
  PredictManyRows(model, rows, n, roi, flags, NoSpread{}, memory);
}

void PredictColumns(const CompiledModel& model, const ColumnView* columns, int64_t n, float* roi, uint8_t* flags,
                    float* memory) {
  PredictManyColumns(model, columns, n, roi, flags, NoSpread{}, memory);
}

void SpreadRows(const CompiledModel& model, const float* rows, int64_t n, float* roi, uint8_t* flags,
                SpreadArrays spread, float* memory) {
  PredictManyRows(model, rows, n, roi, flags, WantedSpread{spread.location, spread.log_scale, spread.share}, memory);
}

void SpreadColumns(const CompiledModel& model, const ColumnView* columns, int64_t n, float* roi, uint8_t* flags,
                   SpreadArrays spread, float* memory) {
  PredictManyColumns(model, columns, n, roi, flags, WantedSpread{spread.location, spread.log_scale, spread.share},
                     memory);
}
