#include "model/decision/outcome_table.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "model/decision/filled_errors.h"
#include "model/uncertainty/conformal.h"

namespace roicast {
namespace {

// Rows that are made at once: 1 MiB of a schema of 16 features.
constexpr size_t kRowsAtOnce = 16'384;

}  // namespace

absl::StatusOr<OutcomeTable> OutcomeTable::Create(const MoneyModel& money, const BudgetProblem& problem,
                                                  const MoneyUnit& unit, const StopCheck& stop) {
  const size_t expected = problem.campaigns.size() * static_cast<size_t>(money.schema().size());
  if (problem.rows.size() != expected) {
    return absl::InvalidArgumentError(absl::StrCat("rows: expected ", problem.campaigns.size(), " times ",
                                                   money.schema().size(), " values, got ", problem.rows.size()));
  }
  OutcomeTable table(money, problem, unit);
  ROICAST_ASSIGN_OR_RETURN(table.lift_, LiftFactorsOf(money, problem.rows, problem.lift_tests, stop));
  if (problem.lower_bound_level.has_value()) {
    ROICAST_ASSIGN_OR_RETURN(IntervalQuestion asked,
                             AskForIntervals(money.model(), 2.0 * *problem.lower_bound_level - 1.0));
    if (!asked.question.has_value()) {
      return absl::FailedPreconditionError(absl::StrCat("lower_bound_level: ", asked.missing_because));
    }
    table.lower_ = std::move(asked.question);
    table.lower_quantile_ = NormalQuantile(*problem.lower_bound_level);
  }
  return table;
}

void OutcomeTable::FillRow(int32_t campaign, int64_t units, float* row) const {
  const auto features = static_cast<size_t>(money_->schema().size());
  std::copy_n(Row(campaign), features, row);
  money_->SetSpend(static_cast<float>(unit_.ToMoney(units)), row);
}

double OutcomeTable::LiftedLow(int32_t campaign, double roi, double low) const {
  const LiftFactor& tested = lift(campaign);
  if (tested.tests == 0) return low;
  const double of_model = tested.factor * (roi - low);
  const double of_tests = lower_quantile_ * tested.standard_error * (1.0 + roi);
  return LiftedRoi(campaign, roi) - std::sqrt(of_model * of_model + of_tests * of_tests);
}

double OutcomeTable::ValueOf(double roi, double spend) const {
  switch (problem_->goal) {
    case BudgetGoal::kMostRevenue:
    case BudgetGoal::kLeastBudget:
    case BudgetGoal::kTargetRoi:
      return (1.0 + roi) * spend;
    case BudgetGoal::kTargetMarginalRoi:
      return (roi - problem_->target) * spend;
    case BudgetGoal::kMostProfit:
      break;
  }
  return roi * spend;
}

absl::Status OutcomeTable::Fill(const Amounts& amounts, std::vector<double>& roi, std::vector<double>& value,
                                const StopCheck& stop) const {
  const size_t n = amounts.size(), features = static_cast<size_t>(money_->schema().size());
  roi.assign(n, std::numeric_limits<double>::quiet_NaN());
  value.assign(n, 0.0);
  std::vector<float> rows;
  std::vector<size_t> indices;
  std::vector<double> rois, lows;
  std::vector<VariedRow> varied;
  for (size_t next = 0; next < n;) {
    indices.clear();
    for (; next < n && indices.size() < kRowsAtOnce; ++next) {
      if (amounts.units[next] > 0) indices.push_back(next);
    }
    rows.resize(indices.size() * features);
    for (size_t i = 0; i < indices.size(); ++i) {
      FillRow(amounts.campaign[indices[i]], amounts.units[indices[i]], rows.data() + i * features);
    }
    rois.resize(indices.size());
    lows.resize(lower_.has_value() ? indices.size() : 0);
    ROICAST_RETURN_IF_ERROR(money_->Evaluate(rows, lower_.has_value() ? &*lower_ : nullptr,
                                             {absl::MakeSpan(rois), absl::MakeSpan(lows), {}, {}}, stop));
    if (lower_.has_value()) {
      varied.clear();
      for (const size_t at : indices) {
        varied.push_back({Row(amounts.campaign[at]), static_cast<float>(unit_.ToMoney(amounts.units[at]))});
      }
      ROICAST_ASSIGN_OR_RETURN(const FilledErrors filled, FilledRoiErrorsOf(*money_, varied, lower_quantile_, stop));
      const double lowest = LowestRoi(*money_->model().facts);
      for (size_t i = 0; i < filled.below.size(); ++i) lows[i] = LowWith(rois[i], lows[i], filled.below[i], lowest);
    }
    for (size_t i = 0; i < indices.size(); ++i) {
      const size_t at = indices[i];
      if (std::isnan(rois[i])) {
        std::vector<RowWarning> warnings;
        const absl::Status refused = money_->model().predictor->Explain(rows.data() + i * features, warnings);
        const std::string name = problem_->NameOf(amounts.campaign[at]);
        return refused.ok() ? absl::InternalError(absl::StrCat(name, ": the prediction is NaN"))
                            : WithContext(refused, name);
      }
      roi[at] = rois[i];
      const double counted =
          lows.empty() ? LiftedRoi(amounts.campaign[at], rois[i]) : LiftedLow(amounts.campaign[at], rois[i], lows[i]);
      value[at] = ValueOf(counted, unit_.ToMoney(amounts.units[at]));
    }
  }
  return absl::OkStatus();
}

}  // namespace roicast
