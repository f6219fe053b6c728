#include "model/decision/budget_problem.h"

#include <cmath>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "base/nearest_name.h"
#include "base/status_macros.h"

namespace roicast {
namespace {

constexpr double kMostUnits = 4503599627370496.0;  // 2^52
// Of a unit: what amounts may be off a multiple of it.
constexpr double kUnitTolerance = 1e-6;

absl::Status Expect(bool holds, absl::string_view where, absl::string_view expected, double got) {
  if (holds) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(where, ": expected ", expected, ", got ", got));
}

absl::Status CheckAmount(double amount, double unit, absl::string_view where) {
  ROICAST_RETURN_IF_ERROR(Expect(std::isfinite(amount) && amount >= 0.0, where, "an amount of at least 0", amount));
  return Expect(amount / unit <= kMostUnits, where, absl::StrCat("at most 2^52 units of ", unit), amount);
}

absl::Status CheckAmount(const std::optional<double>& amount, double unit, absl::string_view where) {
  return amount.has_value() ? CheckAmount(*amount, unit, where) : absl::OkStatus();
}

absl::Status CheckCampaign(const BudgetCampaign& campaign, double unit, const std::string& name) {
  const auto field = [&](absl::string_view which) { return absl::StrCat(name, ": ", which); };
  ROICAST_RETURN_IF_ERROR(CheckAmount(campaign.min, unit, field("min")));
  ROICAST_RETURN_IF_ERROR(CheckAmount(campaign.max, unit, field("max")));
  ROICAST_RETURN_IF_ERROR(CheckAmount(campaign.step, unit, field("step")));
  ROICAST_RETURN_IF_ERROR(CheckAmount(campaign.locked, unit, field("locked")));
  ROICAST_RETURN_IF_ERROR(CheckAmount(campaign.present, unit, field("present")));
  const double units = campaign.step / unit;
  ROICAST_RETURN_IF_ERROR(Expect(campaign.step == 0.0 || (units > 0.5 && std::abs(units - std::round(units)) <=
                                                                             kUnitTolerance * std::max(1.0, units)),
                                 field("step"), absl::StrCat("a multiple of the unit ", unit), campaign.step));
  if (campaign.min.has_value() && campaign.max.has_value() && *campaign.min > *campaign.max) {
    return absl::InvalidArgumentError(
        absl::StrCat(name, ": expected min ≤ max, got ", *campaign.min, " > ", *campaign.max));
  }
  if (!campaign.locked.has_value()) return absl::OkStatus();
  const double locked = *campaign.locked;
  const bool skipped = locked == 0.0 && campaign.may_skip;
  if (!skipped && campaign.min.has_value() && locked < *campaign.min) {
    return absl::InvalidArgumentError(
        absl::StrCat(name, ": expected a locked amount of at least its min ", *campaign.min, ", got ", locked));
  }
  if (campaign.max.has_value() && locked > *campaign.max) {
    return absl::InvalidArgumentError(
        absl::StrCat(name, ": expected a locked amount of at most its max ", *campaign.max, ", got ", locked));
  }
  return absl::OkStatus();
}

absl::Status CheckGroups(const BudgetProblem& problem, std::vector<std::string>& names) {
  absl::flat_hash_set<std::string> seen;
  for (const BudgetGroup& group : problem.groups) {
    const std::string name = absl::StrCat("group \"", group.name, "\"");
    if (group.name.empty())
      return absl::InvalidArgumentError("groups: expected a name for each group, got an empty one");
    if (!seen.insert(group.name).second) return absl::InvalidArgumentError(absl::StrCat(name, ": is declared twice"));
    names.push_back(group.name);
    ROICAST_RETURN_IF_ERROR(CheckAmount(group.min, problem.unit, absl::StrCat(name, ": min")));
    ROICAST_RETURN_IF_ERROR(CheckAmount(group.max, problem.unit, absl::StrCat(name, ": max")));
    if (group.max.has_value() && group.min > *group.max) {
      return absl::InvalidArgumentError(absl::StrCat(name, ": expected min ≤ max, got ", group.min, " > ", *group.max));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckGoal(const BudgetProblem& problem) {
  ROICAST_RETURN_IF_ERROR(CheckAmount(problem.budget, problem.unit, "budget"));
  const bool most = problem.goal == BudgetGoal::kMostProfit || problem.goal == BudgetGoal::kMostRevenue;
  if (most && !problem.budget.has_value()) {
    return absl::InvalidArgumentError("budget: expected one for the most profit or revenue, got none");
  }
  if (!most && problem.spend_all) {
    return absl::InvalidArgumentError("spend_all: expected only with the most profit or revenue for a budget");
  }
  if (problem.goal == BudgetGoal::kLeastBudget) {
    return Expect(std::isfinite(problem.target) && problem.target > 0.0, "target", "a revenue above 0", problem.target);
  }
  if (most) return absl::OkStatus();
  return Expect(std::isfinite(problem.target) && problem.target > -1.0, "target", "an ROI above -1", problem.target);
}

}  // namespace

std::string BudgetProblem::NameOf(int64_t campaign) const {
  const std::string& name = campaigns[static_cast<size_t>(campaign)].name;
  return name.empty() ? absl::StrCat("campaign ", campaign) : absl::StrCat("campaign \"", name, "\"");
}

absl::Status BudgetProblem::Validate() const {
  if (campaigns.empty()) return absl::InvalidArgumentError("campaigns: expected at least 1, got none");
  const auto count = static_cast<int64_t>(campaigns.size());
  if (count > kMaxBudgetCampaigns) {
    return absl::ResourceExhaustedError(
        absl::StrCat("campaigns: expected at most ", kMaxBudgetCampaigns, " in one call, got ", count));
  }
  ROICAST_RETURN_IF_ERROR(Expect(std::isfinite(unit) && unit > 0.0, "unit", "an amount above 0", unit));
  ROICAST_RETURN_IF_ERROR(Expect(levels >= 2 && levels <= 10'000, "levels", "2 to 10000", levels));
  if (count * levels > kMaxBudgetCells) {
    return absl::ResourceExhaustedError(absl::StrCat("levels: expected at most ", kMaxBudgetCells,
                                                     " campaigns times levels, got ", count, " times ", levels));
  }
  ROICAST_RETURN_IF_ERROR(Expect(interval_level > 0.0 && interval_level < 1.0, "interval_level",
                                 "a number above 0 and below 1", interval_level));
  if (lower_bound_level.has_value()) {
    ROICAST_RETURN_IF_ERROR(Expect(*lower_bound_level > 0.5 && *lower_bound_level < 1.0, "lower_bound_level",
                                   "a number above 0.5 and below 1", *lower_bound_level));
  }
  if (static_cast<int64_t>(lift_tests.size()) > kMaxLiftTests) {
    return absl::ResourceExhaustedError(
        absl::StrCat("lift_tests: expected at most ", kMaxLiftTests, ", got ", lift_tests.size()));
  }
  ROICAST_RETURN_IF_ERROR(CheckGoal(*this));
  std::vector<std::string> group_names;
  ROICAST_RETURN_IF_ERROR(CheckGroups(*this, group_names));
  const absl::flat_hash_set<std::string> known(group_names.begin(), group_names.end());
  absl::flat_hash_set<std::string> names;
  for (int64_t i = 0; i < count; ++i) {
    const BudgetCampaign& campaign = campaigns[static_cast<size_t>(i)];
    ROICAST_RETURN_IF_ERROR(CheckCampaign(campaign, unit, NameOf(i)));
    if (!campaign.name.empty() && !names.insert(campaign.name).second) {
      return absl::InvalidArgumentError(absl::StrCat(NameOf(i), ": is there twice"));
    }
    if (campaign.group.empty() || known.contains(campaign.group)) continue;
    return absl::InvalidArgumentError(absl::StrCat(NameOf(i), ": expected a group with limits, got \"", campaign.group,
                                                   "\"", DidYouMeanOrList(campaign.group, group_names, "there is")));
  }
  return absl::OkStatus();
}

}  // namespace roicast
