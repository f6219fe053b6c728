#include "model/decision/resolved_budget.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status_macros.h"
#include "model/decision/money_number.h"
#include "model/features/word_ranges.h"

namespace roicast {
namespace {

constexpr double kUnitSlack = 1e-6;
constexpr size_t kMostNamed = 10;

// An amount in a message.
std::string AmountText(const MoneyUnit& unit, int64_t units) { return MoneyNumber(unit.ToMoney(units)); }

constexpr char kLimitsOfTraining[] =
    "; a campaign without a maximum of its own gets at most what such campaigns had in training";

// Of the range of a kind of campaigns (of its logarithm, if it is above 0): what an end that others went beyond is
// moved inwards by. Few rows are near the end, and those of other kinds bend the predictions there.
constexpr double kCutAtEnds = 0.1;

// limits: of a kind of campaigns.
void CutEnds(const Feature& spend, RangeOfRow& limits) {
  const double min = limits.min, max = limits.max;
  const auto at = [&](double share) {
    return min > 0.0 ? min * std::pow(max / min, share) : min + (max - min) * share;
  };
  if (min > spend.seen_min) limits.min = at(kCutAtEnds);
  if (max < spend.seen_max) limits.max = at(1.0 - kCutAtEnds);
}

// row: of the campaign, with its present spend at `index`, or nullptr.
RangeOfRow DefaultLimits(const BudgetCampaign& campaign, const MoneyUnit& unit, double most, const Feature& spend,
                         const float* row, int index) {
  if (row == nullptr || spend.word_ranges.empty()) return {spend.seen_min, spend.seen_max, {}};
  RangeOfRow limits = SeenRangeOf(spend, row);
  if (!limits.by.empty()) CutEnds(spend, limits);
  const double present = campaign.present.value_or(row[index]);
  if (!(present > 0.0 && present / unit.unit() <= most)) return limits;
  // Rounding to units leaves what it gets today within.
  const double rounded = unit.ToMoney(unit.Nearest(present));
  limits.min = std::min(limits.min, std::max(rounded, spend.seen_min));
  limits.max = std::max(limits.max, std::min(rounded, spend.seen_max));
  return limits;
}

// The least amount without a min: that of training at large where a max leaves no other.
double LowestOf(const RangeOfRow& of_row, const Feature& spend, const MoneyUnit& unit, int64_t max) {
  return unit.RoundUp(of_row.min) <= max ? of_row.min : spend.seen_min;
}

// most: units of an amount. name: makes the campaign's name for messages. seen: what it may get without limits.
absl::StatusOr<ResolvedCampaign> ResolveCampaign(const BudgetCampaign& campaign,
                                                 const std::function<std::string()>& name, const MoneyUnit& unit,
                                                 double most, const Feature& spend, const RangeOfRow& of_row) {
  ResolvedCampaign resolved;
  resolved.may_skip = campaign.may_skip;
  const bool seen = std::isfinite(of_row.min) && std::isfinite(of_row.max);
  const auto fits = [&](double money) { return money / unit.unit() <= most; };
  if (campaign.locked.has_value()) {
    resolved.min = resolved.max = unit.Nearest(*campaign.locked);
    resolved.may_skip = false;
  } else {
    if (!campaign.max.has_value() && !seen) {
      return absl::InvalidArgumentError(
          absl::StrCat(name(), ": expected a max, as the range of spends that training saw is not known"));
    }
    if (!campaign.max.has_value() && !fits(of_row.max)) {
      return absl::InvalidArgumentError(
          absl::StrCat("unit: expected one of which the highest spend that training saw, ", of_row.max,
                       ", has at most ", most, ", got ", unit.unit()));
    }
    resolved.max = unit.RoundDown(campaign.max.value_or(of_row.max));
    if (campaign.min.has_value()) {
      resolved.min = unit.RoundUp(*campaign.min);
    } else if (seen && fits(of_row.min) && unit.RoundUp(LowestOf(of_row, spend, unit, resolved.max)) <= resolved.max) {
      resolved.min = unit.RoundUp(std::max(0.0, LowestOf(of_row, spend, unit, resolved.max)));
      resolved.may_skip = true;
      // People who say steps of 50 mean 100 and 150, and not 57.13 and 107.13.
      const int64_t step = unit.Nearest(campaign.step);
      const int64_t whole = step > 0 ? (resolved.min + step - 1) / step * step : resolved.min;
      if (whole <= resolved.max) resolved.min = whole;
    }
  }
  if (resolved.min > resolved.max) {
    return absl::InvalidArgumentError(
        absl::StrCat(name(), ": expected an amount in whole units of ", unit.unit(), " between its bounds ",
                     campaign.min.value_or(0.0), " and ", campaign.max.value_or(of_row.max), ", there is none",
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
    return absl::InvalidArgumentError(absl::StrCat(name(), ": expected amounts that the model takes for \"", spend.name,
                                                   "\" (", AllowedRange(spend), "), got the bound ", amount));
  }
  return resolved;
}

// Ranges that limit a campaign, each once and in order.
void AddLimits(const BudgetCampaign& campaign, const RangeOfRow& limits, std::vector<WordRange>& from_training) {
  if (campaign.locked.has_value() || (campaign.min.has_value() && campaign.max.has_value())) return;
  for (const WordRange* range : limits.by) {
    const auto before = [](const WordRange& a, const WordRange& b) {
      return std::pair(a.feature, a.code) < std::pair(b.feature, b.code);
    };
    const auto at = std::lower_bound(from_training.begin(), from_training.end(), *range, before);
    if (at == from_training.end() || before(*range, *at)) from_training.insert(at, *range);
  }
}

// Of a campaign, or of a group if `campaign` is −1.
struct Contribution {
  int64_t units;
  int64_t campaign;
  int64_t group = -1;
};

// What a campaign or a group needs at least and may get at most.
struct LimitsOfOne {
  int64_t least, most;
};

struct SumOfLimits {
  int64_t least = 0, most = 0;
  std::vector<Contribution> minima, maxima;

  void AddAmounts(const LimitsOfOne& one) {
    least += one.least;
    most += one.most;
  }
  void AddContribution(const LimitsOfOne& one, int64_t campaign, int64_t group) {
    minima.push_back({one.least, campaign, group});
    maxima.push_back({one.most, campaign, group});
  }
};

// The largest first.
std::vector<std::string> NamesOf(std::vector<Contribution> contributions, const ResolvedBudget& budget,
                                 const BudgetProblem& problem) {
  std::erase_if(contributions, [](const Contribution& c) { return c.units == 0; });
  std::stable_sort(contributions.begin(), contributions.end(),
                   [](const Contribution& a, const Contribution& b) { return a.units > b.units; });
  std::vector<std::string> names;
  for (const Contribution& c : contributions) {
    if (names.size() == kMostNamed) break;
    const std::string who = c.campaign >= 0
                                ? problem.NameOf(c.campaign)
                                : absl::StrCat("group \"", budget.group_names[static_cast<size_t>(c.group)], "\"");
    names.push_back(absl::StrCat(who, " ", AmountText(budget.unit, c.units)));
  }
  return names;
}

Conflict MakeConflict(ConflictKind kind, const ResolvedBudget& budget, const BudgetProblem& problem, int group,
                      int64_t needed, int64_t allowed, std::vector<Contribution> contributions) {
  Conflict conflict;
  conflict.kind = kind;
  if (group >= 0) conflict.group = budget.group_names[static_cast<size_t>(group)];
  conflict.needed = budget.unit.ToMoney(needed);
  conflict.allowed = budget.unit.ToMoney(allowed);
  conflict.by = budget.unit.ToMoney(std::abs(needed - allowed));
  const size_t all = static_cast<size_t>(
      std::count_if(contributions.begin(), contributions.end(), [](const Contribution& c) { return c.units != 0; }));
  conflict.who = NamesOf(std::move(contributions), budget, problem);
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
  if (!minima && !budget.from_training.empty()) absl::StrAppend(&conflict.message, kLimitsOfTraining);
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

int64_t SumOfUnits(const std::vector<int64_t>& units) {
  return std::accumulate(units.begin(), units.end(), int64_t{0});
}

int64_t ResolvedCampaign::LeastMore(int64_t units) const {
  if (units >= max) return kNoLimit;
  if (units < min) return min - units;
  return std::max<int64_t>(1, step);
}

int64_t ResolvedCampaign::Allowed(int64_t units) const {
  if (units < min) return least();
  if (units >= max) return max;
  return step == 0 ? units : min + (units - min) / step * step;
}

std::vector<int64_t> ResolvedBudget::SumsOfGroups(const std::vector<int64_t>& spend) const {
  std::vector<int64_t> sums(groups.size(), 0);
  for (size_t c = 0; c < campaigns.size(); ++c) {
    if (campaigns[c].group >= 0) sums[static_cast<size_t>(campaigns[c].group)] += spend[c];
  }
  AddToParents(groups, sums);
  return sums;
}

std::vector<int64_t> ResolvedBudget::RoomOfGroups(const std::vector<int64_t>& spend) const {
  const std::vector<int64_t> sums = SumsOfGroups(spend);
  std::vector<int64_t> rooms;
  rooms.reserve(groups.size());
  for (size_t g = 0; g < groups.size(); ++g) {
    const int64_t own = groups[g].max - sums[g];
    rooms.push_back(groups[g].parent < 0 ? own : std::min(own, rooms[static_cast<size_t>(groups[g].parent)]));
  }
  return rooms;
}

int ResolvedBudget::CheapestStep(const std::vector<int64_t>& spend) const {
  int cheapest = -1;
  int64_t least = kNoLimit;
  for (size_t c = 0; c < campaigns.size(); ++c) {
    if (campaigns[c].any_amount() && spend[c] >= campaigns[c].min) continue;
    const int64_t more = campaigns[c].LeastMore(spend[c]);
    if (more >= least) continue;
    least = more;
    cheapest = static_cast<int>(c);
  }
  return cheapest;
}

bool ResolvedBudget::IsIn(int of_campaign, int group) const {
  while (of_campaign > group) of_campaign = groups[static_cast<size_t>(of_campaign)].parent;
  return of_campaign == group;
}

bool ResolvedBudget::Allows(const std::vector<int64_t>& spend) const {
  const std::vector<int64_t> of_group = SumsOfGroups(spend);
  for (size_t c = 0; c < campaigns.size(); ++c) {
    if (!campaigns[c].Allows(spend[c])) return false;
  }
  for (size_t g = 0; g < groups.size(); ++g) {
    if (of_group[g] < groups[g].min || of_group[g] > groups[g].max) return false;
  }
  const int64_t sum = SumOfUnits(spend);
  return exact ? sum == budget : sum <= budget;
}

absl::StatusOr<ResolvedBudget> ResolveBudget(const BudgetProblem& problem, const MoneyModel& money) {
  const Feature& spend = money.spend();
  const auto features = static_cast<size_t>(money.schema().size());
  const bool has_rows = problem.rows.size() == problem.campaigns.size() * features;
  ResolvedBudget resolved{MoneyUnit(problem.unit), {}, {}, {}, kNoLimit, problem.spend_all, {}};
  if (problem.budget.has_value()) resolved.budget = resolved.unit.RoundDown(*problem.budget);
  absl::flat_hash_map<absl::string_view, int> index_of_group;
  for (const BudgetGroup& group : problem.groups) {
    index_of_group.emplace(group.name, static_cast<int>(resolved.groups.size()));
    resolved.group_names.push_back(group.name);
    SearchGroup limits;
    limits.min = resolved.unit.RoundUp(group.min);
    if (group.max.has_value()) limits.max = resolved.unit.RoundDown(*group.max);
    if (!group.within.empty()) limits.parent = index_of_group.at(group.within);
    resolved.groups.push_back(limits);
  }
  for (size_t c = 0; c < problem.campaigns.size(); ++c) {
    const BudgetCampaign& campaign = problem.campaigns[c];
    const auto name = [&] { return problem.NameOf(static_cast<int64_t>(c)); };
    const float* const row = has_rows ? problem.rows.data() + c * features : nullptr;
    const RangeOfRow limits =
        DefaultLimits(campaign, resolved.unit, problem.MostUnits(), spend, row, money.spend_feature());
    ROICAST_ASSIGN_OR_RETURN(ResolvedCampaign one,
                             ResolveCampaign(campaign, name, resolved.unit, problem.MostUnits(), spend, limits));
    AddLimits(campaign, limits, resolved.from_training);
    if (!campaign.group.empty()) one.group = index_of_group.at(campaign.group);
    resolved.campaigns.push_back(one);
  }
  return resolved;
}

std::vector<Conflict> FindConflicts(const ResolvedBudget& budget, const BudgetProblem& problem) {
  const size_t count = budget.groups.size();
  // Of the whole, then of each group: what is within it needs at least and may get at most.
  std::vector<SumOfLimits> sums(count + 1);
  const auto sum_of = [&sums](int group) -> SumOfLimits& { return sums[static_cast<size_t>(group + 1)]; };
  // What a group may get, once all within it is added up.
  const auto within = [&](size_t g) -> LimitsOfOne {
    return {std::max(sums[g + 1].least, budget.groups[g].min), std::min(sums[g + 1].most, budget.groups[g].max)};
  };
  for (size_t c = 0; c < budget.campaigns.size(); ++c) {
    const ResolvedCampaign& campaign = budget.campaigns[c];
    const LimitsOfOne limits = {campaign.least(), campaign.max};
    sum_of(campaign.group).AddAmounts(limits);
    sum_of(campaign.group).AddContribution(limits, static_cast<int64_t>(c), -1);
  }
  // From the last to the first, so that a group comes before the one around it; then listed from the first to the last.
  for (size_t g = count; g-- > 0;) sum_of(budget.groups[g].parent).AddAmounts(within(g));
  for (size_t g = 0; g < count; ++g) {
    sum_of(budget.groups[g].parent).AddContribution(within(g), -1, static_cast<int64_t>(g));
  }
  std::vector<Conflict> conflicts;
  for (size_t g = 0; g < count; ++g) {
    const SearchGroup& limits = budget.groups[g];
    SumOfLimits& inside = sums[g + 1];
    const int group = static_cast<int>(g);
    if (inside.least > limits.max) {
      conflicts.push_back(MakeConflict(ConflictKind::kMinimaOverGroup, budget, problem, group, inside.least, limits.max,
                                       std::move(inside.minima)));
    }
    if (inside.most < limits.min) {
      conflicts.push_back(MakeConflict(ConflictKind::kMaximaUnderGroup, budget, problem, group, limits.min, inside.most,
                                       std::move(inside.maxima)));
    }
  }
  SumOfLimits& whole = sums.front();
  if (whole.least > budget.budget) {
    conflicts.push_back(MakeConflict(ConflictKind::kMinimaOverBudget, budget, problem, -1, whole.least, budget.budget,
                                     std::move(whole.minima)));
  }
  if (budget.exact && whole.most < budget.budget) {
    conflicts.push_back(MakeConflict(ConflictKind::kMaximaUnderBudget, budget, problem, -1, budget.budget, whole.most,
                                     std::move(whole.maxima)));
  }
  return conflicts;
}

}  // namespace roicast
