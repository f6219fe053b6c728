// From a row's location and scale to its interval and its score, on vectors.

constexpr float kMaxLogScale = 40.0f;

// InvertTarget without smearing, and not below the floor.
inline F PlainRoi(const CompiledModel& model, F m) {
  const F bounded = Min(Max(m, Set1(-80.0f)), Set1(80.0f));
  F y = m;
  switch (model.inverse) {
    case Inverse::kNone:
      break;
    case Inverse::kAsinh:
      y = SinhCosh(bounded).sinh;
      break;
    case Inverse::kLog1p:
      y = Expm1(bounded);
      break;
    case Inverse::kLogistic:
      y = Logistic(m);
      break;
  }
  return Max(Set1(model.roi_floor), y);
}

// n: a multiple of W.
inline void IntervalsOfVectors(const CompiledModel& model, const IntervalRows& rows) {
  for (int64_t i = 0; i < rows.n; i += W) {
    const F location = Load(rows.location + i);
    const F bounded = Min(Max(Load(rows.log_scale + i), Set1(-kMaxLogScale)), Set1(kMaxLogScale));
    const F scale = Exp(bounded) * Set1(model.deviation);
    const M refused = IsNan(location);
    if (rows.low != nullptr) {
      const F low = PlainRoi(model, Fma(Load(rows.low_score + i), scale, location));
      const F high = PlainRoi(model, Fma(Load(rows.high_score + i), scale, location));
      Store(rows.low + i, Select(refused, Set1(kNan), low));
      Store(rows.high + i, Select(refused, Set1(kNan), high));
    }
    if (rows.score != nullptr) Store(rows.score + i, (Set1(rows.threshold) - location) / scale);
  }
}

// The same for row i alone: quicker than a way through padded copies.
inline void IntervalOfRow(const CompiledModel& model, const IntervalRows& rows, int64_t i) {
  const float location = rows.location[i];
  const F bounded = Min(Max(Set1(rows.log_scale[i]), Set1(-kMaxLogScale)), Set1(kMaxLogScale));
  const F scale = Exp(bounded) * Set1(model.deviation);
  if (rows.low != nullptr) {
    const F low = PlainRoi(model, Fma(Set1(rows.low_score[i]), scale, Set1(location)));
    const F high = PlainRoi(model, Fma(Set1(rows.high_score[i]), scale, Set1(location)));
    rows.low[i] = location != location ? kNan : low[0];
    rows.high[i] = location != location ? kNan : high[0];
  }
  if (rows.score != nullptr) rows.score[i] = ((Set1(rows.threshold) - Set1(location)) / scale)[0];
}

void Intervals(const CompiledModel& model, const IntervalRows& rows) {
  if (rows.n <= kFewRows) {
    for (int64_t i = 0; i < rows.n; ++i) IntervalOfRow(model, rows, i);
    return;
  }
  IntervalRows whole = rows;
  whole.n = rows.n / W * W;
  IntervalsOfVectors(model, whole);
  const int64_t rest = rows.n - whole.n;
  if (rest == 0) return;
  alignas(64) float arrays[7][W] = {};
  const size_t bytes = sizeof(float) * static_cast<size_t>(rest);
  const auto fetch = [&](const float* from, float* to) {
    if (from != nullptr) __builtin_memcpy(to, from + whole.n, bytes);
  };
  const auto deliver = [&](const float* from, float* to) {
    if (to != nullptr) __builtin_memcpy(to + whole.n, from, bytes);
  };
  fetch(rows.location, arrays[0]);
  fetch(rows.log_scale, arrays[1]);
  fetch(rows.low_score, arrays[2]);
  fetch(rows.high_score, arrays[3]);
  IntervalsOfVectors(model, {W, arrays[0], arrays[1], arrays[2], arrays[3], rows.low != nullptr ? arrays[4] : nullptr,
                             arrays[5], rows.threshold, rows.score != nullptr ? arrays[6] : nullptr});
  deliver(arrays[4], rows.low);
  deliver(arrays[5], rows.high);
  deliver(arrays[6], rows.score);
}
