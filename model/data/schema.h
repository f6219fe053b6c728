// The ordered features of a model, which define its raw rows.
#pragma once

#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "model/data/table.h"

namespace roicast {

enum class FeatureGroup { kUnspecified, kBehaviour, kProduct, kAd, kContext };

inline constexpr int kAllMonths = 0xFFF;

// Limits of Feature::word_ranges.
inline constexpr size_t kMaxRangedWords = 64;  // words of a feature whose words have ranges
inline constexpr size_t kMaxWordRanges = 256;  // of one numeric feature

// What a numeric feature was among the training rows that have one word in a categorical feature.
struct WordRange {
  int feature = 0;  // index in the schema
  int code = 0;     // of the word
  double min = 0.0, max = 0.0;
};

struct Feature {
  std::string name;
  FeatureKind kind = FeatureKind::kNumeric;
  FeatureGroup group = FeatureGroup::kUnspecified;
  std::string unit;
  // Numeric: values outside are rejected when serving. Infinite: no bound.
  double allowed_min = -std::numeric_limits<double>::infinity();
  double allowed_max = std::numeric_limits<double>::infinity();
  bool allowed_min_exclusive = false;
  // Categorical: the index is the category's code.
  std::vector<std::string> vocabulary;
  // Numeric: the range of the training rows after cleaning; values outside cause a warning when serving. Time: the
  // first and the last hour of the training rows; infinite: not known.
  double seen_min = -std::numeric_limits<double>::infinity();
  double seen_max = std::numeric_limits<double>::infinity();
  // Numeric: by words whose training rows had much less than that range (WithWordRanges), in order of feature and code.
  std::vector<WordRange> word_ranges;
  // Time: bit m is set if the training rows have month m, 0 = January. All are: nothing is known to be missing.
  int seen_months = kAllMonths;

  // Whether a finite value is within the allowed range.
  bool Allows(double value) const {
    return value <= allowed_max && (allowed_min_exclusive ? value > allowed_min : value >= allowed_min);
  }
};

// The allowed range of a numeric feature, for messages: "> 0", "≥ 0", "≤ 5", "0 to 1", "> 0 and ≤ 1"; without bounds "a
// number within float32's range".
std::string AllowedRange(const Feature& feature);

struct Schema {
  std::vector<Feature> features;

  int size() const { return static_cast<int>(features.size()); }
  // −1 if there is none. Linear: resolve once, not per row.
  int IndexOf(absl::string_view name) const;
  // The names of the features in order, for messages.
  std::vector<std::string> Names() const;
  // SHA-256 of names, kinds and vocabularies in order; 64 lower-case hexadecimal digits.
  std::string Digest() const;
};

// A raw row is `schema.size()` float32 in schema order. Numeric: the value. Categorical: the code; any other
// non-negative number is a category outside the vocabulary (kUnseenCode by convention). Time: whole hours since
// 1970-01-01T00:00Z (exact in float32 until the year 3880). NaN = missing.
inline constexpr float kUnseenCode = 1e6f;

// Seconds since 1970 → whole hours since 1970, rounded down, as used in raw rows. NaN stays NaN.
float HoursSinceEpoch(double unix_seconds);
// Exact for all int64.
float HoursSinceEpoch(int64_t unix_seconds);

// The 20 features of the default schema `campaign`, with groups, units and allowed ranges, without vocabularies.
const Schema& CampaignSchema();

}  // namespace roicast
