#include "model/decision/resolved_budget.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status_macros.h"
#include "model/decision/money_number.h"

namespace roicast {
namespace {

constexpr double kUnitSlack = 1e-6;
constexpr size_t kMostNamed = 10;

// An amount in a message.
std::string AmountText(const MoneyUnit& unit, int64_t units) { return MoneyNumber(unit.ToMoney(units)); }

absl::StatusOr<ResolvedCampaign> ResolveCampaign(const BudgetCampaign& campaign, const std::string& name,
                                                 const MoneyUnit& unit, const Feature& spend) {
  ResolvedCampaign resolved;
  resolved.name = name;
  resolved.may_skip = campaign.may_skip;
  const bool seen = std::isfinite(spend.seen_min) && std::isfinite(spend.seen_max);
  if (campaign.locked.has_value()) {
    resolved.min = resolved.max = unit.Nearest(*campaign.locked);
    resolved.may_skip = false;
  } else {
    if (!campaign.max.has_value() && !seen) {
      return absl::InvalidArgumentError(
          absl::StrCat(name, ": expected a max, as the range of spends that training saw is not known"));
    }
    resolved.max = unit.RoundDown(campaign.max.value_or(spend.seen_max));
    if (campaign.min.has_value()) {
      resolved.min = unit.RoundUp(*campaign.min);
    } else if (seen && unit.RoundUp(spend.seen_min) <= resolved.max) {
      resolved.min = unit.RoundUp(std::max(0.0, spend.seen_min));
      resolved.may_skip = true;
      // People who say steps of 50 mean 100 and 150, and not 57.13 and 107.13.
      const int64_t step = unit.Nearest(campaign.step);
      const int64_t whole = step > 0 ? (resolved.min + step - 1) / step * step : resolved.min;
      if (whole <= resolved.max) resolved.min = whole;
    }
  }
  if (resolved.min > resolved.max) {
    return absl::InvalidArgumentError(
        absl::StrCat(name, ": expected an amount in whole units of ", unit.unit(), " between its bounds ",
                     campaign.min.value_or(0.0), " and ", campaign.max.value_or(spend.seen_max), ", there is none",
                     campaign.max.has_value() ? "" : " (without a max, it is the highest spend that training saw)"));
  }
  if (resolved.min == 0) resolved.may_skip = false;
  if (campaign.step > 0.0 && !campaign.locked.has_value()) {
    resolved.step = unit.Nearest(campaign.step);
    resolved.max = resolved.min + (resolved.max - resolved.min) / resolved.step * resolved.step;
  }
  // A spend of 0 is a campaign that does not run; no model is asked for it.
  for (const int64_t bound : {std::max<int64_t>(1, resolved.min), resolved.max}) {
    const double amount = unit.ToMoney(bound);
    if (resolved.max == 0 || spend.Allows(static_cast<float>(amount))) continue;
    return absl::InvalidArgumentError(absl::StrCat(name, ": expected amounts that the model takes for \"", spend.name,
                                                   "\" (", AllowedRange(spend), "), got the bound ", amount));
  }
  return resolved;
}

struct Contribution {
  int64_t units;
  std::string who;
};

// The largest first.
std::vector<std::string> NamesOf(std::vector<Contribution> contributions, const MoneyUnit& unit) {
  std::erase_if(contributions, [](const Contribution& c) { return c.units == 0; });
  std::stable_sort(contributions.begin(), contributions.end(),
                   [](const Contribution& a, const Contribution& b) { return a.units > b.units; });
  std::vector<std::string> names;
  for (const Contribution& c : contributions) {
    if (names.size() == kMostNamed) break;
    names.push_back(absl::StrCat(c.who, " ", AmountText(unit, c.units)));
  }
  return names;
}

Conflict MakeConflict(ConflictKind kind, const ResolvedBudget& budget, int group, int64_t needed, int64_t allowed,
                      std::vector<Contribution> contributions) {
  Conflict conflict;
  conflict.kind = kind;
  if (group >= 0) conflict.group = budget.group_names[static_cast<size_t>(group)];
  conflict.needed = budget.unit.ToMoney(needed);
  conflict.allowed = budget.unit.ToMoney(allowed);
  conflict.by = budget.unit.ToMoney(std::abs(needed - allowed));
  const size_t all = static_cast<size_t>(
      std::count_if(contributions.begin(), contributions.end(), [](const Contribution& c) { return c.units != 0; }));
  conflict.who = NamesOf(std::move(contributions), budget.unit);
  const bool minima = kind == ConflictKind::kMinimaOverBudget || kind == ConflictKind::kMinimaOverGroup;
  const std::string whole =
      group >= 0 ? absl::StrCat("the ", minima ? "maximum" : "minimum", " of group \"", conflict.group, "\"")
                 : std::string("the budget");
  conflict.message = absl::StrCat(minima ? "the least amounts add up to " : "the largest amounts add up to ",
                                  MoneyNumber(minima ? conflict.needed : conflict.allowed), ", which is ",
                                  MoneyNumber(conflict.by), minima ? " more than " : " less than ", whole, " of ",
                                  MoneyNumber(minima ? conflict.allowed : conflict.needed));
  if (!conflict.who.empty()) {
    absl::StrAppend(&conflict.message, ": ", absl::StrJoin(conflict.who, ", "));
    if (all > conflict.who.size()) absl::StrAppend(&conflict.message, " and ", all - conflict.who.size(), " more");
  }
  return conflict;
}

}  // namespace

MoneyUnit::MoneyUnit(double unit) : unit_(unit), per_money_(std::round(1.0 / unit)) {
  if (std::abs(1.0 / unit - per_money_) > 1e-9 * per_money_) per_money_ = 0.0;
}

double MoneyUnit::ToMoney(int64_t units) const {
  const auto count = static_cast<double>(units);
  return per_money_ > 0.0 ? count / per_money_ : count * unit_;
}

int64_t MoneyUnit::RoundDown(double money) const {
  return static_cast<int64_t>(std::floor(money / unit_ + kUnitSlack));
}
int64_t MoneyUnit::RoundUp(double money) const { return static_cast<int64_t>(std::ceil(money / unit_ - kUnitSlack)); }
int64_t MoneyUnit::Nearest(double money) const { return static_cast<int64_t>(std::llround(money / unit_)); }

int64_t ResolvedCampaign::Allowed(int64_t units) const {
  if (units < min) return least();
  if (units >= max) return max;
  return step == 0 ? units : min + (units - min) / step * step;
}

bool ResolvedBudget::Allows(const std::vector<int64_t>& spend) const {
  std::vector<int64_t> of_group(groups.size(), 0);
  int64_t sum = 0;
  for (size_t c = 0; c < campaigns.size(); ++c) {
    if (!campaigns[c].Allows(spend[c])) return false;
    sum += spend[c];
    if (campaigns[c].group >= 0) of_group[static_cast<size_t>(campaigns[c].group)] += spend[c];
  }
  for (size_t g = 0; g < groups.size(); ++g) {
    if (of_group[g] < groups[g].min || of_group[g] > groups[g].max) return false;
  }
  return exact ? sum == budget : sum <= budget;
}

absl::StatusOr<ResolvedBudget> ResolveBudget(const BudgetProblem& problem, const Feature& spend) {
  ResolvedBudget resolved{MoneyUnit(problem.unit), {}, {}, {}, kNoLimit, problem.spend_all};
  if (problem.budget.has_value()) resolved.budget = resolved.unit.RoundDown(*problem.budget);
  for (const BudgetGroup& group : problem.groups) {
    resolved.group_names.push_back(group.name);
    SearchGroup limits;
    limits.min = resolved.unit.RoundUp(group.min);
    if (group.max.has_value()) limits.max = resolved.unit.RoundDown(*group.max);
    resolved.groups.push_back(limits);
  }
  for (size_t c = 0; c < problem.campaigns.size(); ++c) {
    const BudgetCampaign& campaign = problem.campaigns[c];
    ROICAST_ASSIGN_OR_RETURN(ResolvedCampaign one,
                             ResolveCampaign(campaign, problem.NameOf(static_cast<int64_t>(c)), resolved.unit, spend));
    const auto group = std::find(resolved.group_names.begin(), resolved.group_names.end(), campaign.group);
    if (!campaign.group.empty()) one.group = static_cast<int>(group - resolved.group_names.begin());
    resolved.campaigns.push_back(std::move(one));
  }
  return resolved;
}

std::vector<Conflict> FindConflicts(const ResolvedBudget& budget) {
  std::vector<Conflict> conflicts;
  std::vector<Contribution> minima, maxima;
  int64_t least = 0, most = 0;
  for (const ResolvedCampaign& campaign : budget.campaigns) {
    if (campaign.group >= 0) continue;
    least += campaign.least();
    most += campaign.max;
    minima.push_back({campaign.least(), campaign.name});
    maxima.push_back({campaign.max, campaign.name});
  }
  for (size_t g = 0; g < budget.groups.size(); ++g) {
    const SearchGroup& limits = budget.groups[g];
    std::vector<Contribution> of_least, of_most;
    int64_t group_least = 0, group_most = 0;
    for (const ResolvedCampaign& campaign : budget.campaigns) {
      if (campaign.group != static_cast<int>(g)) continue;
      group_least += campaign.least();
      group_most += campaign.max;
      of_least.push_back({campaign.least(), campaign.name});
      of_most.push_back({campaign.max, campaign.name});
    }
    if (group_least > limits.max) {
      conflicts.push_back(MakeConflict(ConflictKind::kMinimaOverGroup, budget, static_cast<int>(g), group_least,
                                       limits.max, std::move(of_least)));
    }
    if (group_most < limits.min) {
      conflicts.push_back(MakeConflict(ConflictKind::kMaximaUnderGroup, budget, static_cast<int>(g), limits.min,
                                       group_most, std::move(of_most)));
    }
    const std::string name = absl::StrCat("group \"", budget.group_names[g], "\"");
    group_least = std::max(group_least, limits.min);
    group_most = std::min(group_most, limits.max);
    least += group_least;
    most += group_most;
    minima.push_back({group_least, name});
    maxima.push_back({group_most, name});
  }
  if (least > budget.budget) {
    conflicts.push_back(
        MakeConflict(ConflictKind::kMinimaOverBudget, budget, -1, least, budget.budget, std::move(minima)));
  }
  if (budget.exact && most < budget.budget) {
    conflicts.push_back(
        MakeConflict(ConflictKind::kMaximaUnderBudget, budget, -1, budget.budget, most, std::move(maxima)));
  }
  return conflicts;
}

}  // namespace roicast
