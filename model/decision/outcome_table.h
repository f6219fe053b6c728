// What campaigns bring at amounts of spend, by the model.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "model/decision/budget_problem.h"
#include "model/decision/decision_model.h"
#include "model/decision/resolved_budget.h"

namespace roicast {

// Amounts of some campaigns; one campaign's follow each other.
struct Amounts {
  std::vector<int32_t> campaign;
  std::vector<int64_t> units;

  void Add(int32_t index, int64_t amount) {
    campaign.push_back(index);
    units.push_back(amount);
  }
  size_t size() const { return campaign.size(); }
};

// Refers to the problem and the model.
class OutcomeTable {
 public:
  // Errors: InvalidArgument (the rows do not fit the schema, by their number of values), FailedPrecondition (a lower
  // bound of a model without calibration), those of LiftFactorsOf.
  static absl::StatusOr<OutcomeTable> Create(const MoneyModel& money, const BudgetProblem& problem,
                                             const MoneyUnit& unit, const StopCheck& stop);

  const MoneyModel& money() const { return *money_; }

  // The row of a campaign as it came.
  const float* Row(int32_t campaign) const {
    return problem_->rows.data() + static_cast<size_t>(campaign) * static_cast<size_t>(money_->schema().size());
  }
  // The row of a campaign with an amount, and with what moves along.
  void FillRow(int32_t campaign, int64_t units, float* row) const;

  // roi, value [amounts]: what the model answers (NaN for an amount of 0), and what the goal adds up: profit, revenue,
  // or profit − target · spend, by the lift tests; of the lower bound if the problem asks for that. 0 for an amount of
  // 0. Errors: InvalidArgument (a row that the model refuses, named), stop's.
  absl::Status Fill(const Amounts& amounts, std::vector<double>& roi, std::vector<double>& value,
                    const StopCheck& stop) const;

  double ValueOf(double roi, double spend) const;

  // Of a campaign.
  const LiftFactor& lift(int32_t campaign) const { return lift_[static_cast<size_t>(campaign)]; }
  // What a predicted ROI is by the lift tests; the same to the bit without any.
  double LiftedRoi(int32_t campaign, double roi) const {
    return lift(campaign).tests == 0 ? roi : (1.0 + roi) * lift(campaign).factor - 1.0;
  }

 private:
  OutcomeTable(const MoneyModel& money, const BudgetProblem& problem, const MoneyUnit& unit)
      : money_(&money), problem_(&problem), unit_(unit) {}

  // The same of the lower bound `low` of a predicted ROI: it is below by the model's error, and by that of the tests.
  double LiftedLow(int32_t campaign, double roi, double low) const;

  const MoneyModel* money_;
  const BudgetProblem* problem_;
  MoneyUnit unit_;
  std::optional<Uncertainty::Question> lower_;
  double lower_quantile_ = 0.0;   // of a normal distribution
  std::vector<LiftFactor> lift_;  // [campaigns]
};

}  // namespace roicast
