// What a model predicts along one numeric feature of a campaign, the spend as a rule, in one batched pass.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "model/decision/decision_model.h"

namespace roicast {

inline constexpr int64_t kMaxCurvePoints = 1'000'000;  // rows × values

struct ResponseCurveOptions {
  std::string feature = {};        // that varies: numeric; empty: the spend
  std::string spend_feature = {};  // as of MoneyModel::Create
  // Ascending. Empty: `points` values over [from, to], in equal ratios where to ≥ 10 · from > 0, else in equal steps.
  std::vector<double> grid = {};
  std::optional<double> from = std::nullopt,
                        to = std::nullopt;     // unset: the lowest and the highest value that training saw
  int points = 50;                             // ≥ 2
  std::optional<double> interval_level = 0.9;  // (0, 1); unset: no intervals
  // Whether revenue, profit and ROI are wanted; else the prediction alone, of any model.
  bool money = true;

  // Errors: InvalidArgument (a grid that is empty by from ≥ to, not ascending or not finite, named by its index;
  // a level or a number of points out of range).
  absl::Status Validate() const;
};

// One number per value of the curve. low, high: empty without intervals.
struct CurveBand {
  std::vector<double> value, low, high;
};

// Of one campaign.
struct ResponseCurve {
  std::string feature = {};
  std::vector<double> at = {};  // the feature's values, ascending; each is rounded to float32, as in a raw row
  // Predict's answer for the row with the feature's value, to the bit.
  std::vector<float> prediction, low, high;
  // Of money: empty unless wanted. Revenue and profit = revenue − spend are in the unit of the spend.
  CurveBand revenue, profit, roi;
  // Along the spend: marginal ROI = Δprofit / Δspend between the values on both sides (of the end, and the next one);
  // along any other feature: ΔROI per unit of it. low, high: the same of the lower and of the upper ends of the
  // intervals, ordered; they say how the slope would be if the truth kept to an end all along.
  CurveBand marginal_roi;
  // 1: the feature's value is outside the range that training saw, at large or with the row's words.
  std::vector<uint8_t> outside = {};
  double seen_min = 0.0, seen_max = 0.0;  // that range: SeenRangeOf
  bool other_warnings = false;            // a value of another feature is imputed, unseen or outside
  std::string no_intervals_because = {};  // empty if there are, or if none were asked for
};

// rows [n, schema size], n ≥ 1: one curve each. Errors: InvalidArgument (options; n · values > kMaxCurvePoints, named;
// a row, or a value of the grid, that the model refuses: named as Predict does), FailedPrecondition (those of
// MoneyModel::Create if money is wanted), stop's.
absl::StatusOr<std::vector<ResponseCurve>> ResponseCurves(const DecisionModel& model, absl::Span<const float> rows,
                                                          const ResponseCurveOptions& options, const StopCheck& stop);

// Δy / Δx between the neighbours on both sides (of an end: and the next one); x: at least 2, ascending.
std::vector<double> SlopesAlong(const std::vector<double>& x, const std::vector<double>& y);

}  // namespace roicast
