#include "model/decision/budget_problem.h"

#include <algorithm>
#include <cmath>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "base/nearest_name.h"
#include "base/status_macros.h"

namespace roicast {
namespace {

constexpr double kMostUnits = 0x1p52, kMostUnitsOfAll = 0x1p60;
// Of a unit: what amounts may be off a multiple of it.
constexpr double kUnitTolerance = 1e-6;

absl::Status Expect(bool holds, absl::string_view where, absl::string_view expected, double got) {
  if (holds) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(where, ": expected ", expected, ", got ", got));
}

absl::Status CheckAmount(double amount, double unit, double most, absl::string_view where) {
  ROICAST_RETURN_IF_ERROR(Expect(std::isfinite(amount) && amount >= 0.0, where, "an amount of at least 0", amount));
  return Expect(amount / unit <= most, where,
                absl::StrCat("at most ", most == kMostUnits ? "2^52" : absl::StrCat(most), " units of ", unit), amount);
}

absl::Status CheckAmount(const std::optional<double>& amount, double unit, double most, absl::string_view where) {
  return amount.has_value() ? CheckAmount(*amount, unit, most, where) : absl::OkStatus();
}

// Such a name is not repeated.
absl::Status CheckName(const std::string& name, size_t most, absl::string_view where) {
  if (name.size() <= most) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(where, ": expected at most ", most, " bytes, got ", name.size()));
}

absl::Status CheckCampaign(const BudgetCampaign& campaign, double unit, double most, const std::string& name) {
  const auto field = [&](absl::string_view which) { return absl::StrCat(name, ": ", which); };
  ROICAST_RETURN_IF_ERROR(CheckAmount(campaign.min, unit, most, field("min")));
  ROICAST_RETURN_IF_ERROR(CheckAmount(campaign.max, unit, most, field("max")));
  ROICAST_RETURN_IF_ERROR(CheckAmount(campaign.step, unit, most, field("step")));
  ROICAST_RETURN_IF_ERROR(CheckAmount(campaign.locked, unit, most, field("locked")));
  ROICAST_RETURN_IF_ERROR(CheckAmount(campaign.present, unit, most, field("present")));
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

// depths: of each group, how many groups a campaign of its own is in. Refers to the names.
absl::Status CheckGroups(const BudgetProblem& problem, absl::flat_hash_map<absl::string_view, int>& depths) {
  if (static_cast<int64_t>(problem.groups.size()) > kMaxBudgetGroups) {
    return absl::ResourceExhaustedError(
        absl::StrCat("groups: expected at most ", kMaxBudgetGroups, " in one call, got ", problem.groups.size()));
  }
  const double most = problem.MostUnits();
  for (size_t g = 0; g < problem.groups.size(); ++g) {
    const BudgetGroup& group = problem.groups[g];
    ROICAST_RETURN_IF_ERROR(CheckName(group.name, problem.max_name_bytes, absl::StrCat("group ", g, ": name")));
    const std::string name = absl::StrCat("group \"", group.name, "\"");
    if (group.name.empty())
      return absl::InvalidArgumentError("groups: expected a name for each group, got an empty one");
    ROICAST_RETURN_IF_ERROR(CheckName(group.within, problem.max_name_bytes, absl::StrCat(name, ": within")));
    const auto around = depths.find(group.within);
    if (!group.within.empty() && around == depths.end()) {
      return absl::InvalidArgumentError(
          absl::StrCat(name, ": expected to be within a group declared before it, got \"", group.within, "\""));
    }
    const int depth = group.within.empty() ? 1 : around->second + 1;
    if (depth > problem.max_group_depth) {
      return absl::ResourceExhaustedError(
          absl::StrCat(name, ": expected at most ", problem.max_group_depth, " groups within each other, got more"));
    }
    if (!depths.emplace(group.name, depth).second)
      return absl::InvalidArgumentError(absl::StrCat(name, ": is declared twice"));
    ROICAST_RETURN_IF_ERROR(CheckAmount(group.min, problem.unit, most, absl::StrCat(name, ": min")));
    ROICAST_RETURN_IF_ERROR(CheckAmount(group.max, problem.unit, most, absl::StrCat(name, ": max")));
    if (group.max.has_value() && group.min > *group.max) {
      return absl::InvalidArgumentError(absl::StrCat(name, ": expected min ≤ max, got ", group.min, " > ", *group.max));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckGoal(const BudgetProblem& problem) {
  ROICAST_RETURN_IF_ERROR(CheckAmount(problem.budget, problem.unit, kMostUnits, "budget"));
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
  std::string name = campaigns[static_cast<size_t>(campaign)].name;
  if (name.empty() && campaign_name) name = campaign_name(campaign);
  return name.empty() ? absl::StrCat("campaign ", campaign) : absl::StrCat("campaign \"", name, "\"");
}

double BudgetProblem::MostUnits() const {
  const size_t summed = std::max<size_t>({1, campaigns.size(), groups.size()});
  return std::min(kMostUnits, std::floor(kMostUnitsOfAll / static_cast<double>(summed)));
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
  absl::flat_hash_map<absl::string_view, int> known;
  absl::flat_hash_set<absl::string_view> names;
  ROICAST_RETURN_IF_ERROR(CheckGroups(*this, known));
  for (int64_t i = 0; i < count; ++i) {
    const BudgetCampaign& campaign = campaigns[static_cast<size_t>(i)];
    ROICAST_RETURN_IF_ERROR(CheckName(campaign.name, max_name_bytes, absl::StrCat("campaign ", i, ": name")));
    ROICAST_RETURN_IF_ERROR(CheckName(campaign.group, max_name_bytes, absl::StrCat("campaign ", i, ": group")));
    ROICAST_RETURN_IF_ERROR(CheckCampaign(campaign, unit, MostUnits(), NameOf(i)));
    if (!campaign.name.empty() && !names.insert(campaign.name).second) {
      return absl::InvalidArgumentError(absl::StrCat(NameOf(i), ": is there twice"));
    }
    if (campaign.group.empty() || known.contains(campaign.group)) continue;
    std::vector<std::string> group_names;
    for (const BudgetGroup& group : groups) group_names.push_back(group.name);
    return absl::InvalidArgumentError(absl::StrCat(NameOf(i), ": expected a group with limits, got \"", campaign.group,
                                                   "\"", DidYouMeanOrList(campaign.group, group_names, "there is")));
  }
  return absl::OkStatus();
}

}  // namespace roicast
