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
constexpr int64_t kMostCells = 8 * kMaxBudgetCells;
constexpr double kRatioTolerance = 1e-12;

}  // namespace

// Not more than what is left when all others get their least.
int64_t SearchGrid::Reach(const ResolvedCampaign& campaign, int64_t least) const {
  if (budget_.budget >= kNoLimit) return campaign.max;
  return std::clamp(budget_.budget - (least - campaign.least()), campaign.min, campaign.max);
}

absl::Status SearchGrid::AddFirst(const std::vector<int64_t>& present) {
  int64_t least = 0, cells = 0;
  for (const ResolvedCampaign& campaign : budget_.campaigns) least += campaign.least();
  for (size_t c = 0; c < budget_.campaigns.size(); ++c) {
    const ResolvedCampaign& campaign = budget_.campaigns[c];
    std::vector<int64_t>& levels = levels_[c];
    if (campaign.may_skip) levels.push_back(0);
    const int64_t reach = Reach(campaign, least);
    if (campaign.step > 0) {
      cells += (reach - campaign.min) / campaign.step + 1;
      if (cells > kMostCells) {
        return absl::ResourceExhaustedError(absl::StrCat(problem_.NameOf(static_cast<int64_t>(c)),
                                                         ": step: expected at most ", kMostCells,
                                                         " amounts in all, got more; larger steps or a smaller max "
                                                         "make fewer"));
      }
      for (int64_t units = campaign.min; units <= reach; units += campaign.step) levels.push_back(units);
      continue;
    }
    const int64_t width = reach - campaign.min;
    for (int i = 0; i < problem_.levels; ++i) {
      const double share = std::pow(static_cast<double>(i) / (problem_.levels - 1), kDensity);
      levels.push_back(campaign.min + static_cast<int64_t>(std::llround(share * static_cast<double>(width))));
    }
    // Where limits of sums may hold a single campaign.
    std::vector<int64_t> also = {present[c], reach};
    if (campaign.group >= 0) {
      const SearchGroup& group = budget_.groups[static_cast<size_t>(campaign.group)];
      also.push_back(group.min);
      also.push_back(group.max);
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
    levels.push_back(units[c]);
    if (!campaign.any_amount()) {
      levels = former.levels_[c];
      continue;
    }
    if (campaign.may_skip) levels.push_back(0);
    if (units[c] < campaign.min) {
      levels.push_back(campaign.min);
      continue;
    }
    const std::vector<int64_t>& old = former.levels_[c];
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

absl::Status SearchGrid::Fill(const StopCheck& stop) {
  Amounts amounts;
  for (size_t c = 0; c < levels_.size(); ++c) {
    std::sort(levels_[c].begin(), levels_[c].end());
    levels_[c].erase(std::unique(levels_[c].begin(), levels_[c].end()), levels_[c].end());
    for (const int64_t level : levels_[c]) amounts.Add(static_cast<int32_t>(c), level);
  }
  std::vector<double> value;
  ROICAST_RETURN_IF_ERROR(outcomes_.Fill(amounts, roi_, value, stop));
  search_ = {};
  search_.groups = budget_.groups;
  search_.budget = budget_.budget;
  search_.exact = budget_.exact;
  size_t next = 0;
  for (size_t c = 0; c < levels_.size(); ++c) {
    const ResolvedCampaign& campaign = budget_.campaigns[c];
    SearchCampaign& levels = search_.campaigns.emplace_back();
    levels.group = campaign.group;
    levels.spend = levels_[c];
    levels.value.assign(value.begin() + static_cast<int64_t>(next),
                        value.begin() + static_cast<int64_t>(next + levels_[c].size()));
    next += levels_[c].size();
    if (campaign.step > 0 || campaign.min == campaign.max) continue;
    levels.any_up_to = campaign.max;
    levels.any_from = campaign.may_skip && levels.spend.front() == 0 ? 1 : 0;
  }
  SetAim();
  return absl::OkStatus();
}

void SearchGrid::SetAim() {
  if (problem_.goal == BudgetGoal::kLeastBudget) {
    search_.aim = SearchAim::kLeastSpend;
    search_.target = problem_.target;
  } else if (problem_.goal == BudgetGoal::kTargetRoi) {
    search_.aim = SearchAim::kRatio;
    search_.target = (1.0 + problem_.target) * budget_.unit.unit() * (1.0 + kRatioTolerance);
  }
}

}  // namespace roicast
