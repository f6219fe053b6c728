// Encodes raw rows as network inputs: the plain reference form. The predictor compiles the same parameters for speed.
#pragma once

#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/stop_check.h"
#include "model/data/cleaning.h"
#include "model/data/matrix.h"
#include "model/data/schema.h"

namespace roicast {

// Limits that Create enforces for every schema.
inline constexpr int kMaxFeatures = 4096;
inline constexpr int kMaxVocabulary = 65536;  // words per feature; far below kUnseenCode
inline constexpr int kMaxEncodedSize = 1 << 20;
inline constexpr int kMaxRamps = 64;  // per feature
// Numeric values are clamped to ± this.
inline constexpr double kMaxMagnitude = 1e38;

// A feature that is above 0 and spans at least this factor is also measured by its logarithm.
inline constexpr double kDecade = 10.0;

// How the model treats a raw value of a feature.
enum class RawValue {
  kUsual,
  kMissing,     // NaN: imputed
  kUnseen,      // a category outside the vocabulary
  kOutOfRange,  // allowed, but outside of what was seen in training
  kNotFinite,   // rejected
  kNotAllowed,  // rejected: outside the allowed range, a negative code, a year outside 1900–2199
};

// Bounds are compared after rounding them to float32, as the raw values were. A time is out of range before the first
// one of training, after LatestUsualHour, and in a month that training did not see.
RawValue ClassifyRawValue(const Feature& feature, float value);

// The last hour of training and as long again as it covers, at most a year: what has changed by then was not learnt.
// Infinite: not known.
float LatestUsualHour(const Feature& feature);

enum class NumericScale { kStandard, kRobust };

struct PreprocessingOptions {
  NumericScale scale = NumericScale::kStandard;
  int min_category_count = 5;  // training rows; rarer categories count as "other"
  int max_vocabulary = 256;    // most frequent ones
  bool month = true;           // time: the month
  bool half_year = false;      // time: also where the month is within half a year; only with the month
  bool hour_of_day = false;    // time: also the hour
  int ramps = 0;               // numeric: at most so many ramps, between quantiles; 0 = none. At most kMaxRamps
  bool trend = false;          // time: also the hours themselves, as a number
  bool trend_ramps = true;     // time: that number has ramps, too; false: it is a straight line
  std::vector<std::string> without_month;  // time: names of those that have no month, whatever `month` says

  absl::Status Validate() const;
};

// x itself for kNone (and for kAuto, which a fitted feature never has).
double ApplyTransform(NumericTransform transform, double x);

inline constexpr double kMostUnseenExcess = 9.0;

// Fitted parameters of one feature. A numeric value x is encoded as follows: NaN → fill_value; clip to [clip_min,
// clip_max]; t = transform(x); (t − center) / scale. Under log1p, clip_min ≥ 0. Categorical: one-hot of
// vocabulary.size() + 1, the last is "other". Time: sin and cos of 2π·month/12 (month 0–11), then of 2π·month/6, then
// of weekday/7 (0 = Monday), then of hour/24, then, if `trend`, the hours since 1970 as a numeric value without a
// transform. The missing indicator, if there is one, follows the feature's other inputs.
struct FittedFeature {
  double fill_value = 0.0;  // raw row units: numeric value, category code, hours since 1970
  bool missing_indicator = false;
  double clip_min = -std::numeric_limits<double>::infinity();
  double clip_max = std::numeric_limits<double>::infinity();
  NumericTransform transform = NumericTransform::kNone;  // never kAuto
  double center = 0.0;
  double scale = 1.0;  // > 0
  // Numeric: the standard deviation of ln x over the training rows, where all are above 0 and the largest is at least
  // kDecade times the smallest; else 0. Artifacts of older releases have 0.
  double log_scale = 0.0;
  bool month = false, weekday = false, hour = false;
  // The second harmonic of the month: a season may have two peaks, or be steeper on one side.
  bool half_year = false;
  bool trend = false;  // clip_min and clip_max are finite: later times are like the last one
  // Numeric, and times with a trend: ascending limits in raw units, none or at least 2. Each neighbouring pair (a, b)
  // adds an input that rises from −½ at a to ½ at b: (t(clip(x, a, b)) − t(a)) / (t(b) − t(a)) − ½. Sums of such inputs
  // are piecewise linear in t (Gorishniy et al., "On Embeddings for Numerical Features in Tabular Deep Learning",
  // 2022, 3.2). They follow the standardised input.
  std::vector<double> ramps;
  // Categorical: what an unseen word adds to the variance of a row's error, in variances of the target, 0 to
  // kMostUnseenExcess. nullopt: not measured.
  std::optional<double> unseen_excess = std::nullopt;
};

// Immutable; safe to use concurrently.
class Preprocessor {
 public:
  // Errors: InvalidArgument if sizes differ or a parameter is out of range: artifacts are not trusted.
  static absl::StatusOr<Preprocessor> Create(Schema schema, std::vector<FittedFeature> features);

  const Schema& schema() const { return schema_; }
  const std::vector<FittedFeature>& features() const { return features_; }
  // Number of network inputs.
  int encoded_size() const { return encoded_size_; }
  // The first input of a feature.
  int offset(int feature) const { return offsets_[feature]; }
  // The first input of a numeric value, or of the trend of a time.
  int numeric_offset(int feature) const;

  // How many inputs each feature has.
  std::vector<int> InputsPerFeature() const;

  // Rejected values (ClassifyRawValue) are encoded as missing.
  // raw [n, schema.size()] → encoded [n, encoded_size()].
  RowMajorMatrix Encode(const RowMajorMatrix& raw) const;
  // One row.
  void EncodeRow(const float* raw, float* encoded) const;

 private:
  Preprocessor() = default;
  Schema schema_;
  std::vector<FittedFeature> features_;
  std::vector<int> offsets_;
  int encoded_size_ = 0;
};

// Fits vocabularies, seen ranges, transforms, centres and scales to the training rows. `limits` has an entry per
// feature; `transforms` has the overrides (kAuto: log1p for x ≥ 0 with skewness > 2, asinh for signed values with
// |skewness| > 2 or excess kurtosis > 10, both after clipping; otherwise none). Centre and scale are those of the
// imputed, clipped and transformed values. The vocabulary is ordered by frequency, then by name.
// Errors: InvalidArgument (options, sizes, log1p for a feature with negative values), those of `stop`, which is
// asked for each feature.
absl::StatusOr<Preprocessor> FitPreprocessor(const Table& training_rows, const Schema& schema,
                                             const std::vector<CleaningLimits>& limits,
                                             const std::vector<NumericTransform>& transforms,
                                             const PreprocessingOptions& options, const StopCheck& stop = nullptr);

// Table columns → raw rows [n, schema.size()] of the schema (dictionary codes become vocabulary codes, times hours).
// A feature whose column is missing or has another kind is NaN throughout.
RowMajorMatrix ToRawRows(const Table& table, const Schema& schema);
// The same of some rows of the table. Asks for each column. Errors: those of `stop`.
absl::StatusOr<RowMajorMatrix> ToRawRows(const Table& table, absl::Span<const int64_t> rows, const Schema& schema,
                                         const StopCheck& stop);

}  // namespace roicast
