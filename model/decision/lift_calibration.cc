#include "model/decision/lift_calibration.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace roicast {

absl::Status LiftTest::Validate() const {
  if (!(low_spend >= 0 && low_spend < high_spend) || std::isinf(high_spend)) {
    return absl::InvalidArgumentError(
        absl::StrCat("spend: expected 0 ≤ low < high, got ", low_spend, " and ", high_spend));
  }
  if (!std::isfinite(incremental_revenue)) {
    return absl::InvalidArgumentError(
        absl::StrCat("incremental_revenue: expected a number, got ", incremental_revenue));
  }
  if (!(standard_error > 0) || std::isinf(standard_error)) {
    return absl::InvalidArgumentError(absl::StrCat("standard_error: expected > 0, got ", standard_error));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::optional<LiftCalibration>> CalibrateByLift(const MoneyModel& model, absl::Span<const float> row,
                                                               absl::Span<const LiftTest> tests,
                                                               const StopCheck& stop) {
  if (tests.empty()) return std::nullopt;
  std::vector<double> spends;
  for (const LiftTest& test : tests) {
    ROICAST_RETURN_IF_ERROR(test.Validate());
    spends.push_back(test.low_spend);
    spends.push_back(test.high_spend);
  }
  std::vector<float> rows;
  for (const double spend : spends) {
    rows.insert(rows.end(), row.begin(), row.end());
    rows[rows.size() - row.size() + static_cast<size_t>(model.spend_feature())] = static_cast<float>(spend);
  }
  std::vector<double> roi(spends.size());
  ROICAST_RETURN_IF_ERROR(model.Evaluate(rows, nullptr, {absl::MakeSpan(roi), {}, {}, {}}, stop));
  std::vector<double> revenue(spends.size());
  for (size_t i = 0; i < spends.size(); ++i) {
    // A campaign without money does not run.
    revenue[i] = spends[i] > 0 ? (1 + roi[i]) * spends[i] : 0.0;
    if (std::isnan(revenue[i])) {
      return absl::InvalidArgumentError(absl::StrCat("spend: the model takes no spend of ", spends[i]));
    }
  }
  double products = 0, squares = 0;
  for (size_t i = 0; i < tests.size(); ++i) {
    const double expected = revenue[2 * i + 1] - revenue[2 * i];
    const double weight = 1 / (tests[i].standard_error * tests[i].standard_error);
    products += weight * expected * tests[i].incremental_revenue;
    squares += weight * expected * expected;
  }
  if (!(squares > 0)) return std::nullopt;
  LiftCalibration calibration;
  calibration.factor = products / squares;
  calibration.standard_error = 1 / std::sqrt(squares);
  const auto lowest = std::min_element(spends.begin(), spends.end());
  calibration.base_spend = *lowest;
  calibration.base_revenue = revenue[static_cast<size_t>(lowest - spends.begin())];
  return calibration;
}

}  // namespace roicast
