#include "client/rows/row_builder.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/status_macros.h"

namespace roicast::client {
namespace {

constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();
// 1900-01-01 and the end of 2199, in seconds since 1970.
constexpr int64_t kFirstSecond = -2208988800;
constexpr int64_t kEndSecond = 7258118400;

absl::string_view KindWords(v1::FeatureKind kind) {
  switch (kind) {
    case v1::FEATURE_KIND_NUMERIC:
      return "a number";
    case v1::FEATURE_KIND_CATEGORICAL:
      return "a word";
    case v1::FEATURE_KIND_TIME:
      return "a time";
    default:
      return "a kind that this client does not know";
  }
}

}  // namespace

RowBuilder::RowBuilder(std::shared_ptr<const RowSchema> schema)
    : schema_(std::move(schema)), values_(schema_->size(), kMissing) {}

void RowBuilder::Clear() { std::fill(values_.begin(), values_.end(), kMissing); }

absl::Status RowBuilder::CheckKind(size_t feature, v1::FeatureKind given) const {
  ROICAST_CHECK(feature < values_.size());
  const v1::Feature& expected = schema_->feature(feature);
  if (expected.kind() == given) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("\"", expected.name(), "\": expected ", KindWords(expected.kind()), ", got ", KindWords(given)));
}

absl::Status RowBuilder::SetNumber(size_t feature, double number) {
  ROICAST_RETURN_IF_ERROR(CheckKind(feature, v1::FEATURE_KIND_NUMERIC));
  if (std::abs(number) > std::numeric_limits<float>::max()) {
    return absl::InvalidArgumentError(absl::StrCat("\"", schema_->feature(feature).name(),
                                                   "\": expected a number within float32's range, got ", number));
  }
  values_[feature] = static_cast<float>(number);
  return absl::OkStatus();
}

absl::Status RowBuilder::SetWord(size_t feature, absl::string_view word) {
  ROICAST_RETURN_IF_ERROR(CheckKind(feature, v1::FEATURE_KIND_CATEGORICAL));
  values_[feature] = schema_->CodeOf(feature, word);
  return absl::OkStatus();
}

absl::Status RowBuilder::SetTime(size_t feature, absl::Time time) {
  ROICAST_RETURN_IF_ERROR(CheckKind(feature, v1::FEATURE_KIND_TIME));
  const int64_t seconds = absl::ToUnixSeconds(time);
  if (seconds < kFirstSecond || seconds >= kEndSecond) {
    return absl::InvalidArgumentError(absl::StrCat("\"", schema_->feature(feature).name(),
                                                   "\": expected a time in the years 1900 to 2199, got ",
                                                   absl::FormatTime(time, absl::UTCTimeZone())));
  }
  values_[feature] = static_cast<float>(std::floor(static_cast<double>(seconds) / 3600));
  return absl::OkStatus();
}

absl::Status RowBuilder::SetNumber(absl::string_view feature, double number) {
  ROICAST_ASSIGN_OR_RETURN(const size_t position, schema_->Find(feature));
  return SetNumber(position, number);
}

absl::Status RowBuilder::SetWord(absl::string_view feature, absl::string_view word) {
  ROICAST_ASSIGN_OR_RETURN(const size_t position, schema_->Find(feature));
  return SetWord(position, word);
}

absl::Status RowBuilder::SetTime(absl::string_view feature, absl::Time time) {
  ROICAST_ASSIGN_OR_RETURN(const size_t position, schema_->Find(feature));
  return SetTime(position, time);
}

v1::DenseRow RowBuilder::ToDenseRow() const {
  v1::DenseRow row;
  WriteTo(&row);
  return row;
}

void RowBuilder::WriteTo(v1::DenseRow* row) const {
  row->mutable_values()->Assign(values_.begin(), values_.end());
  row->set_schema_digest(schema_->digest());
}

}  // namespace roicast::client
