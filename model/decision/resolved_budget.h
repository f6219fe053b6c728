// A budget problem in whole units, with every limit known.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "model/decision/budget_problem.h"
#include "model/decision/conflict.h"
#include "model/decision/decision_model.h"
#include "model/decision/split_search.h"

namespace roicast {

// Money ↔ whole units.
class MoneyUnit {
 public:
  explicit MoneyUnit(double unit);
  double ToMoney(int64_t units) const;  // the nearest double
  // An amount within a millionth of a unit of a whole number is that number.
  int64_t RoundDown(double money) const;
  int64_t RoundUp(double money) const;
  int64_t Nearest(double money) const;
  double unit() const { return unit_; }

 private:
  double unit_;
  double per_money_;  // units in 1, if that is a whole number; else 0
};

int64_t SumOfUnits(const std::vector<int64_t>& units);

struct ResolvedCampaign {
  int64_t min = 0, max = 0;  // with steps, max is one
  int64_t step = 0;          // 0: any amount
  bool may_skip = false;     // 0 is allowed, too; false if min is 0
  int group = -1;

  bool any_amount() const { return step == 0 && min < max; }
  int64_t least() const { return may_skip ? 0 : min; }
  // The largest amount that it may get of at most `units`; its least if there is none.
  int64_t Allowed(int64_t units) const;
  bool Allows(int64_t units) const { return units == Allowed(units); }
  // The least that it can get more than an amount of its own; kNoLimit: nothing.
  int64_t LeastMore(int64_t units) const;
};

struct ResolvedBudget {
  MoneyUnit unit;
  std::vector<ResolvedCampaign> campaigns;
  std::vector<std::string> group_names;
  std::vector<SearchGroup> groups;
  int64_t budget = kNoLimit;
  bool exact = false;
  // What limits campaigns that have none of their own, beyond the range of training at large.
  std::vector<WordRange> from_training;

  // Whether amounts [campaigns] meet all limits.
  bool Allows(const std::vector<int64_t>& spend) const;
  // Of amounts [campaigns], the sum of each group.
  std::vector<int64_t> SumsOfGroups(const std::vector<int64_t>& spend) const;
  // What each group may get beyond amounts [campaigns], by its maximum and those of the groups around it.
  std::vector<int64_t> RoomOfGroups(const std::vector<int64_t>& spend) const;
  // The campaign that needs least to get a step more or its minimum; −1: none. Those that run and may get any amount do
  // not count.
  int CheapestStep(const std::vector<int64_t>& spend) const;
  // Whether a campaign's group (−1: none) is `group` or within it.
  bool IsIn(int of_campaign, int group) const;
};

// problem: valid. A campaign without a min or max of its own may get what campaigns with its words had in training
// (SeenRangeOf; less a tenth of it at ends that others went beyond), and what it gets today, as far as that is within
// the range of training. Errors: InvalidArgument (bounds that the spend's allowed range refuses; no amount between the
// bounds that is one of units and steps; bounds over BudgetProblem::MostUnits).
absl::StatusOr<ResolvedBudget> ResolveBudget(const BudgetProblem& problem, const MoneyModel& money);

// Which sums of limits contradict each other; empty: none does. problem: of which `budget` is made.
std::vector<Conflict> FindConflicts(const ResolvedBudget& budget, const BudgetProblem& problem);

}  // namespace roicast
