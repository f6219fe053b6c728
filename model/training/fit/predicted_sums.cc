#include "model/training/fit/predicted_sums.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <utility>

#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/types/span.h"
#include "base/check.h"
#include "base/status_macros.h"
#include "model/data/target_description.h"
#include "model/training/fit/diminishing_returns.h"

namespace roicast {
namespace {

constexpr double kMostDifference = 0.02;
constexpr double kNormalQuantile995 = 2.5758293035489004;
constexpr int64_t kFewestRowsOfSums = 100;

struct Difference {
  double share = 0.0;  // of the outcomes' sum; > 0: predictions are too high
  double error = 0.0;  // the standard error of `share`
  int64_t rows = 0;

  bool Matters() const {
    return rows >= kFewestRowsOfSums && std::abs(share) > kMostDifference &&
           std::abs(share) > kNormalQuantile995 * error;
  }
};

// Of weight · (value + shift). weights: empty = all 1; rows whose weight is not finite do not count.
Difference Compare(const UnseenRows& rows, absl::Span<const double> weights, double shift) {
  Difference difference;
  std::vector<double> of_group(rows.truth.size(), 0.0);
  double actual = 0.0, excess = 0.0, squares = 0.0;
  for (size_t i = 0; i < rows.truth.size(); ++i) {
    const double weight = weights.empty() ? 1.0 : weights[i];
    if (!std::isfinite(weight) || !std::isfinite(rows.predicted[i])) continue;
    // What is not a return may have either sign.
    actual += weight * (shift != 0.0 ? rows.truth[i] + shift : std::abs(rows.truth[i]));
    excess += weight * (rows.predicted[i] - rows.truth[i]);
    of_group[static_cast<size_t>(rows.groups[i])] += weight * (rows.predicted[i] - rows.truth[i]);
    ++difference.rows;
  }
  if (!(actual > 0.0)) return Difference();
  for (const double each : of_group) squares += each * each;
  difference.share = excess / actual;
  difference.error = std::sqrt(squares) / actual;
  return difference;
}

std::string Say(const char* predicted, const Difference& difference, const char* actual) {
  return absl::StrFormat("%s %.1f %% %s than %s (by chance at most %.1f %%)", predicted,
                         100.0 * std::abs(difference.share), difference.share < 0.0 ? "lower" : "higher", actual,
                         100.0 * kNormalQuantile995 * difference.error);
}

}  // namespace

absl::StatusOr<UnseenRows> MakeUnseenRows(const PreparedData& data, const RowPart& part, std::vector<double> predicted,
                                          const StopCheck& stop) {
  UnseenRows rows;
  rows.truth = part.roi;
  rows.predicted = std::move(predicted);
  ROICAST_ASSIGN_OR_RETURN(rows.groups, part.EqualRows(stop));
  const absl::StatusOr<int> spend = SpendFeatureOf(data);
  if (!spend.ok() || !DescribeTarget(data.target).is_roi) return rows;
  for (Eigen::Index row = 0; row < part.raw.rows(); ++row) rows.spend.push_back(part.raw(row, *spend));
  return rows;
}

std::optional<DataWarning> JudgeSums(const UnseenRows& rows, const FittedTarget& target, bool is_roi) {
  if (target.kind == TargetKind::kTwoValued || target.statistic == PredictionStatistic::kMedian) return std::nullopt;
  ROICAST_CHECK(rows.predicted.size() == rows.truth.size() && rows.groups.size() == rows.truth.size());
  std::vector<std::string> findings;
  int64_t count = 0;
  const auto judge = [&](const Difference& difference, const char* predicted, const char* actual) {
    if (!difference.Matters()) return;
    findings.push_back(Say(predicted, difference, actual));
    count = std::max(count, difference.rows);
  };
  if (is_roi && !rows.spend.empty()) {
    judge(Compare(rows, rows.spend, 1.0), "the predicted revenue is in sum", "the actual one");
  }
  if (is_roi) {
    judge(Compare(rows, {}, 1.0), "what predictions say that 1 of spend returns is in the mean", "what it returned");
  } else {
    judge(Compare(rows, {}, 0.0), "predictions are in sum", "the outcomes");
  }
  if (findings.empty()) return std::nullopt;
  DataWarning warning;
  warning.serious = true;
  warning.message = absl::StrFormat(
      "predictions do not add up: on %d rows that were not learnt from, %s; sums of predictions, splits "
      "of budgets and their promises inherit this",
      count, absl::StrJoin(findings, ", and "));
  if (target.transform != TargetTransform::kNone) warning.flags.push_back("--target-transform none");
  return warning;
}

}  // namespace roicast
