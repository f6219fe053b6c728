// How to spend: the campaigns, what each may get, and what is wanted.
//
// Money is counted in whole units (`unit`, a cent by default), so that sums are exact. Limits are rounded inwards to
// units: minima up, maxima and the budget down. A split meets the budget exactly: the sum of its amounts, in units, is
// at most the budget, and equal to it with `spend_all`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "base/memory_budget.h"
#include "model/data/schema.h"
#include "model/decision/lift_calibration.h"

namespace roicast {

inline constexpr int64_t kMaxBudgetCampaigns = 10'000;
inline constexpr int64_t kMaxBudgetCells = 2'000'000;  // campaigns × levels
inline constexpr int64_t kMaxLiftTests = 100;
inline constexpr int64_t kMaxBudgetGroups = 20'000;   // of a plan: groups and one more, times periods
inline constexpr int kMaxGroupDepth = 8;              // groups around a campaign, beside the period of a plan
inline constexpr size_t kMaxBudgetNameBytes = 1'024;  // of a campaign, a group or a period

struct BudgetCampaign {
  std::string name = {};  // for messages; empty: "campaign 3", counted from 0
  // Unset: the campaign is left out, or gets at least the lowest spend that campaigns with its words had in training
  // (Feature::word_ranges), or its present one if that is lower (any spend, if `max` is below what training saw). ≥ 0.
  std::optional<double> min = std::nullopt;
  // Unset: the highest spend that campaigns with its words had in training, or its present one if that is higher and
  // training saw it: the optimum lies where the model errs upwards, and would go where it knows nothing. A higher one
  // is allowed, and marked in the answer.
  std::optional<double> max = std::nullopt;
  // Amounts are min + k · step, or multiples of the step if there is no min; a multiple of the unit. 0: any amount.
  double step = 0.0;
  bool may_skip = false;                         // also 0, whatever the minimum
  std::optional<double> locked = std::nullopt;   // this amount, within the limits if they are given; steps do not apply
  std::optional<double> present = std::nullopt;  // what it gets today; unset: the spend of its row
  std::string group = {};                        // BudgetGroup::name; empty: none
};

// Limits of the sum of a group's campaigns. Each campaign names one group at most; it is in the groups around that one,
// too.
struct BudgetGroup {
  std::string name = {};
  double min = 0.0;                          // ≥ 0
  std::optional<double> max = std::nullopt;  // unset: none
  std::string within = {};                   // the group around this one, declared before it; empty: none
};

enum class BudgetGoal {
  kMostProfit,         // for at most `budget`; money stays unspent where more of it loses profit
  kMostRevenue,        // for at most `budget`
  kLeastBudget,        // that brings a revenue of at least `target`
  kTargetRoi,          // the most revenue with an ROI of the whole of at least `target`
  kTargetMarginalRoi,  // spend as long as more of it brings an ROI of at least `target`: the most of profit − target ·
                       // spend
};

struct BudgetProblem {
  std::vector<float> rows = {};  // [campaigns, schema size], raw; the spend's value is replaced
  std::vector<BudgetCampaign> campaigns = {};
  std::vector<BudgetGroup> groups = {};
  BudgetGoal goal = BudgetGoal::kMostProfit;
  std::optional<double> budget = std::nullopt;  // needed for kMostProfit and kMostRevenue, a limit for the others
  double target = 0.0;                          // a revenue or an ROI, by the goal
  bool spend_all = false;  // the whole budget, even where that loses profit; kMostProfit and kMostRevenue alone
  // Risk: in (0.5, 1), the goal is for what each campaign brings at least with this probability, taken by itself (the
  // sum of such amounts is lower than what the sum brings with this probability). Unset: for what is expected.
  std::optional<double> lower_bound_level = std::nullopt;
  std::string spend_feature = {};  // as of MoneyModel::Create
  double unit = 0.01;              // > 0
  // What experiments showed. Of campaigns that tests are about, revenue counts times the factor of LiftFactorsOf, for
  // the goal as for what is promised: what the spend brings. At most kMaxLiftTests.
  std::vector<ScopedLiftTest> lift_tests = {};
  int levels = 100;             // 2 to 10,000: amounts per campaign that are looked at at first, where no step is given
  double interval_level = 0.9;  // (0, 1) of all intervals in the answer
  bool curves = false;          // return the levels and their outcomes
  // Per campaign, the index of the first one whose errors it shares; empty: as FirstAlikeRows says.
  std::vector<int32_t> alike = {};
  // What names campaigns whose names are empty; empty: they are numbered.
  std::function<std::string(int64_t campaign)> campaign_name = {};
  size_t max_name_bytes = kMaxBudgetNameBytes;
  int max_group_depth = kMaxGroupDepth;
  // What the search draws from; outlives it.
  MemoryBudget* memory = MemoryBudget::Unlimited();

  // What does not depend on a model. Errors: InvalidArgument naming the campaign (group) and the field: bounds that
  // cross, a negative or infinite amount, a step that is no multiple of the unit, an amount over MostUnits, a group
  // that nobody declared or that is declared twice, or behind one that is within it, a name that two campaigns have or
  // that is too long, a budget or a level that is missing or out of range; ResourceExhausted (kMaxBudgetCampaigns,
  // kMaxBudgetGroups, kMaxGroupDepth, kMaxBudgetCells, kMaxLiftTests).
  absl::Status Validate() const;
  // How messages call a campaign.
  std::string NameOf(int64_t campaign) const;
  // Of an amount: 2⁵², or less where there are so many campaigns or groups that sums would not fit into 63 bits.
  double MostUnits() const;
};

}  // namespace roicast
