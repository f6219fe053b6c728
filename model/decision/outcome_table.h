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
  // bound of a model without calibration).
  static absl::StatusOr<OutcomeTable> Create(const MoneyModel& money, const BudgetProblem& problem,
                                             const MoneyUnit& unit);

  // The row of a campaign with an amount.
  void FillRow(int32_t campaign, int64_t units, float* row) const;

  // roi, value [amounts]: what the model answers (NaN for an amount of 0), and what the goal adds up: profit, revenue,
  // or profit − target · spend; of the lower bound if the problem asks for that. 0 for an amount of 0. Errors:
  // InvalidArgument (a row that the model refuses, named), stop's.
  absl::Status Fill(const Amounts& amounts, std::vector<double>& roi, std::vector<double>& value,
                    const StopCheck& stop) const;

  double ValueOf(double roi, double spend) const;

 private:
  OutcomeTable(const MoneyModel& money, const BudgetProblem& problem, const MoneyUnit& unit)
      : money_(&money), problem_(&problem), unit_(unit) {}

  const MoneyModel* money_;
  const BudgetProblem* problem_;
  MoneyUnit unit_;
  std::optional<Uncertainty::Question> lower_;
};

}  // namespace roicast
