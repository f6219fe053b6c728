#include "model/features/word_ranges.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "base/check.h"
#include "base/status_macros.h"
#include "base/stoppable_sort.h"
#include "base/tables/vocabulary_index.h"

namespace roicast {
namespace {

constexpr double kLeastShareOutside = 0.05;
constexpr double kTimesChance = 8.0;  // of 1 / (n + 1)
constexpr double kInfinity = std::numeric_limits<double>::infinity();

struct Extent {
  int64_t rows = 0;
  double min = kInfinity, max = -kInfinity;

  void Add(double x) {
    ++rows;
    min = std::min(min, x);
    max = std::max(max, x);
  }
};

// Of each word of the vocabulary. values [rows]: NaN counts for nothing.
std::vector<Extent> ExtentsOf(const Column& words, const Feature& feature, const std::vector<double>& values) {
  const VocabularyIndex index(feature.vocabulary);
  std::vector<int> code_of;
  code_of.reserve(words.dictionary.size());
  for (const absl::string_view word : words.dictionary) code_of.push_back(index.Find(word));
  std::vector<Extent> extents(feature.vocabulary.size());
  for (size_t r = 0; r < values.size(); ++r) {
    const int32_t entry = words.codes[r];
    if (entry == kMissingCode || std::isnan(values[r])) continue;
    const int code = code_of[static_cast<size_t>(entry)];
    if (code >= 0) extents[static_cast<size_t>(code)].Add(values[r]);
  }
  return extents;
}

// sorted: the values of all rows.
bool IsNarrow(const Extent& extent, const std::vector<double>& sorted) {
  if (extent.rows == 0) return false;
  const auto first = std::lower_bound(sorted.begin(), sorted.end(), extent.min);
  const auto last = std::upper_bound(first, sorted.end(), extent.max);
  const double outside = 1.0 - static_cast<double>(last - first) / static_cast<double>(sorted.size());
  return outside >= std::max(kLeastShareOutside, kTimesChance / static_cast<double>(extent.rows + 1));
}

}  // namespace

absl::StatusOr<Preprocessor> WithWordRanges(const Preprocessor& preprocessor, const Table& rows, int numeric,
                                            const StopCheck& stop) {
  Schema schema = preprocessor.schema();
  Feature& feature = schema.features[static_cast<size_t>(numeric)];
  const FittedFeature& fitted = preprocessor.features()[static_cast<size_t>(numeric)];
  const Column* const column = rows.Find(feature.name);
  ROICAST_CHECK(feature.kind == FeatureKind::kNumeric && column != nullptr);
  std::vector<double> values, sorted;
  values.reserve(column->numbers.size());
  for (const double x : column->numbers) {
    const bool known = std::isfinite(x);
    values.push_back(known ? std::clamp(x, fitted.clip_min, fitted.clip_max)
                           : std::numeric_limits<double>::quiet_NaN());
    if (known) sorted.push_back(values.back());
  }
  ROICAST_RETURN_IF_ERROR(SortOrStop(sorted, stop));
  feature.word_ranges.clear();
  for (int f = 0; f < schema.size(); ++f) {
    const Feature& words = schema.features[static_cast<size_t>(f)];
    if (words.kind != FeatureKind::kCategorical || words.vocabulary.size() > kMaxRangedWords) continue;
    ROICAST_RETURN_IF_ERROR(CheckStop(stop));
    const std::vector<Extent> extents = ExtentsOf(*rows.Find(words.name), words, values);
    for (size_t code = 0; code < extents.size() && feature.word_ranges.size() < kMaxWordRanges; ++code) {
      if (!IsNarrow(extents[code], sorted)) continue;
      feature.word_ranges.push_back({f, static_cast<int>(code), extents[code].min, extents[code].max});
    }
  }
  return Preprocessor::Create(std::move(schema), preprocessor.features());
}

bool HasWord(const WordRange& range, const float* row) { return row[range.feature] == static_cast<float>(range.code); }

const WordRange* BrokenWordRange(const Feature& feature, const float* row, float value) {
  for (const WordRange& range : feature.word_ranges) {
    const bool broken = value < static_cast<float>(range.min) || value > static_cast<float>(range.max);
    if (broken && HasWord(range, row)) return &range;
  }
  return nullptr;
}

bool IsOutside(const Feature& feature, const float* row, float value) {
  const RawValue state = ClassifyRawValue(feature, value);
  return state == RawValue::kOutOfRange ||
         (state == RawValue::kUsual && BrokenWordRange(feature, row, value) != nullptr);
}

RangeOfRow SeenRangeOf(const Feature& feature, const float* row) {
  RangeOfRow seen{feature.seen_min, feature.seen_max, {}};
  for (const WordRange& range : feature.word_ranges) {
    if (!HasWord(range, row)) continue;
    const double min = std::max(seen.min, range.min), max = std::min(seen.max, range.max);
    if (min > max || (min == seen.min && max == seen.max)) continue;
    seen.min = min;
    seen.max = max;
    seen.by.push_back(&range);
  }
  return seen;
}

WordRangeTable::WordRangeTable(const Schema& schema) {
  for (int f = 0; f < schema.size(); ++f) {
    for (const WordRange& range : schema.features[static_cast<size_t>(f)].word_ranges) {
      if (pairs_.empty() || pairs_.back().numeric != f || pairs_.back().categorical != range.feature) {
        const size_t words = schema.features[static_cast<size_t>(range.feature)].vocabulary.size();
        pairs_.push_back({f, range.feature, static_cast<int32_t>(words), bounds_.size()});
        bounds_.resize(bounds_.size() + words + 1, -std::numeric_limits<float>::infinity());
        bounds_.resize(bounds_.size() + words + 1, std::numeric_limits<float>::infinity());
      }
      const Pair& pair = pairs_.back();
      const size_t at = pair.bounds + static_cast<size_t>(range.code);
      bounds_[at] = static_cast<float>(range.min);
      bounds_[at + static_cast<size_t>(pair.words) + 1] = static_cast<float>(range.max);
    }
  }
}

}  // namespace roicast
