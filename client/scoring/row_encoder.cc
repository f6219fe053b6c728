#include "client/scoring/row_encoder.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "base/tables/cell_text.h"
#include "client/cell_error.h"

namespace roicast::client {

RowEncoder::RowEncoder(const v1::Schema& schema, const FeatureColumns& columns, MissingSpellings missing)
    : features_(static_cast<size_t>(schema.features_size())),
      missing_(std::move(missing)),
      missing_numbers_(missing_.AnyWithDigits()) {
  for (const v1::Feature& feature : schema.features()) names_.push_back(feature.name());
  for (const FeatureColumn& found : columns.found) {
    const v1::Feature& feature = schema.features(static_cast<int>(found.feature));
    switch (feature.kind()) {
      case v1::FEATURE_KIND_CATEGORICAL:
        words_.push_back({found.column, found.feature,
                          VocabularyIndex({feature.vocabulary().begin(), feature.vocabulary().end()}, missing_),
                          static_cast<float>(feature.vocabulary_size())});
        break;
      case v1::FEATURE_KIND_TIME:
        times_.push_back({found.column, found.feature, found.form.time});
        break;
      default:
        numbers_.push_back({found.column, found.feature, found.form.number});
        break;
    }
  }
}

absl::Status RowEncoder::Encode(absl::Span<const absl::string_view> cells, float* out) const {
  std::fill(out, out + features_, std::numeric_limits<float>::quiet_NaN());
  for (const Numbers& source : numbers_) {
    ROICAST_RETURN_IF_ERROR(EncodeNumber(source, cells[source.column], out[source.feature]));
  }
  for (const Times& source : times_) {
    ROICAST_RETURN_IF_ERROR(EncodeTime(source, cells[source.column], out[source.feature]));
  }
  for (const Words& source : words_) {
    const int code = source.vocabulary.Find(cells[source.column]);
    if (code != VocabularyIndex::kMissing) {
      out[source.feature] = code == VocabularyIndex::kUnseen ? source.unseen : static_cast<float>(code);
    }
  }
  return absl::OkStatus();
}

absl::Status RowEncoder::EncodeNumber(const Numbers& source, absl::string_view cell, float& out) const {
  if (cell.empty() || (missing_numbers_ && missing_.Matches(cell))) return absl::OkStatus();
  const std::optional<double> number = ParseNumber(cell, source.form);
  if (!number.has_value() && missing_.MatchesNumber(cell)) return absl::OkStatus();
  if (!number.has_value() || std::abs(*number) > std::numeric_limits<float>::max()) {
    return Refuse(source.column, source.feature, v1::FEATURE_KIND_NUMERIC, cell);
  }
  out = static_cast<float>(*number);
  return absl::OkStatus();
}

absl::Status RowEncoder::EncodeTime(const Times& source, absl::string_view cell, float& out) const {
  if (missing_.Matches(cell)) return absl::OkStatus();
  const std::optional<int64_t> time = ParseTime(cell, source.format);
  if (!time.has_value()) return Refuse(source.column, source.feature, v1::FEATURE_KIND_TIME, cell);
  out = static_cast<float>(std::floor(static_cast<double>(*time) / 3600.0));
  return absl::OkStatus();
}

absl::Status RowEncoder::Refuse(size_t column, size_t feature, v1::FeatureKind kind, absl::string_view cell) const {
  return CellError(absl::StrCat("column ", column + 1, " \"", names_[feature], "\""), kind, TrimCell(cell));
}

std::string RowEncoder::NearestWord(size_t feature, absl::string_view word) const {
  for (const Words& words : words_) {
    if (words.feature == feature) return words.vocabulary.Nearest(word);
  }
  return "";
}

}  // namespace roicast::client
