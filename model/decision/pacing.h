// A budget over weeks or months.
//
// A campaign in a period is a campaign of its own: its row with the time feature moved to the period's beginning,
// other times of the campaign by as much, and the duration, if there is such a feature, set to the period's length.
// What one period brings does not depend on what the others got, as the model knows nothing of that.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "model/decision/budget_optimizer.h"

namespace roicast {

struct Period {
  std::string name = {};  // empty: "period 3", counted from 0
  int64_t start = 0;      // seconds since 1970-01-01T00:00Z; ascending
  double days = 7.0;      // > 0
  double min = 0.0;       // of the sum of its campaigns
  std::optional<double> max = std::nullopt;
  // What each campaign has got already; the period is then over, and nothing in it changes. Empty: still to come.
  // Periods that are over are the first ones.
  std::vector<double> spent = {};
};

// What if, when `periods` of the plan are over as planned, the whole budget becomes another one?
struct BudgetChange {
  int64_t periods = 0;  // 1 to the number of periods − 1, no fewer than are over
  double budget = 0.0;  // of the whole, what is spent by then included
};

// A time feature that moves by as much as the one of the periods.
struct MovingFeature {
  int feature = 0;
  // Behind that one by the row's duration, and by the period's length once that is the duration.
  bool by_duration = false;
};

struct PacingProblem {
  // The budget is of all periods; min, max and step of campaigns, and limits of groups, are per period. goal:
  // kMostProfit or kMostRevenue.
  BudgetProblem whole;
  std::vector<Period> periods = {};
  std::string time_feature = {};           // empty: the only time feature
  std::string duration_feature = {};       // set to Period::days; empty: `duration_days` if there is one
  std::vector<MovingFeature> moving = {};  // times beside time_feature; all others stay
  std::vector<BudgetChange> changes = {};

  absl::Status Validate() const;
};

struct PacedPeriod {
  BudgetSplit split;          // of its campaigns
  double spent_so_far = 0.0;  // by its end, with all periods before
};

struct Pacing {
  std::vector<Conflict> conflicts = {};  // `group` is the period; of groups, "period 3, social"
  std::vector<PacedPeriod> periods = {};
  Promise promise;           // of the whole
  Promise even;              // the same total, the same amount per period and campaign as far as limits allow
  bool even_allowed = true;  // whether that meets all limits
  double left = 0.0;
  std::string left_because = {};
  double shadow_price = 0.0;
  std::string no_intervals_because = {};
  std::vector<WordRange> limits_from_training = {};  // as in BudgetAnswer
};

struct ChangedPacing {
  BudgetChange change;
  Pacing plan;  // all periods, those that are over by then as planned
};

struct PacingAnswer {
  Pacing plan;
  std::vector<ChangedPacing> changes = {};  // in the order of PacingProblem::changes; none if the plan has conflicts
};

// Errors: as of OptimizeBudget; InvalidArgument (periods not ascending, a model without a time feature, or with several
// and none named).
absl::StatusOr<PacingAnswer> PlanBudget(const DecisionModel& model, const PacingProblem& problem,
                                        const StopCheck& stop);

}  // namespace roicast
