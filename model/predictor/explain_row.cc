#include "model/predictor/explain_row.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "model/features/preprocessor.h"
#include "model/features/word_ranges.h"

namespace roicast::predictor {
namespace {

absl::Status Refused(const Feature& feature, RawValue state, float value) {
  std::string expected = "a finite number";
  if (state == RawValue::kNotAllowed) {
    switch (feature.kind) {
      case FeatureKind::kNumeric:
        expected = AllowedRange(feature);
        break;
      case FeatureKind::kCategorical:
        expected = "a code ≥ 0";
        break;
      case FeatureKind::kTime:
        expected = "hours since 1970 within the years 1900 to 2199";
        break;
    }
  }
  return absl::InvalidArgumentError(absl::StrCat(feature.name, ": expected ", expected, ", got ", value));
}

}  // namespace

absl::Status ExplainRow(const Schema& schema, const float* row, std::vector<RowWarning>& warnings) {
  const size_t before = warnings.size();
  for (int f = 0; f < schema.size(); ++f) {
    const RawValue state = ClassifyRawValue(schema.features[f], row[f]);
    switch (state) {
      case RawValue::kUsual:
        if (BrokenWordRange(schema.features[f], row, row[f]) != nullptr) {
          warnings.push_back({WarningKind::kValueOutOfWordRange, f});
        }
        break;
      case RawValue::kMissing:
        warnings.push_back({WarningKind::kValueImputed, f});
        break;
      case RawValue::kUnseen:
        warnings.push_back({WarningKind::kCategoryUnseen, f});
        break;
      case RawValue::kOutOfRange:
        warnings.push_back({WarningKind::kValueOutOfRange, f});
        break;
      case RawValue::kNotFinite:
      case RawValue::kNotAllowed:
        warnings.resize(before);
        return Refused(schema.features[f], state, row[f]);
    }
  }
  return absl::OkStatus();
}

}  // namespace roicast::predictor
