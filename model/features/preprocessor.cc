#include "model/features/preprocessor.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "model/features/calendar.h"

namespace roicast {
namespace {

absl::Status Bad(int index, const Feature& feature, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("features[", index, "] \"", feature.name, "\": ", what));
}

absl::Status ValidateRamps(int index, const Feature& feature, const FittedFeature& fitted) {
  const std::vector<double>& ramps = fitted.ramps;
  if (ramps.size() == 1 || ramps.size() > kMaxRamps + 1) {
    return Bad(index, feature,
               absl::StrCat("ramps: expected none, or 2 to ", kMaxRamps + 1, " limits, got ", ramps.size()));
  }
  for (size_t i = 0; i < ramps.size(); ++i) {
    if (!(std::abs(ramps[i]) <= kMaxMagnitude) || (fitted.transform == NumericTransform::kLog1p && ramps[i] < 0.0)) {
      return Bad(index, feature, absl::StrCat("ramps: expected finite limits, ≥ 0 under log1p, got ", ramps[i]));
    }
    if (i > 0 && !(ApplyTransform(fitted.transform, ramps[i]) - ApplyTransform(fitted.transform, ramps[i - 1]) > 0.0)) {
      return Bad(index, feature,
                 absl::StrCat("ramps: expected ascending limits, got ", ramps[i - 1], " before ", ramps[i]));
    }
  }
  return absl::OkStatus();
}

// Of a numeric value, or of the trend of a time.
absl::Status ValidateNumber(int index, const Feature& feature, const FittedFeature& fitted) {
  if (std::isnan(fitted.clip_min) || std::isnan(fitted.clip_max) || fitted.clip_min > fitted.clip_max ||
      fitted.clip_min > kMaxMagnitude || fitted.clip_max < -kMaxMagnitude) {
    return Bad(
        index, feature,
        absl::StrCat("clip range: expected clip_min ≤ clip_max, got ", fitted.clip_min, " and ", fitted.clip_max));
  }
  if (fitted.transform == NumericTransform::kAuto) return Bad(index, feature, "transform: not chosen");
  if (fitted.transform == NumericTransform::kLog1p && fitted.clip_min < 0.0) {
    return Bad(index, feature, absl::StrCat("clip_min: expected ≥ 0 under log1p, got ", fitted.clip_min));
  }
  if (!std::isfinite(fitted.center) || std::abs(fitted.center) > kMaxMagnitude) {
    return Bad(index, feature, absl::StrCat("center: expected a finite number, got ", fitted.center));
  }
  if (!std::isfinite(fitted.scale) || fitted.scale <= 0.0) {
    return Bad(index, feature, absl::StrCat("scale: expected > 0, got ", fitted.scale));
  }
  if (!(fitted.log_scale >= 0.0 && fitted.log_scale <= kMaxMagnitude)) {
    return Bad(index, feature, absl::StrCat("log_scale: expected ≥ 0, got ", fitted.log_scale));
  }
  return ValidateRamps(index, feature, fitted);
}

absl::Status ValidateNumeric(int index, const Feature& feature, const FittedFeature& fitted) {
  if (std::isnan(feature.allowed_min) || std::isnan(feature.allowed_max) || feature.allowed_min > feature.allowed_max) {
    return Bad(index, feature, "allowed range is empty");
  }
  if (std::isnan(feature.seen_min) || std::isnan(feature.seen_max) || feature.seen_min > feature.seen_max) {
    return Bad(index, feature, "seen range is empty");
  }
  if (!std::isfinite(fitted.fill_value) || std::abs(fitted.fill_value) > kMaxMagnitude) {
    return Bad(index, feature, absl::StrCat("fill_value: expected a finite number, got ", fitted.fill_value));
  }
  return ValidateNumber(index, feature, fitted);
}

absl::Status ValidateCategorical(int index, const Feature& feature, const FittedFeature& fitted) {
  if (feature.vocabulary.size() > kMaxVocabulary) {
    return Bad(
        index, feature,
        absl::StrCat("vocabulary: expected at most ", kMaxVocabulary, " words, got ", feature.vocabulary.size()));
  }
  absl::flat_hash_set<absl::string_view> words;
  for (const std::string& word : feature.vocabulary) {
    if (!words.insert(word).second) return Bad(index, feature, absl::StrCat("vocabulary has \"", word, "\" twice"));
  }
  const double fill = fitted.fill_value;
  if (!(fill >= 0.0 && fill <= static_cast<double>(feature.vocabulary.size()) && fill == std::floor(fill))) {
    return Bad(index, feature,
               absl::StrCat("fill_value: expected a code from 0 to ", feature.vocabulary.size(), ", got ", fill));
  }
  return absl::OkStatus();
}

absl::Status ValidateTime(int index, const Feature& feature, const FittedFeature& fitted) {
  const double fill = fitted.fill_value;
  if (!(fill >= kMinHours && fill <= kMaxHours && fill == std::floor(fill))) {
    return Bad(index, feature,
               absl::StrCat("fill_value: expected whole hours within the years 1900 to 2199, got ", fill));
  }
  if (std::isnan(feature.seen_min) || std::isnan(feature.seen_max) || feature.seen_min > feature.seen_max) {
    return Bad(index, feature, "seen range is empty");
  }
  if (fitted.half_year && !fitted.month) return Bad(index, feature, "half_year: expected the month beside it");
  if (!fitted.trend) return absl::OkStatus();
  if (!(fitted.clip_min >= kMinHours && fitted.clip_max <= kMaxHours)) {
    return Bad(index, feature,
               absl::StrCat("clip range: expected hours within the years 1900 to 2199, got ", fitted.clip_min, " and ",
                            fitted.clip_max));
  }
  if (fitted.transform != NumericTransform::kNone) return Bad(index, feature, "transform: expected none of a time");
  return ValidateNumber(index, feature, fitted);
}

absl::Status ValidateFeature(int index, const Feature& feature, const FittedFeature& fitted) {
  const double unseen = fitted.unseen_excess.value_or(0.0);
  if (!(unseen >= 0.0 && unseen <= kMostUnseenExcess)) {
    return Bad(index, feature,
               absl::StrCat("unseen_excess: expected a number from 0 to ", kMostUnseenExcess, ", got ", unseen));
  }
  switch (feature.kind) {
    case FeatureKind::kNumeric:
      return ValidateNumeric(index, feature, fitted);
    case FeatureKind::kCategorical:
      return ValidateCategorical(index, feature, fitted);
    case FeatureKind::kTime:
      return ValidateTime(index, feature, fitted);
  }
  return Bad(index, feature, "unknown kind");
}

absl::Status ValidateWordRanges(int index, const Schema& schema) {
  const Feature& feature = schema.features[static_cast<size_t>(index)];
  if (feature.word_ranges.empty()) return absl::OkStatus();
  if (feature.kind != FeatureKind::kNumeric || feature.word_ranges.size() > kMaxWordRanges) {
    return Bad(index, feature,
               absl::StrCat("word_ranges: expected at most ", kMaxWordRanges, " of a numeric feature, got ",
                            feature.word_ranges.size(), " of a ", FeatureKindName(feature.kind), " one"));
  }
  const WordRange* before = nullptr;
  for (const WordRange& range : feature.word_ranges) {
    const bool known = range.feature >= 0 && range.feature < schema.size();
    const Feature* const of = known ? &schema.features[static_cast<size_t>(range.feature)] : nullptr;
    if (of == nullptr || of->kind != FeatureKind::kCategorical || of->vocabulary.size() > kMaxVocabulary ||
        range.code < 0 || range.code >= static_cast<int>(of->vocabulary.size())) {
      return Bad(index, feature,
                 absl::StrCat("word_ranges: expected words of categorical features, got ", range.feature, " and ",
                              range.code));
    }
    if (!(std::abs(range.min) <= kMaxMagnitude && std::abs(range.max) <= kMaxMagnitude && range.min <= range.max)) {
      return Bad(index, feature,
                 absl::StrCat("word_ranges: expected finite min ≤ max, got ", range.min, " and ", range.max));
    }
    if (before != nullptr && std::pair(before->feature, before->code) >= std::pair(range.feature, range.code)) {
      return Bad(index, feature, "word_ranges: expected the order of features and words, each once");
    }
    before = &range;
  }
  return absl::OkStatus();
}

// The standardised value and its ramps.
int64_t NumberInputs(const FittedFeature& fitted) {
  return 1 + std::max<int64_t>(static_cast<int64_t>(fitted.ramps.size()) - 1, 0);
}

int CycleInputs(const FittedFeature& fitted) {
  return 2 * (fitted.month + fitted.half_year + fitted.weekday + fitted.hour);
}

int64_t EncodedInputs(const Feature& feature, const FittedFeature& fitted) {
  const int64_t indicator = fitted.missing_indicator ? 1 : 0;
  switch (feature.kind) {
    case FeatureKind::kNumeric:
      return NumberInputs(fitted) + indicator;
    case FeatureKind::kCategorical:
      return static_cast<int64_t>(feature.vocabulary.size()) + 1 + indicator;
    case FeatureKind::kTime:
      return CycleInputs(fitted) + (fitted.trend ? NumberInputs(fitted) : 0) + indicator;
  }
  return 0;
}

void AppendCycle(int part, int period, float*& out) {
  const double angle = 2.0 * std::numbers::pi * part / period;
  *out++ = static_cast<float>(std::sin(angle));
  *out++ = static_cast<float>(std::cos(angle));
}

void EncodeNumber(double value, const FittedFeature& fitted, float*& out) {
  const double clipped = std::clamp(std::clamp(value, fitted.clip_min, fitted.clip_max), -kMaxMagnitude, kMaxMagnitude);
  const double transformed = ApplyTransform(fitted.transform, clipped);
  *out++ = static_cast<float>((transformed - fitted.center) / fitted.scale);
  for (size_t r = 1; r < fitted.ramps.size(); ++r) {
    const double a = ApplyTransform(fitted.transform, fitted.ramps[r - 1]);
    const double b = ApplyTransform(fitted.transform, fitted.ramps[r]);
    *out++ = static_cast<float>((std::clamp(transformed, a, b) - a) / (b - a) - 0.5);
  }
}

void EncodeTime(double hours, const FittedFeature& fitted, float*& out) {
  const CalendarParts parts = PartsOfHour(static_cast<int64_t>(std::floor(hours)));
  if (fitted.month) AppendCycle(parts.month, 12, out);
  if (fitted.half_year) AppendCycle(parts.month, 6, out);
  if (fitted.weekday) AppendCycle(parts.weekday, 7, out);
  if (fitted.hour) AppendCycle(parts.hour, 24, out);
  if (fitted.trend) EncodeNumber(hours, fitted, out);
}

bool IsSeenMonth(const Feature& feature, float hours) {
  if (feature.seen_months == kAllMonths) return true;
  return (feature.seen_months >> PartsOfHour(static_cast<int64_t>(hours)).month & 1) != 0;
}

}  // namespace

double ApplyTransform(NumericTransform transform, double x) {
  switch (transform) {
    case NumericTransform::kAuto:  // refused by Preprocessor::Create
    case NumericTransform::kNone:
      return x;
    case NumericTransform::kLog1p:
      return std::log1p(x);
    case NumericTransform::kAsinh:
      return std::asinh(x);
  }
  return x;
}

float LatestUsualHour(const Feature& feature) {
  constexpr double kYearHours = 366 * 24;
  const double covered = feature.seen_max - feature.seen_min;
  return static_cast<float>(feature.seen_max + std::min(covered, kYearHours));
}

RawValue ClassifyRawValue(const Feature& feature, float value) {
  if (std::isnan(value)) return RawValue::kMissing;
  if (std::isinf(value)) return RawValue::kNotFinite;
  switch (feature.kind) {
    case FeatureKind::kNumeric: {
      const float low = static_cast<float>(feature.allowed_min);
      if (!(feature.allowed_min_exclusive ? value > low : value >= low)) return RawValue::kNotAllowed;
      if (!(value <= static_cast<float>(feature.allowed_max))) return RawValue::kNotAllowed;
      const bool seen = value >= static_cast<float>(feature.seen_min) && value <= static_cast<float>(feature.seen_max);
      return seen ? RawValue::kUsual : RawValue::kOutOfRange;
    }
    case FeatureKind::kCategorical:
      if (value < 0.0f) return RawValue::kNotAllowed;
      return value < static_cast<float>(feature.vocabulary.size()) && value == std::floor(value) ? RawValue::kUsual
                                                                                                 : RawValue::kUnseen;
    case FeatureKind::kTime: {
      const float hours = std::floor(value);
      if (!(hours >= static_cast<float>(kMinHours) && hours <= static_cast<float>(kMaxHours))) {
        return RawValue::kNotAllowed;
      }
      const bool seen = hours >= static_cast<float>(feature.seen_min) && hours <= LatestUsualHour(feature);
      return seen && IsSeenMonth(feature, hours) ? RawValue::kUsual : RawValue::kOutOfRange;
    }
  }
  return RawValue::kNotAllowed;
}

absl::Status PreprocessingOptions::Validate() const {
  if (min_category_count < 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("preprocessing.min_category_count: expected ≥ 1, got ", min_category_count));
  }
  if (max_vocabulary < 1 || max_vocabulary > kMaxVocabulary) {
    return absl::InvalidArgumentError(
        absl::StrCat("preprocessing.max_vocabulary: expected 1 to ", kMaxVocabulary, ", got ", max_vocabulary));
  }
  if (ramps < 0 || ramps > kMaxRamps) {
    return absl::InvalidArgumentError(absl::StrCat("preprocessing.ramps: expected 0 to ", kMaxRamps, ", got ", ramps));
  }
  return absl::OkStatus();
}

absl::StatusOr<Preprocessor> Preprocessor::Create(Schema schema, std::vector<FittedFeature> features) {
  if (schema.features.empty() || schema.features.size() > kMaxFeatures) {
    return absl::InvalidArgumentError(
        absl::StrCat("schema: expected 1 to ", kMaxFeatures, " features, got ", schema.features.size()));
  }
  if (features.size() != schema.features.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("features: expected ", schema.features.size(), " as in the schema, got ", features.size()));
  }
  absl::flat_hash_set<std::string> names;
  std::vector<int> offsets;
  int64_t inputs = 0;
  for (int i = 0; i < schema.size(); ++i) {
    const Feature& feature = schema.features[i];
    if (feature.name.empty()) return Bad(i, feature, "name is empty");
    if (!names.insert(feature.name).second) return Bad(i, feature, "name is taken by an earlier feature");
    ROICAST_RETURN_IF_ERROR(ValidateFeature(i, feature, features[i]));
    offsets.push_back(static_cast<int>(inputs));
    inputs += EncodedInputs(feature, features[i]);
    if (inputs > kMaxEncodedSize) {
      return Bad(i, feature, absl::StrCat("more than ", kMaxEncodedSize, " network inputs"));
    }
  }
  for (int i = 0; i < schema.size(); ++i) ROICAST_RETURN_IF_ERROR(ValidateWordRanges(i, schema));
  if (inputs == 0) return absl::InvalidArgumentError("schema: expected at least one network input, got none");
  Preprocessor preprocessor;
  preprocessor.schema_ = std::move(schema);
  preprocessor.features_ = std::move(features);
  preprocessor.offsets_ = std::move(offsets);
  preprocessor.encoded_size_ = static_cast<int>(inputs);
  return preprocessor;
}

int Preprocessor::numeric_offset(int feature) const {
  const bool time = schema_.features[feature].kind == FeatureKind::kTime;
  return offsets_[feature] + (time ? CycleInputs(features_[feature]) : 0);
}

std::vector<int> Preprocessor::InputsPerFeature() const {
  std::vector<int> inputs;
  for (size_t i = 0; i < offsets_.size(); ++i) {
    inputs.push_back((i + 1 < offsets_.size() ? offsets_[i + 1] : encoded_size_) - offsets_[i]);
  }
  return inputs;
}

RowMajorMatrix Preprocessor::Encode(const RowMajorMatrix& raw) const {
  RowMajorMatrix encoded(raw.rows(), encoded_size_);
  for (Eigen::Index i = 0; i < raw.rows(); ++i) EncodeRow(raw.row(i).data(), encoded.row(i).data());
  return encoded;
}

void Preprocessor::EncodeRow(const float* raw, float* encoded) const {
  float* out = encoded;
  for (int i = 0; i < schema_.size(); ++i) {
    const Feature& feature = schema_.features[i];
    const FittedFeature& fitted = features_[i];
    const RawValue state = ClassifyRawValue(feature, raw[i]);
    const bool missing = state == RawValue::kMissing || state == RawValue::kNotFinite || state == RawValue::kNotAllowed;
    const double value = missing ? fitted.fill_value : static_cast<double>(raw[i]);
    switch (feature.kind) {
      case FeatureKind::kNumeric:
        EncodeNumber(value, fitted, out);
        break;
      case FeatureKind::kCategorical: {
        const int64_t other = static_cast<int64_t>(feature.vocabulary.size());
        const int64_t code = state == RawValue::kUnseen ? other : static_cast<int64_t>(value);
        std::fill(out, out + other + 1, 0.0f);
        out[code] = 1.0f;
        out += other + 1;
        break;
      }
      case FeatureKind::kTime:
        EncodeTime(value, fitted, out);
        break;
    }
    if (fitted.missing_indicator) *out++ = missing ? 1.0f : 0.0f;
  }
}

}  // namespace roicast
