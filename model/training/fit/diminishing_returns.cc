#include "model/training/fit/diminishing_returns.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "model/data/spend_feature.h"
#include "model/data/target_description.h"

namespace roicast {
namespace {

absl::Status Expected(absl::string_view expected, absl::string_view got) {
  return absl::InvalidArgumentError(
      absl::StrCat("extra.diminishing_returns (--diminishing-returns): expected ", expected, ", got ", got));
}

// Asks for the logarithm of the spend. Errors: InvalidArgument (the spec asks for another transform).
absl::Status TakeLogarithm(const std::string& spend, TrainingSpec& spec) {
  for (ColumnOverride& column : spec.columns) {
    if (column.name != spend) continue;
    if (column.transform != NumericTransform::kAuto && column.transform != NumericTransform::kLog1p) {
      return Expected("log1p, or none, as the transform of the spend", "another one");
    }
    column.transform = NumericTransform::kLog1p;
    return absl::OkStatus();
  }
  ColumnOverride column;
  column.name = spend;
  column.transform = NumericTransform::kLog1p;
  spec.columns.push_back(std::move(column));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<int> SpendFeatureOf(const PreparedData& data) {
  const int named = data.schema.IndexOf(data.target.spend_column);
  if (!data.target.spend_column.empty() && named >= 0 && data.schema.features[named].kind == FeatureKind::kNumeric) {
    return named;
  }
  const absl::StatusOr<int> found = FindSpendFeature(data.schema, {});
  if (found.ok()) return *found;
  return Expected("a numeric feature that holds the spend (--include brings a column back)", "none");
}

absl::StatusOr<TrainingSpec> WithDiminishingReturns(const PreparedData& data, TrainingSpec spec) {
  if (data.target.kind == TargetKind::kTwoValued) return Expected("an ROI as the target", "one of two values");
  if (data.target.kind == TargetKind::kZeroHeavy) return Expected("a number as the target", "a zero-heavy one");
  const TargetDescription target = DescribeTarget(data.target);
  if (!target.is_roi) return Expected("an ROI as the target", absl::StrCat("\"", target.name, "\""));
  int64_t without = 0;
  for (const std::vector<int64_t>* rows : {&data.split.train, &data.split.validation, &data.split.holdout}) {
    const std::vector<double> part = data.RoiOf(*rows);
    without += std::count_if(part.begin(), part.end(), [](double roi) { return roi <= kLowestRoi; });
  }
  if (without > 0) {
    return Expected("a revenue above 0 in every row, of which there is a logarithm",
                    absl::StrCat(without, " rows with a revenue of 0 or less (ROI −1)"));
  }
  if (spec.target_transform != TargetTransform::kAuto && spec.target_transform != TargetTransform::kLog1p) {
    return Expected("log1p, or none, as preprocessing.target_transform (--target-transform)", "another one");
  }
  ROICAST_ASSIGN_OR_RETURN(const int spend, SpendFeatureOf(data));
  ROICAST_RETURN_IF_ERROR(TakeLogarithm(data.schema.features[spend].name, spec));
  spec.target_transform = TargetTransform::kLog1p;
  spec.target.kind = TargetKind::kNumber;
  return spec;
}

absl::StatusOr<Preprocessor> WithPlainSpend(const Preprocessor& preprocessor, int spend) {
  std::vector<FittedFeature> features = preprocessor.features();
  FittedFeature& feature = features[static_cast<size_t>(spend)];
  feature.clip_min = 0.0;
  feature.clip_max = std::numeric_limits<double>::infinity();
  feature.ramps.clear();
  return Preprocessor::Create(preprocessor.schema(), std::move(features));
}

LinearInput BoundSpend(const Preprocessor& preprocessor, const FittedTarget& target, int spend) {
  LinearInput bounds;
  bounds.input = preprocessor.numeric_offset(spend);
  // The weight w of the standardised logarithm is b = −w · factor / scale.
  bounds.lowest = -preprocessor.features()[static_cast<size_t>(spend)].scale / target.factor;
  bounds.highest = 0.0;
  const int first = preprocessor.offset(spend);
  for (int i = 0; i < preprocessor.InputsPerFeature()[static_cast<size_t>(spend)]; ++i)
    bounds.hidden.push_back(first + i);
  return bounds;
}

double SpendElasticity(const Preprocessor& preprocessor, const FittedTarget& target, const Mlp& mlp, int spend) {
  std::vector<float> row(static_cast<size_t>(preprocessor.encoded_size()), 0.0f);
  const double at_mean = mlp.Evaluate(row.data());
  row[static_cast<size_t>(preprocessor.numeric_offset(spend))] = 1.0f;
  const double weight = mlp.Evaluate(row.data()) - at_mean;
  return 1.0 + weight * target.factor / preprocessor.features()[static_cast<size_t>(spend)].scale;
}

}  // namespace roicast
