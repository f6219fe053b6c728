// Names of the columns that the commands of roicast write, beside those of a table or as a table of their own.
// Training knows them again by these names (model/data/meaning/result_columns.h).
#pragma once

#include "absl/strings/string_view.h"

namespace roicast::result_columns {

// `score`: the prediction of an ROI, under this name unless another was asked for; the others of it have its name before
// them. Of other targets: this before the target's name, or "P(NAME = VALUE)".
inline constexpr absl::string_view kRoi = "roi";
inline constexpr absl::string_view kPredictedPrefix = "predicted_";
inline constexpr absl::string_view kLowSuffix = "_low";
inline constexpr absl::string_view kHighSuffix = "_high";
inline constexpr absl::string_view kWarningsSuffix = "_warnings";
inline constexpr absl::string_view kProfitProbability = "profit_probability";

// `score`, `optimize`, `plan`, `rank`.
inline constexpr absl::string_view kPredictedRoi = "predicted_roi";
inline constexpr absl::string_view kPredictedRevenue = "predicted_revenue";
inline constexpr absl::string_view kPredictedProfit = "predicted_profit";

// `optimize`, `plan`; the first two only `plan` over periods.
inline constexpr absl::string_view kPeriod = "period";
inline constexpr absl::string_view kPeriodStart = "period_start";
inline constexpr absl::string_view kPlannedSpend = "planned_spend";
inline constexpr absl::string_view kMarginalRoi = "marginal_roi";  // also `curve`
inline constexpr absl::string_view kProfitByLiftTests = "profit_by_lift_tests";

// `rank`.
inline constexpr absl::string_view kRank = "rank";

// `explain`; the last one before the name of each feature.
inline constexpr absl::string_view kPrediction = "prediction";  // also `curve`
inline constexpr absl::string_view kBaseValue = "base_value";
inline constexpr absl::string_view kAddsPrefix = "adds_";

// `curve`.
inline constexpr absl::string_view kPredictionLow = "prediction_low";
inline constexpr absl::string_view kPredictionHigh = "prediction_high";
inline constexpr absl::string_view kRevenue = "revenue";
inline constexpr absl::string_view kProfit = "profit";
inline constexpr absl::string_view kRevenueByLiftTests = "revenue_by_lift_tests";
inline constexpr absl::string_view kMarginalRoiByLiftTests = "marginal_roi_by_lift_tests";
inline constexpr absl::string_view kOutsideTrainingRange = "outside_training_range";

}  // namespace roicast::result_columns
