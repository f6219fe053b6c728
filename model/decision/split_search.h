// The best choice of one amount per campaign: a multiple-choice knapsack with nested groups. Numbers alone; knows no
// model.
//
// Prices from concave envelopes bound how much a choice can lose (Lagrangian relaxation; Sinha and Zoltners, "The
// Multiple-Choice Knapsack Problem", 1979). A dynamic programme over sums follows, which keeps only states whose loss
// against these prices can still be made good (Pisinger, "A Minimal Algorithm for the Multiple-Choice Knapsack
// Problem", 1995). It is exact as long as no more than `max_states` states are left at once, and otherwise goes on with
// those that have lost least; unless what a first pass with few states found is already within kNearBest of the bound.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "absl/status/statusor.h"
#include "base/memory_budget.h"
#include "base/stop_check.h"

namespace roicast {

// Of a value: what is nearer to the bound than this is the answer, where no better one can be found exactly.
inline constexpr double kNearBest = 2e-5;

inline constexpr int64_t kNoLimit = std::numeric_limits<int64_t>::max() / 4;

struct SearchCampaign {
  std::vector<int64_t> spend;      // ascending, not empty, in units
  std::vector<double> value = {};  // of each
  // The highest amount where all amounts between the levels are allowed, too, up to it (≥ spend.back()); −1: the levels
  // alone.
  int64_t any_up_to = -1;
  int any_from = 0;  // not from the levels before this one
  int group = -1;    // −1: none
};

struct SearchGroup {
  int64_t min = 0, max = kNoLimit;  // of the sum of its campaigns, those of groups within it included, if it has any
  int parent = -1;                  // the group that it is within, which comes before it; −1: none
};

// sums [groups]: adds what each group has to the one that it is within, so that sums of own campaigns become sums of
// all campaigns.
void AddToParents(const std::vector<SearchGroup>& groups, std::vector<int64_t>& sums);
// How many groups a campaign is in at most.
int DepthOfGroups(const std::vector<SearchGroup>& groups);

enum class SearchAim {
  kMostValue,   // with a sum of at most the budget
  kLeastSpend,  // with a value of at least `target`
  kRatio,       // the most value, with a value of at least target · sum
};

struct SearchProblem {
  std::vector<SearchCampaign> campaigns;
  std::vector<SearchGroup> groups;
  SearchAim aim = SearchAim::kMostValue;
  int64_t budget = kNoLimit;
  bool exact = false;  // kMostValue: the sum is the budget
  double target = 0.0;
  int64_t max_states = 0;  // 0: as many as give an answer within some tenths of a second
  // What states draw from; outlives the search.
  MemoryBudget* memory = MemoryBudget::Unlimited();
};

struct SearchResult {
  // Not found: no choice meets the limits (or, after states were dropped, none of those that were left).
  bool found = false;
  std::vector<int> level;  // per campaign
  int64_t spend = 0;
  double value = 0.0;
  // What the sum is short of the group's minimum, with the rests of groups within it placed, and of an exact budget
  // beyond that. It fits into the room that campaigns with any_up_to have above their levels, within the groups'
  // limits.
  std::vector<int64_t> group_rest;
  int64_t rest = 0;
  double price = 0.0;           // value per unit of spend at the margin, by the envelopes
  double at_most_missed = 0.0;  // kMostValue: no choice of levels has more than value + this. Else NaN
  int64_t work = 0;             // states that were looked at
};

// Errors: stop's; ResourceExhausted (memory).
absl::StatusOr<SearchResult> SearchSplit(const SearchProblem& problem, const StopCheck& stop);

}  // namespace roicast
