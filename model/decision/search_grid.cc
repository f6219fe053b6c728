#include "model/decision/search_grid.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace roicast {
namespace {

// Where any amount is allowed, amounts get denser towards the lower end, where curves bend.
constexpr double kDensity = 1.5;
constexpr int64_t kFinerSteps = 12;  // to each side
static_assert(2 * kFinerSteps + 3 == kFinerAmounts);
constexpr double kRatioTolerance = 1e-12;
// Amounts that are sorted or copied between two questions whether to stop.
constexpr size_t kAmountsBetweenStops = 100'000;

// The highest amount that is looked at, least: of all campaigns. Not more than what is left when all others get theirs.
int64_t ReachOf(const ResolvedBudget& budget, const ResolvedCampaign& campaign, int64_t least) {
  if (budget.budget >= kNoLimit) return campaign.max;
  return std::clamp(budget.budget - (least - campaign.least()), campaign.min, campaign.max);
}

// Of a campaign that may get any amount, at most, in the first grid: BudgetProblem::levels, 0, the present amount, and
// where limits of the whole and of each group may hold it.
int64_t AmountsOfAny(const ResolvedBudget& budget, const BudgetProblem& problem) {
  return problem.levels + 3 + 2 * std::max(1, DepthOfGroups(budget.groups));
}

// How many steps of a campaign, of which `top` is the highest amount that was looked at, AddAhead adds.
int64_t StepsAhead(const ResolvedBudget& budget, const ResolvedCampaign& campaign, int64_t top) {
  const auto campaigns = static_cast<int64_t>(budget.campaigns.size());
  return std::min((campaign.max - top) / campaign.step, std::max(kFewestAhead, kAmountsAhead / campaigns));
}

int64_t LeastOf(const ResolvedBudget& budget) {
  int64_t least = 0;
  for (const ResolvedCampaign& campaign : budget.campaigns) least += campaign.least();
  return least;
}

}  // namespace

AmountCounts CountAmounts(const ResolvedBudget& budget, const BudgetProblem& problem) {
  AmountCounts counts;
  const int64_t least = LeastOf(budget), any = AmountsOfAny(budget, problem);
  for (const ResolvedCampaign& campaign : budget.campaigns) {
    if (campaign.step == 0) {
      counts.any += any;
    } else if (counts.stepped <= kMaxSteppedAmounts) {
      const int64_t steps = (ReachOf(budget, campaign, least) - campaign.min) / campaign.step;
      counts.stepped += steps + 2;
      counts.ahead += StepsAhead(budget, campaign, campaign.min + steps * campaign.step);
    }
  }
  return counts;
}

absl::Status SearchGrid::CheckSteps() const {
  int64_t amounts = 0;
  const int64_t least = LeastOf(budget_);
  for (size_t c = 0; c < budget_.campaigns.size(); ++c) {
    const ResolvedCampaign& campaign = budget_.campaigns[c];
    if (campaign.step == 0) continue;
    amounts += (ReachOf(budget_, campaign, least) - campaign.min) / campaign.step + 1;
    if (amounts <= kMaxSteppedAmounts) continue;
    return absl::ResourceExhaustedError(
        absl::StrCat(problem_.NameOf(static_cast<int64_t>(c)), ": step: expected at most ", kMaxSteppedAmounts,
                     " amounts in all, got more; larger steps or a smaller max make fewer"));
  }
  return absl::OkStatus();
}

absl::Status SearchGrid::AddFirst(const std::vector<int64_t>& present) {
  // Before anything is made: a claim for so many would be refused for the wrong reason.
  ROICAST_RETURN_IF_ERROR(CheckSteps());
  const int64_t least = LeastOf(budget_), any = AmountsOfAny(budget_, problem_);
  for (size_t c = 0; c < budget_.campaigns.size(); ++c) {
    const ResolvedCampaign& campaign = budget_.campaigns[c];
    std::vector<int64_t>& levels = levels_[c];
    if (campaign.may_skip) levels.push_back(0);
    const int64_t reach = ReachOf(budget_, campaign, least);
    if (campaign.step > 0) {
      const int64_t steps = (reach - campaign.min) / campaign.step + 1;
      levels.reserve(levels.size() + static_cast<size_t>(steps));
      for (int64_t units = campaign.min; units <= reach; units += campaign.step) levels.push_back(units);
      continue;
    }
    const int64_t width = reach - campaign.min;
    levels.reserve(static_cast<size_t>(any));
    for (int i = 0; i < problem_.levels; ++i) {
      const double share = std::pow(static_cast<double>(i) / (problem_.levels - 1), kDensity);
      levels.push_back(campaign.min + static_cast<int64_t>(std::llround(share * static_cast<double>(width))));
    }
    // Where limits of sums may hold a single campaign.
    std::vector<int64_t> also = {present[c], reach};
    for (int group = campaign.group; group >= 0; group = budget_.groups[static_cast<size_t>(group)].parent) {
      also.push_back(budget_.groups[static_cast<size_t>(group)].min);
      also.push_back(budget_.groups[static_cast<size_t>(group)].max);
    }
    for (const int64_t units : also) {
      if (campaign.Allows(units) && units <= reach) levels.push_back(units);
    }
  }
  return absl::OkStatus();
}

void SearchGrid::AddFiner(const SearchGrid& former, const std::vector<int64_t>& units) {
  for (size_t c = 0; c < budget_.campaigns.size(); ++c) {
    const ResolvedCampaign& campaign = budget_.campaigns[c];
    std::vector<int64_t>& levels = levels_[c];
    levels.reserve(static_cast<size_t>(kFinerAmounts));
    levels.push_back(units[c]);
    if (!campaign.any_amount()) {
      levels = former.search().campaigns[c].spend;
      continue;
    }
    if (campaign.may_skip) levels.push_back(0);
    if (units[c] < campaign.min) {
      levels.push_back(campaign.min);
      continue;
    }
    const std::vector<int64_t>& old = former.search().campaigns[c].spend;
    const auto above = std::upper_bound(old.begin(), old.end(), units[c]);
    const auto below = std::lower_bound(old.begin(), old.end(), units[c]);
    const int64_t low = below == old.begin() ? units[c] : std::max(campaign.min, *(below - 1));
    const int64_t high = above == old.end() ? units[c] : *above;
    for (int64_t i = 1; i <= kFinerSteps; ++i) {
      levels.push_back(units[c] - (units[c] - low) * i / kFinerSteps);
      levels.push_back(units[c] + (high - units[c]) * i / kFinerSteps);
    }
  }
}

void SearchGrid::AddAhead(const SearchGrid& former, const std::vector<int64_t>& units) {
  for (size_t c = 0; c < budget_.campaigns.size(); ++c) {
    const ResolvedCampaign& campaign = budget_.campaigns[c];
    std::vector<int64_t>& levels = levels_[c];
    if (campaign.step == 0) {
      levels.push_back(units[c]);
      if (units[c] < campaign.min) levels.push_back(campaign.min);
      continue;
    }
    const std::vector<int64_t>& old = former.search().campaigns[c].spend;
    const int64_t ahead = StepsAhead(budget_, campaign, old.back());
    levels.reserve(old.size() + static_cast<size_t>(ahead));
    levels = old;
    for (int64_t i = 1; i <= ahead; ++i) levels.push_back(old.back() + i * campaign.step);
  }
}

absl::Status SearchGrid::Fill(const StopCheck& stop) {
  RareStopCheck rare(&stop, kAmountsBetweenStops);
  size_t count = 0;
  for (std::vector<int64_t>& levels : levels_) {
    ROICAST_RETURN_IF_ERROR(rare.Done(levels.size()));
    if (!std::is_sorted(levels.begin(), levels.end())) std::sort(levels.begin(), levels.end());
    levels.erase(std::unique(levels.begin(), levels.end()), levels.end());
    count += levels.size();
  }
  auto filled = std::make_shared<SearchedLevels>();
  std::vector<double> value;
  {
    Amounts amounts;
    amounts.campaign.reserve(count);
    amounts.units.reserve(count);
    for (size_t c = 0; c < levels_.size(); ++c) {
      for (const int64_t level : levels_[c]) amounts.Add(static_cast<int32_t>(c), level);
    }
    ROICAST_RETURN_IF_ERROR(outcomes_.Fill(amounts, filled->roi, value, stop));
  }
  SearchProblem& search = filled->search;
  search.groups = budget_.groups;
  search.budget = budget_.budget;
  search.exact = budget_.exact;
  search.memory = problem_.memory;
  search.campaigns.reserve(levels_.size());
  size_t next = 0;
  for (size_t c = 0; c < levels_.size(); ++c) {
    const ResolvedCampaign& campaign = budget_.campaigns[c];
    SearchCampaign& levels = search.campaigns.emplace_back();
    levels.group = campaign.group;
    levels.spend = std::move(levels_[c]);
    levels.value.assign(value.begin() + static_cast<int64_t>(next),
                        value.begin() + static_cast<int64_t>(next + levels.spend.size()));
    next += levels.spend.size();
    ROICAST_RETURN_IF_ERROR(rare.Done(levels.spend.size()));
    if (campaign.step > 0 || campaign.min == campaign.max) continue;
    levels.any_up_to = campaign.max;
    levels.any_from = campaign.may_skip && levels.spend.front() == 0 ? 1 : 0;
  }
  SetAim(search);
  searched_ = std::move(filled);
  return absl::OkStatus();
}

void SearchGrid::SetAim(SearchProblem& search) const {
  if (problem_.goal == BudgetGoal::kLeastBudget) {
    search.aim = SearchAim::kLeastSpend;
    search.target = problem_.target;
  } else if (problem_.goal == BudgetGoal::kTargetRoi) {
    search.aim = SearchAim::kRatio;
    search.target = (1.0 + problem_.target) * budget_.unit.unit() * (1.0 + kRatioTolerance);
  }
}

}  // namespace roicast
